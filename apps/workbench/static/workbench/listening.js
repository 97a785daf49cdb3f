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

  const around = {
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

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || !event.data?.handOver) return;
    frame.contentWindow?.postMessage("taken", "*"); // it says it again until it is told: we may not have listened before
    if (held) return;
    const inHand = frame.dataset.url && frame.dataset.page; // a test has no page of its own
    if (!isOf(inHand, event.data.handOver)) {
      around.say(said.dataset.failed ?? "", false);
      return;
    }
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

  return around;
}

/**
 * Whether a frame hands over the form of the page around it: its own page may have kept another's id, or say anything.
 *
 * @param {string | undefined} page
 * @param {any} given
 */
function isOf(page, given) {
  const isPair = (/** @type {any} */ pair) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string");
  return (page === undefined || given.assignment === page) && Array.isArray(given.fields) && given.fields.every(isPair);
}
