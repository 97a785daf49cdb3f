/** Seconds before the end at which a worker is told. */
const SOON = 120;

/**
 * Counts the time left down, and says once when it is nearly over and once when it is.
 * @param {HTMLElement} place Has the end in data-until.
 * @param {(event: "soon" | "over") => void} tell
 * @returns {{until: (end: Date) => void, stop: () => void}}
 */
export function clock(place, tell) {
  let end = new Date(place.dataset.until ?? "");
  let told = Number.POSITIVE_INFINITY;

  function tick() {
    const left = Math.max(0, Math.round((end.getTime() - Date.now()) / 1000));
    place.textContent = written(left);
    place.classList.toggle("lc-soon", left <= SOON);
    if (left <= SOON && told > SOON && left > 0) tell("soon");
    if (left === 0 && told > 0) tell("over");
    told = left;
  }

  tick();
  const timer = setInterval(tick, 1000);
  return {
    until(later) {
      end = later;
      tick();
    },
    stop: () => clearInterval(timer),
  };
}

/** @param {number} seconds */
function written(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((part, n) => (n === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
