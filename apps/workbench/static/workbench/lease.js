/** The time of a page: counted down from when it is shown, made longer by whoever asks for it or works on. */
import { clock } from "./clock.js";
import { post } from "./sending.js";

/** Milliseconds between two questions for more time that nobody wished for in words. */
const PAUSE = 10_000;
/** As many of its lengths as it can be extended to; the server's rule. */
const MOST_EXTENSIONS = 10;

/**
 * @param {HTMLFormElement} form
 * @param {object} page
 * @param {(sentence: string) => void} page.tell
 * @param {() => boolean} page.isOut Whether it is handed in, and its time is no matter any more.
 */
export function lease(form, { tell, isOut }) {
  const say = form.dataset;
  let isWarned = false;
  let isAsking = false;
  let canGrow = true;
  let isStopped = false;
  let lastAsked = Number.NEGATIVE_INFINITY;
  const shown = /** @type {HTMLElement} */ (document.getElementById("clock"));
  const ticking = clock(shown, told); // a late page is told at once

  /** @param {"soon" | "over"} event */
  function told(event) {
    isWarned = event === "soon";
    if (!isOut()) tell((isWarned ? say.saySoon : say.sayOver) ?? "");
  }

  /** It is not in hand any more; what was answered can be handed in all the same, where nobody else was asked. */
  function ended() {
    canGrow = false;
    ticking.set(0);
    if (!isOut()) tell(say.sayOver ?? "");
  }

  /** @param {{seconds_left: number, is_longest: boolean}} answer @param {boolean} isWished */
  function set(answer, isWished) {
    const isLonger = answer.seconds_left > ticking.left() + 1;
    canGrow = !answer.is_longest;
    ticking.set(answer.seconds_left);
    if (!canGrow && !isLonger) tell(say.sayNoMoreTime ?? "");
    else if (isWished || isWarned) tell(say.sayMoreTime ?? "");
    isWarned = false;
  }

  /** @param {boolean} isWished By pressing something, and not only by working on. */
  async function ask(isWished) {
    const answer = await post(say.extend ?? "");
    if (answer.ok) set(await answer.json(), isWished);
    else if (answer.status === 410) ended();
    else if (isWished) tell(say.sayFailed ?? "");
  }

  async function extend({ isWished = true } = {}) {
    if (isAsking || isOut() || !say.extend) return; // a preview has nothing to ask for
    isAsking = true;
    lastAsked = Date.now();
    await ask(isWished).catch(() => isWished && tell(say.sayNoConnection ?? ""));
    isAsking = false;
  }

  /**
   * Says that the page is shown, and that its time begins; where there is no connection, once there is one and what was
   * handed in before has arrived: so long ago its time began.
   * @param {string} url @param {() => Promise<unknown>} flush
   */
  async function begin(url, flush, since = Date.now()) {
    if (isStopped) return;
    try {
      const ago = Math.max(0, Date.now() - since) / 1000;
      const answer = await post(url, { json: { seconds_ago: ago } });
      if (isStopped) return;
      if (answer.ok) ticking.set((await answer.json()).seconds_left);
      else if (answer.status === 410) ended();
    } catch {
      // It is held for us at least as long as the clock here says.
      window.addEventListener("online", () => flush().then(() => begin(url, flush, since)), { once: true });
    }
  }

  return {
    begin,
    extend,
    /** Milliseconds for which it can be in hand at most. */
    longest: Number(shown.dataset.lease) * MOST_EXTENSIONS * 1000,
    isOver: () => ticking.left() === 0,
    /** Who works on gets more time without asking. */
    onSign() {
      const isDue = ticking.isSoon() && ticking.left() > 0 && canGrow;
      if (isDue && Date.now() - lastAsked > PAUSE) extend({ isWished: false });
    },
    stop() {
      isStopped = true;
      ticking.stop();
    },
  };
}
