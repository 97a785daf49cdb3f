/** What MTurk's externalHIT_v1.js did for requesters' pages: fills in the assignment, and keeps a preview from being sent. */

/** @param {string} name */
function turkGetParam(name) {
  return new URLSearchParams(location.search).get(name) ?? "";
}

function turkGetSubmitToHost() {
  return turkGetParam("turkSubmitTo");
}

function turkSetAssignmentID() {
  const assignment = turkGetParam("assignmentId");
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[name=assignmentId]"))) {
    field.value = assignment;
  }
  const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("submitButton"));
  if (button && assignment === "ASSIGNMENT_ID_NOT_AVAILABLE") button.disabled = true;
}

Object.assign(globalThis, { turkGetParam, turkGetSubmitToHost, turkSetAssignmentID });
