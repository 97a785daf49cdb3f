/** The keys of a page. Single ones can be changed or switched off (WCAG 2.1.4), and never act where text is written. */
import { singleKeysWork } from "../core/keymap.js";
import { latin } from "../core/latin.js";
import { goesOnByItself, help } from "./help.js";
import { actionOf } from "./keymap.js";

/**
 * @param {object} page
 * @param {import("./place.js").Place[]} page.places
 * @param {() => void} page.submit
 * @param {() => void} page.extend
 * @param {() => void} page.guidelines Opens or closes them.
 * @returns {() => void} Takes the keys away again.
 */
export function keys({ places, submit, extend, guidelines }) {
  const listening = new AbortController();
  const { signal } = listening;
  const dialog = help({ taken: places.flatMap((place) => place.keys), signal });

  /** The question that has the focus, else the first one without an answer. */
  const current = () =>
    places.find((place) => place.root.contains(document.activeElement)) ??
    places.find((place) => !place.isDone()) ??
    places[0];

  /** @param {number} steps */
  function move(steps) {
    const inside = places.findIndex((place) => place.root.contains(document.activeElement));
    const from = inside === -1 && steps > 0 ? -1 : inside;
    places[Math.min(Math.max(from + steps, 0), places.length - 1)].focus();
  }

  /** To the next question without an answer; who goes on from one that has the focus takes what it began with. */
  function goOn() {
    const here = places.findIndex((place) => place.root.contains(document.activeElement));
    if (here !== -1 && !places[here].check()) return;
    const next = [...places.slice(here + 1), ...places.slice(0, here + 1)].find((one) => !one.isDone());
    if (next) next.focus();
    else submit();
  }

  /** @type {Record<import("./keymap.js").Action, () => void>} */
  const does = {
    next: () => move(1),
    before: () => move(-1),
    skip: () => current().toggle("skip"),
    broken: () => current().toggle("broken"),
    time: extend,
    guidelines,
    help: () => dialog.showModal(),
  };

  /** @param {KeyboardEvent} event Whether it was for us. */
  function act(event) {
    if (event.key === "Enter") return entered(event);
    if (event.ctrlKey || event.metaKey || !singleKeysWork() || takesText(event.target)) return false;
    if (current().press(latin(event))) {
      if (goesOnByItself() && document.activeElement?.matches("input[type=radio]")) goOn();
      return true;
    }
    const action = actionOf(event.key) ?? actionOf(latin(event)); // one that somebody chose may be of any script
    if (action) does[action]();
    return action !== undefined;
  }

  /** @param {KeyboardEvent} event */
  function entered(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.repeat) return true; // a key held down hands nothing in
    const goes = event.ctrlKey || event.metaKey || target === document.body || target.matches("input, .lc-place, h1");
    if (goes) goOn();
    return goes;
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      if (document.querySelector("dialog[open]")) return closes(event);
      if (act(event)) event.preventDefault();
    },
    { signal },
  );

  /** The key that opens the guidelines closes them, too, but where it is typed. @param {KeyboardEvent} event */
  function closes(event) {
    const isGuidelines = actionOf(latin(event)) === "guidelines" && singleKeysWork() && !takesText(event.target);
    if (isGuidelines && document.querySelector("#guidelines-sheet[open]")) guidelines();
  }

  return () => listening.abort();
}

/** @param {EventTarget | null} target */
function takesText(target) {
  const { localName, type } = /** @type {HTMLInputElement} */ (target);
  return ["textarea", "select"].includes(localName) || (localName === "input" && !["radio", "checkbox"].includes(type));
}
