/** Which key does what: the usual ones, and what a person chose instead of them in this browser. */
import { prefer, preference } from "./prefs.js";

const OFF = "single-keys-off";
const CHOSEN = "keys";

export const USUAL = {
  next: "j",
  before: "k",
  skip: "s",
  broken: "b",
  guidelines: "h",
  time: "t",
  help: "?",
};

/** @typedef {keyof typeof USUAL} Action */

/** @returns {Record<Action, string>} */
export function keymap() {
  try {
    return { ...USUAL, ...JSON.parse(preference(CHOSEN) || "{}") };
  } catch {
    return { ...USUAL };
  }
}

/**
 * Gives an action another key. Returns what stands in the way, '' where nothing does.
 * @param {Action} action
 * @param {string} key
 * @returns {"" | "taken" | "unfit"}
 */
export function rebind(action, key) {
  const pressed = key.toLowerCase();
  if ([...pressed].length !== 1 || pressed === " ") return "unfit";
  const map = keymap();
  if (Object.entries(map).some(([other, taken]) => taken === pressed && other !== action)) return "taken";
  map[action] = pressed;
  prefer(CHOSEN, JSON.stringify(map));
  return "";
}

export function usualKeys() {
  prefer(CHOSEN, "");
}

/**
 * Returns what a key does, undefined where it does nothing.
 * @param {string} key
 * @returns {Action | undefined}
 */
export function actionOf(key) {
  const found = Object.entries(keymap()).find(([, taken]) => taken === key.toLowerCase());
  return /** @type {Action | undefined} */ (found?.[0]);
}

export function singleKeysWork() {
  return preference(OFF) === "";
}

/** @param {boolean} work */
export function letSingleKeysWork(work) {
  prefer(OFF, work ? "" : "1");
}
