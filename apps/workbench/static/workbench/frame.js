/** The page around a requester's frame: takes what the frame's form held, and hands it in for the worker; in a preview it says that nothing is sent. */

import { post } from "./sending.js";

const frame = /** @type {HTMLIFrameElement | null} */ (document.getElementById("frame"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const sentence = /** @type {HTMLElement} */ (document.getElementById("sentence"));
const again = /** @type {HTMLButtonElement} */ (document.getElementById("again"));
const back = /** @type {HTMLButtonElement} */ (document.getElementById("back"));
const gone = new Set([404, 409, 410]); // nothing that the form could mend: the page itself says what became of it

/** @type {unknown} What the form held last. */
let held = null;

/** @param {string} text @param {boolean} mayTryAgain */
function say(text, mayTryAgain) {
  sentence.textContent = text;
  again.hidden = !mayTryAgain;
  said.hidden = false;
  if (frame) frame.hidden = true; // what it says, that this is being handed in, is not so
  said.scrollIntoView({ block: "nearest" });
}

async function handIn() {
  said.hidden = true;
  if (frame?.dataset.sayPreview) {
    say(frame.dataset.sayPreview, false);
    return;
  }
  const address = frame?.dataset.page ?? "";
  let answer;
  try {
    answer = await post(frame?.dataset.handIn ?? "", { json: held });
  } catch {
    say(said.dataset.offline ?? "", true);
    return;
  }
  if (answer.ok || gone.has(answer.status)) location.assign(address);
  else {
    const told = await answer.json().catch(() => ({}));
    say(told.sentence ?? said.dataset.failed ?? "", answer.status >= 500);
  }
}

addEventListener("message", (event) => {
  if (event.source !== frame?.contentWindow || !event.data?.handOver) return;
  frame?.contentWindow?.postMessage("taken", "*"); // it says it again until it is told: we may not have listened before
  if (held) return;
  held = event.data.handOver;
  handIn();
});
again?.addEventListener("click", handIn);
back?.addEventListener("click", () => {
  said.hidden = true;
  if (!frame) return;
  held = null;
  frame.hidden = false;
  frame.src = frame.getAttribute("src") ?? "";
});
