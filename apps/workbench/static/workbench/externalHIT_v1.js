/**
 * What MTurk's externalHIT_v1.js did for requesters' pages: says what the address holds, points the form to where it is
 * sent, fills in the assignment, and keeps a preview from being sent. Names and defaults are those that pages use.
 */
{
  const loadedFrom = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;

  /**
   * Returns a parameter of the address as it is written there, `missing` where there is none.
   * @param {string} name @param {string} [missing]
   */
  const turkGetParam = (name, missing) => {
    const begin = `${name}=`;
    const found = location.search
      .slice(1)
      .split("&")
      .find((part) => part.startsWith(begin));
    return found === undefined ? missing : found.slice(begin.length);
  };

  /** @param {string} text */
  const decode = (text) => unescaped(text.replace(/\+/g, " "));

  /** @param {string} text */
  function unescaped(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // it was not escaped
    }
  }

  const turkGetSubmitToHost = () => {
    const host = decode(turkGetParam("turkSubmitTo") ?? "");
    // An address of another sort would be run, not sent to.
    return /^(https?:)?\/\//i.test(host) ? host.replace(/\/+$/, "") : new URL(loadedFrom).origin;
  };

  /** @param {string} [formName] @param {string} [buttonName] Both are ids. */
  const turkSetAssignmentID = (formName, buttonName) => {
    const assignment = turkGetParam("assignmentId", "") ?? "";
    for (const field of document.querySelectorAll("#assignmentId, [name=assignmentId]")) {
      if (field instanceof HTMLInputElement) field.value = assignment;
    }
    const button = document.getElementById(buttonName ?? "submitButton");
    if (button && assignment === "ASSIGNMENT_ID_NOT_AVAILABLE") disable(button);
    const form = document.getElementById(formName ?? "mturk_form");
    // By the attribute: a field that is called action would stand for the property.
    form?.setAttribute("action", `${turkGetSubmitToHost()}/mturk/externalSubmit`);
  };

  /** @param {HTMLElement} button */
  function disable(button) {
    const said = button.dataset.sayPreview ?? "You must ACCEPT the HIT before you can submit the results.";
    if (button instanceof HTMLInputElement) button.value = said;
    else button.textContent = said;
    button.setAttribute("disabled", "");
  }

  Object.assign(globalThis, { turkGetParam, turkGetSubmitToHost, turkSetAssignmentID, decode });
}
