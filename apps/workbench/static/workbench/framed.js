/**
 * A page in hand whose question is a requester's own page in a frame. What its form held goes through the outbox, as the
 * answers of every page do; its time is told and made longer as theirs. What is typed inside the frame, and that somebody
 * is at work there, can't be seen from here: so there are no drafts, and no time that grows by itself.
 */
import { lease } from "./lease.js";
import { listening } from "./listening.js";

/**
 * @param {HTMLIFrameElement} frame
 * @param {import("./outbox.js").Outbox} box
 */
export async function framed(frame, box) {
  const { page = "", url = "", handIn = "" } = frame.dataset;
  const form = /** @type {HTMLFormElement} */ (document.getElementById("time"));
  const told = /** @type {HTMLElement} */ (document.getElementById("told"));
  let isOut = false;
  const time = lease(form, { tell, isOut: () => isOut });
  const { say, said } = listening(frame, take);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    time.extend();
  });
  const before = await box.find(page);
  if (before?.problems) await comeBack(before.problems);
  else if (before && before.lost === undefined) await wait();

  /** @param {string} sentence */
  function tell(sentence) {
    told.textContent = sentence;
  }

  /** @param {import("./listening.js").Held} held */
  async function take(held) {
    isOut = true;
    tell("");
    await box.add({ page, url, submit: handIn, answers: { form: { answer: held.fields } }, held });
    await wait();
  }

  /** Waits for the server's word, and goes where it leads. */
  async function wait() {
    isOut = true;
    const settled = box.settled(page);
    await box.flush();
    const entry = await box.find(page);
    if (entry && !entry.problems && entry.lost === undefined) say(said.dataset.kept ?? "", false, false);
    const fate = await settled;
    if (fate === "refused") await comeBack((await box.find(page))?.problems ?? {});
    else location.assign(fate === "lost" ? `${url}?over` : url);
  }

  /** The server could not take it as it is: it is this page again. @param {Record<string, string>} problems */
  async function comeBack(problems) {
    await box.takeBack(page);
    isOut = false;
    say(Object.values(problems).join(" ") || (said.dataset.failed ?? ""), false);
  }
}
