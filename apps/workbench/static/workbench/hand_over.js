/** Gives what the requester's form held to the page around the frame: a classic script, for it runs in no origin. */

const AGAIN = 500; // ms: the page around it may not listen yet
const SILENT = 10_000; // ms, after which nobody listens

const held = JSON.parse(document.getElementById("given")?.textContent ?? "{}");

function handOver() {
  window.parent.postMessage({ handOver: { assignment: held.assignment, fields: held.fields } }, held.to);
}

/** Says that nobody takes it: it is shown in no frame, or in one of a page that is none of ours. */
function standAlone() {
  const said = document.getElementById("said");
  if (said) said.textContent = said.dataset.alone ?? "";
}

const asking = setInterval(handOver, AGAIN);
const waiting = setTimeout(standAlone, window.parent === window ? 0 : SILENT);
addEventListener("message", (event) => {
  if (event.source !== window.parent || event.data !== "taken") return;
  clearInterval(asking);
  clearTimeout(waiting);
});
handOver();
