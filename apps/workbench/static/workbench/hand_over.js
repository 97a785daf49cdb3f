/** Gives what the requester's form held to the page around the frame: a classic script, for it runs in no origin. */

const AGAIN = 500; // ms: the page around it may not listen yet

const held = JSON.parse(document.getElementById("given")?.textContent ?? "{}");

function handOver() {
  window.parent.postMessage({ handOver: { assignment: held.assignment, fields: held.fields } }, held.to);
}

const asking = setInterval(handOver, AGAIN);
addEventListener("message", (event) => {
  if (event.source === window.parent && event.data === "taken") clearInterval(asking);
});
handOver();
