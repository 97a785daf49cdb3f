/**
 * Lets a reviewer decide by keys, each of which can be changed: buttons say which is their own. A rejection goes to its
 * reason first; two keys walk through the answers, and what is done to an answer is done to the one looked at, or the
 * first.
 */

import { keyList } from "../core/keylist.js";
import { keymapOf } from "../core/keymap.js";
import { latin } from "../core/latin.js";
import { isMeant } from "./keys.js";

const KEYS = keymapOf("review-keys", {
  approve: "a",
  reject: "r",
  another: "n",
  next: "j",
  before: "k",
  correct: "c",
  accept: "s",
  help: "?",
});
/** @typedef {keyof ReturnType<typeof KEYS.keymap>} Action */

const reason = document.querySelector("textarea[name=reason]");
const answers = [...document.querySelectorAll(".console-answer")].filter((one) => one instanceof HTMLElement);
const dialog = /** @type {HTMLDialogElement} */ (document.querySelector("#keys"));

/** The answer that is looked at: one that has the focus, or that the address names. */
function here() {
  const named =
    location.hash && document.activeElement === document.body ? document.getElementById(location.hash.slice(1)) : null;
  return answers.findIndex((one) => one === named || one.contains(document.activeElement));
}

/** @param {number} step */
function walk(step) {
  answers[Math.max(0, Math.min(answers.length - 1, here() + step))]?.focus();
}

/** Presses what an answer has for it. @param {Action} action */
function onAnswer(action) {
  const pressed = answers[Math.max(0, here())]?.querySelector(`[data-does=${action}]`);
  if (pressed instanceof HTMLElement) pressed.click();
}

/** Presses what the page has for it. @param {Action} action */
function onPage(action) {
  const pressed = document.querySelector(`[data-does=${action}]`);
  if (!(pressed instanceof HTMLElement)) return;
  if (action === "reject" && reason instanceof HTMLTextAreaElement && reason.value.trim() === "") reason.focus();
  else pressed.click();
}

/** @type {Record<Action, () => void>} */
const DOES = {
  approve: () => onPage("approve"),
  reject: () => onPage("reject"),
  another: () => onPage("another"),
  next: () => walk(1),
  before: () => walk(-1),
  correct: () => onAnswer("correct"),
  accept: () => onAnswer("accept"),
  help: () => dialog.showModal(),
};

/** Writes the keys in force on what they press. @param {Record<Action, string>} map */
function hint(map) {
  for (const pressed of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-does]"))) {
    const key = map[/** @type {Action} */ (pressed.dataset.does)];
    pressed.setAttribute("aria-keyshortcuts", key);
    const shown = pressed.querySelector("kbd");
    if (shown) shown.textContent = key;
  }
  for (const shown of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("kbd[data-hint]"))) {
    shown.textContent = map[/** @type {Action} */ (shown.dataset.hint)];
  }
}

keyList(dialog, KEYS, hint);
document.querySelector("#keys-button")?.addEventListener("click", () => dialog.showModal());
document.addEventListener("keydown", (event) => {
  if (!isMeant(event) || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  const { target } = event;
  if (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement
  )
    return;
  const action = KEYS.actionOf(event.key) ?? KEYS.actionOf(latin(event));
  if (!action) return;
  event.preventDefault();
  DOES[action]();
});
