/** Reminds who works on and on of a break: after so many minutes without a pause of five. */

const WORKING_SINCE = "labelcrowd.since";
const LAST_SIGN = "labelcrowd.sign";
const PAUSE = 5 * 60_000;

/**
 * @param {number} minutes
 * @param {() => void} remind Called once for each such stretch.
 * @returns {() => void} To be called at each sign of work.
 */
export function breaks(minutes, remind) {
  // Kept in the tab, for every page of questions takes the place of the one before.
  const read = (/** @type {string} */ name) => {
    try {
      return Number(sessionStorage.getItem(name) ?? 0);
    } catch {
      return 0; // a frame that may keep nothing
    }
  };
  const write = (/** @type {string} */ name, /** @type {number} */ value) => {
    try {
      sessionStorage.setItem(name, String(value));
    } catch {
      // Then a stretch is one page.
    }
  };
  let since = read(WORKING_SINCE);
  let last = read(LAST_SIGN);

  return () => {
    const now = Date.now();
    if (now - last < 1000) return;
    if (now - last > PAUSE || since === 0) {
      since = now;
      write(WORKING_SINCE, since);
    }
    last = now;
    write(LAST_SIGN, last);
    if (now - since < minutes * 60_000) return;
    since = now; // and again after as long
    write(WORKING_SINCE, since);
    remind();
  };
}
