/** The list of keys, in which another key can be chosen for each action, and single keys be switched off. */
import { SAVES_DATA } from "./ahead.js";
import { keymap, letSingleKeysWork, rebind, singleKeysWork, usualKeys } from "./keymap.js";
import { prefer, preference } from "./prefs.js";

const BY_ITSELF = "go-on-by-itself";

/** Whether choosing the one answer by its key also goes to the next question. */
export function goesOnByItself() {
  return preference(BY_ITSELF) !== "";
}

/** Kept here for what this page fetches, and told to the server for the pictures that it shows. @param {boolean} isOn */
function saveData(isOn) {
  prefer(SAVES_DATA, isOn ? "1" : "");
  const ends = isOn ? 365 * 24 * 3600 : 0;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
  document.cookie = `saves-data=on; path=/work; max-age=${ends}; samesite=lax`;
}

/**
 * Writes the keys in force on what they press, and takes those away that an answer on this page has.
 * @param {string[]} taken Keys of answers: they go before.
 */
function hint(taken) {
  const map = keymap();
  const root = document.documentElement;
  root.classList.toggle("lc-no-single-keys", !singleKeysWork());
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
  const said = /** @type {HTMLElement} */ (document.getElementById("help-said"));
  const say = dialog.dataset;
  const usually = said.textContent;
  /** @type {HTMLButtonElement | null} The button that waits for a key. */
  let waiting = null;

  for (const row of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll("[data-action]"))) {
    row.querySelector("dt")?.replaceChildren(keyButton(row));
  }
  draw();

  /** @param {HTMLElement} row */
  function keyButton(row) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "lc-key-button";
    button.dataset.action = row.dataset.action;
    button.addEventListener("click", () => wait(button));
    button.addEventListener("keydown", (event) => pressed(event, button));
    button.addEventListener("blur", () => wait(null));
    return button;
  }

  function draw() {
    const map = keymap();
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll(".lc-key-button"))) {
      const key = map[/** @type {import("./keymap.js").Action} */ (button.dataset.action)];
      const what = button.closest("div")?.querySelector("dd")?.textContent;
      const shown = document.createElement("kbd");
      shown.className = "lc-key";
      shown.textContent = button === waiting ? "…" : key;
      button.replaceChildren(shown);
      button.setAttribute("aria-label", `${key}: ${what}. ${say.sayChange}`);
    }
    hint(taken);
  }

  /** @param {HTMLButtonElement | null} button */
  function wait(button) {
    waiting = button;
    said.textContent = button ? (say.sayPress ?? "") : usually;
    draw();
  }

  /** @param {KeyboardEvent} event @param {HTMLButtonElement} button */
  function pressed(event, button) {
    if (button !== waiting || ["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return wait(null);
    const action = /** @type {import("./keymap.js").Action} */ (button.dataset.action);
    const problem = rebind(action, event.key);
    if (problem === "") return wait(null);
    const sentence = (problem === "taken" ? say.sayTaken : say.sayUnfit) ?? "";
    said.textContent = sentence.replace("%(key)s", event.key);
  }

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
  document.getElementById("usual-keys")?.addEventListener(
    "click",
    () => {
      usualKeys();
      draw();
    },
    { signal },
  );
  document.getElementById("help-button")?.addEventListener("click", () => dialog.showModal(), { signal });
  return dialog;
}
