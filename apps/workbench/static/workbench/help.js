/** The list of keys, in which another key can be chosen for each action, and single keys be switched off. */
import { keyList } from "../core/keylist.js";
import { letSingleKeysWork, singleKeysWork } from "../core/keymap.js";
import { bake, prefer, preference } from "../core/prefs.js";
import { SAVES_DATA } from "./ahead.js";
import { KEYS } from "./keymap.js";

const BY_ITSELF = "go-on-by-itself";

/** Whether choosing the one answer by its key also goes to the next question. */
export function goesOnByItself() {
  return preference(BY_ITSELF) !== "";
}

/** Kept here for what this page fetches, and told to the server for the pictures that it shows. @param {boolean} isOn */
function saveData(isOn) {
  prefer(SAVES_DATA, isOn ? "1" : "");
  const ends = isOn ? 365 * 24 * 3600 : 0;
  bake(`saves-data=on; path=/work; max-age=${ends}; samesite=lax`);
}

/**
 * Writes the keys in force on what they press, and takes those away that an answer on this page has.
 * @param {Record<import("./keymap.js").Action, string>} map
 * @param {string[]} taken Keys of answers: they go before.
 */
function hint(map, taken) {
  document.documentElement.classList.toggle("lc-no-single-keys", !singleKeysWork());
  for (const shown of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-hint]"))) {
    const key = map[/** @type {import("./keymap.js").Action} */ (shown.dataset.hint)];
    shown.textContent = key;
    shown.hidden = taken.includes(key);
  }
}

/**
 * @param {object} page
 * @param {string[]} page.taken Keys of answers on this page.
 * @param {AbortSignal} page.signal Ends it.
 * @returns {HTMLDialogElement}
 */
export function help({ taken, signal }) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("help"));
  const draw = keyList(dialog, KEYS, (map) => hint(map, taken));
  const singles = /** @type {HTMLInputElement} */ (document.getElementById("single-keys"));
  const byItself = /** @type {HTMLInputElement} */ (document.getElementById("go-on-by-itself"));
  const saves = /** @type {HTMLInputElement} */ (document.getElementById("saves-data"));
  saves.checked = preference(SAVES_DATA) !== "";
  singles.checked = singleKeysWork();
  byItself.checked = goesOnByItself();
  const changed = () => {
    letSingleKeysWork(singles.checked);
    prefer(BY_ITSELF, byItself.checked ? "1" : "");
    saveData(saves.checked);
    draw();
  };
  singles.addEventListener("change", changed, { signal });
  byItself.addEventListener("change", changed, { signal });
  saves.addEventListener("change", changed, { signal });
  document.getElementById("help-button")?.addEventListener("click", () => dialog.showModal(), { signal });
  return dialog;
}
