/** The page around a requester's frame: takes what the frame's form held, and says in its place what becomes of it. */

/** @typedef {{assignment: string, fields: [string, string][]}} Held What the form held, and of which page it is. */

/**
 * @param {HTMLIFrameElement} frame
 * @param {(held: Held) => void} handIn
 */
export function listening(frame, handIn) {
  const said = /** @type {HTMLElement} */ (document.getElementById("said"));
  const sentence = /** @type {HTMLElement} */ (document.getElementById("sentence"));
  const again = /** @type {HTMLButtonElement} */ (document.getElementById("again"));
  const back = /** @type {HTMLButtonElement} */ (document.getElementById("back"));
  /** @type {Held | null} What the form held last. */
  let held = null;

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || !event.data?.handOver) return;
    frame.contentWindow?.postMessage("taken", "*"); // it says it again until it is told: we may not have listened before
    if (held) return;
    held = /** @type {Held} */ (event.data.handOver);
    said.hidden = true;
    handIn(held);
  });
  again.addEventListener("click", () => {
    said.hidden = true;
    if (held) handIn(held);
  });
  back.addEventListener("click", () => {
    said.hidden = true;
    held = null;
    frame.hidden = false;
    frame.src = frame.getAttribute("src") ?? "";
  });

  return {
    said,
    /** @param {string} text @param {boolean} mayTryAgain @param {boolean} [mayGoBack] */
    say(text, mayTryAgain, mayGoBack = true) {
      sentence.textContent = text;
      again.hidden = !mayTryAgain;
      back.hidden = !mayGoBack;
      said.hidden = false;
      frame.hidden = true; // what it says, that this is being handed in, is not so
      said.scrollIntoView({ block: "nearest" });
    },
  };
}
