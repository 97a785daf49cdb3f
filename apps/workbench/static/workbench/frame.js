/** Around a requester's frame that is no page in hand: a test is handed in as it comes, a preview says that nothing is. */
import { listening } from "./listening.js";
import { post } from "./sending.js";

const frame = document.getElementById("frame");
const gone = new Set([404, 409, 410]); // nothing that the form could mend: the page itself says what became of it

if (frame instanceof HTMLIFrameElement) around(frame);

/** @param {HTMLIFrameElement} frame */
function around(frame) {
  const { say, said } = listening(frame, handIn);

  /** @param {import("./listening.js").Held} held */
  async function handIn(held) {
    if (frame.dataset.sayPreview) return say(frame.dataset.sayPreview, false);
    let answer;
    try {
      answer = await post(frame.dataset.handIn ?? "", { json: held });
    } catch {
      return say(said.dataset.offline ?? "", true);
    }
    if (answer.ok || gone.has(answer.status)) return location.assign(frame.dataset.page ?? "");
    const told = await answer.json().catch(() => ({}));
    say(told.sentence ?? said.dataset.failed ?? "", answer.status >= 500);
  }
}
