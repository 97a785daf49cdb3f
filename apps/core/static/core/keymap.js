/** Which key does what: the usual ones, and what a person chose instead of them in this browser. */
import { prefer, preference } from "./prefs.js";

const OFF = "single-keys-off";

/**
 * @template {string} Action
 * @param {string} name Under which the person's choice is kept.
 * @param {Record<Action, string>} usual
 */
export function keymapOf(name, usual) {
  /** @returns {Record<Action, string>} */
  function keymap() {
    try {
      return { ...usual, ...JSON.parse(preference(name) || "{}") };
    } catch {
      return { ...usual };
    }
  }

  return {
    keymap,

    /**
     * Gives an action another key. Returns what stands in the way, '' where nothing does.
     * @param {Action} action
     * @param {string} key
     * @returns {"" | "taken" | "unfit"}
     */
    rebind(action, key) {
      const pressed = key.toLowerCase();
      if ([...pressed].length !== 1 || pressed === " ") return "unfit";
      const map = keymap();
      if (Object.entries(map).some(([other, taken]) => taken === pressed && other !== action)) return "taken";
      map[action] = pressed;
      prefer(name, JSON.stringify(map));
      return "";
    },

    usualKeys: () => prefer(name, ""),

    /**
     * Returns what a key does, undefined where it does nothing.
     * @param {string} key
     * @returns {Action | undefined}
     */
    actionOf(key) {
      const found = Object.entries(keymap()).find(([, taken]) => taken === key.toLowerCase());
      return /** @type {Action | undefined} */ (found?.[0]);
    },
  };
}

/** Whether single keys do anything: whoever dictates, or hits keys by mistake, switches them off in this browser. */
export function singleKeysWork() {
  return preference(OFF) === "";
}

/** @param {boolean} work */
export function letSingleKeysWork(work) {
  prefer(OFF, work ? "" : "1");
}
