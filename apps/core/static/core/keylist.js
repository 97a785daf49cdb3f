/** A list of keys in which another one can be chosen for each action: rows are marked with `data-action`. */
import { latin } from "./latin.js";

/**
 * @template {string} Action
 * @param {HTMLDialogElement} dialog
 * @param {ReturnType<typeof import("./keymap.js").keymapOf<Action>>} keys
 * @param {(map: Record<Action, string>) => void} onDraw Called with the keys in force, at first and after each change.
 * @returns {() => void} Draws the list again.
 */
export function keyList(dialog, keys, onDraw) {
  const said = /** @type {HTMLElement} */ (dialog.querySelector("[data-keys-said]"));
  const say = dialog.dataset;
  const usually = said.textContent;
  /** @type {HTMLButtonElement | null} The button that waits for a key. */
  let waiting = null;

  for (const row of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll("[data-action]"))) {
    row.querySelector("dt")?.replaceChildren(keyButton(row));
  }
  dialog.querySelector("[data-usual-keys]")?.addEventListener("click", () => {
    keys.usualKeys();
    draw();
  });
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
    const map = keys.keymap();
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll(".lc-key-button"))) {
      const key = map[/** @type {Action} */ (button.dataset.action)];
      const what = button.closest("div")?.querySelector("dd")?.textContent;
      const shown = document.createElement("kbd");
      shown.className = "lc-key";
      shown.textContent = button === waiting ? "…" : key;
      button.replaceChildren(shown);
      button.setAttribute("aria-label", `${key}: ${what}. ${say.sayChange}`);
    }
    onDraw(map);
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
    const problem = keys.rebind(/** @type {Action} */ (button.dataset.action), latin(event));
    if (problem === "") return wait(null);
    const sentence = (problem === "taken" ? say.sayTaken : say.sayUnfit) ?? "";
    said.textContent = sentence.replace("%(key)s", latin(event));
  }

  return draw;
}
