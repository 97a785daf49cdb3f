/** How long was worked on a page: the time with signs of it, and half a minute after each, while the page is seen. */

const PAUSE = 30_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "input", "timeupdate"];

/**
 * @param {object} options
 * @param {number} [options.before] Seconds worked on it before this was started.
 * @param {() => void} [options.onSign] Called at each sign of work.
 */
export function activity({ before = 0, onSign } = {}) {
  const listening = new AbortController();
  let worked = before * 1000;
  let last = document.hidden ? null : Date.now();

  function count() {
    const now = Date.now();
    if (last !== null) worked += Math.max(0, Math.min(now - last, PAUSE));
    last = document.hidden ? null : now;
  }

  function sign() {
    count();
    onSign?.();
  }

  // Captured, because playing media and scrolling parts say so to nobody but themselves.
  for (const name of SIGNS) {
    document.addEventListener(name, sign, { capture: true, passive: true, signal: listening.signal });
  }
  document.addEventListener("visibilitychange", count, { signal: listening.signal });

  return {
    seconds() {
      const since = last === null ? 0 : Math.min(Date.now() - last, PAUSE);
      return Math.round((worked + Math.max(0, since)) / 100) / 10;
    },
    stop: () => listening.abort(),
  };
}
