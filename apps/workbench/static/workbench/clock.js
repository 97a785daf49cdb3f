/** Seconds before the end at which a worker is told, where the page had that long. */
const SOON = 120;
/** More than this needs no thought. */
const PLENTY = 600;
/** Never fewer: what it takes to hear the warning and to act on it (WCAG 2.2.1). */
const LEAST = 20;

/**
 * Counts the time left down, and says once when it is nearly over and once when it is. It counts what is left and not
 * to a time of day, because the device's own may be wrong.
 * @param {HTMLElement} root Has the seconds left in data-left, and those of the whole time in data-lease.
 * @param {(event: "soon" | "over") => void} tell
 */
export function clock(root, tell) {
  const whole = Number(root.dataset.lease);
  const soon = Math.max(LEAST, Math.min(SOON, whole / 4));
  let end = 0;
  let told = Number.POSITIVE_INFINITY;

  const left = () => Math.max(0, Math.round((end - Date.now()) / 1000));

  function tick() {
    const seconds = left();
    root.textContent = written(seconds);
    root.classList.toggle("lc-soon", seconds <= soon);
    root.classList.toggle("lc-plenty", seconds > PLENTY);
    if (seconds <= soon && told > soon && seconds > 0) tell("soon");
    if (seconds === 0 && told > 0) tell("over");
    told = seconds;
  }

  /** @param {number} seconds */
  function set(seconds) {
    end = Date.now() + seconds * 1000;
    tick();
  }

  set(Number(root.dataset.left));
  const timer = setInterval(tick, 1000);
  return {
    set,
    left,
    isSoon: () => left() <= soon,
    stop: () => clearInterval(timer),
  };
}

/** @param {number} seconds */
function written(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((part, n) => (n === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
