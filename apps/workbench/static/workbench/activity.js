/**
 * How long was worked on a page: the time with signs of it, and half a minute after each, while the page is seen. And how
 * often keys and pointers were pressed, and the page was left; never which, or where.
 */

const PAUSE = 30_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "input", "timeupdate"];

/** @typedef {{keys: number, presses: number, leaves: number}} Signs */

/**
 * @param {object} options
 * @param {number} [options.before] Seconds worked on it before this was started.
 * @param {Signs} [options.signs] What was counted before.
 * @param {() => void} [options.onSign] Called at each sign of work.
 */
export function activity({ before = 0, signs = { keys: 0, presses: 0, leaves: 0 }, onSign } = {}) {
  const counted = { ...signs };
  const listening = new AbortController();
  let worked = before * 1000;
  let last = document.hidden ? null : Date.now();

  function count() {
    const now = Date.now();
    if (last !== null) worked += Math.max(0, Math.min(now - last, PAUSE));
    last = document.hidden ? null : now;
  }

  /** @param {Event} event */
  function sign(event) {
    if (event.type === "keydown" && !(/** @type {KeyboardEvent} */ (event).repeat)) counted.keys += 1;
    if (event.type === "pointerdown") counted.presses += 1;
    count();
    onSign?.();
  }

  // Captured, because playing media and scrolling parts say so to nobody but themselves.
  for (const name of SIGNS) {
    document.addEventListener(name, sign, { capture: true, passive: true, signal: listening.signal });
  }
  function seenOrNot() {
    if (document.hidden) counted.leaves += 1;
    count();
  }

  document.addEventListener("visibilitychange", seenOrNot, { signal: listening.signal });

  return {
    seconds() {
      const since = last === null ? 0 : Math.min(Date.now() - last, PAUSE);
      return Math.round((worked + Math.max(0, since)) / 100) / 10;
    },
    /** @returns {Signs} */
    signs: () => ({ ...counted }),
    stop: () => listening.abort(),
  };
}
