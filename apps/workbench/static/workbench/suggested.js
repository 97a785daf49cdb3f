/** What a machine suggested as the answer: nothing of it is handed in that nobody has looked at. */
import { sight } from "./sight.js";

const BEGINS = ".lc-suggested[data-begins]";

/**
 * Returns the raw answer of a machine's that the question begins with, null for none. The controls show it from now on;
 * without scripts they are empty, and it is written beside them.
 * @param {HTMLElement} widget The question's widget.
 */
export function beginning(widget) {
  const mark = /** @type {HTMLElement | null} */ (widget.querySelector(BEGINS));
  if (!mark) return null;
  /** @type {HTMLElement} */ (mark.querySelector(".lc-suggested-answer")).hidden = true;
  return JSON.parse(mark.dataset.begins ?? "null");
}

/**
 * Has who hears the page be told at the controls that a machine chose what is chosen.
 * @param {HTMLElement} mark @param {string} id
 */
function describe(mark, id) {
  /** @type {HTMLElement} */ (mark.querySelector("p")).id = id;
  for (const control of mark.parentElement?.querySelectorAll("[aria-describedby]") ?? []) {
    control.setAttribute("aria-describedby", `${id} ${control.getAttribute("aria-describedby")}`);
  }
}

/**
 * @param {HTMLElement} root The question: its item, and its widget with the mark of a machine's answer if it has one.
 * @param {() => void} onKept Called when it is kept as it is.
 */
export function suggested(root, onKept) {
  const mark = /** @type {HTMLElement | null} */ (root.querySelector(BEGINS));
  const button = mark?.querySelector("button");
  const widget = /** @type {HTMLElement} */ (root.querySelector(".lc-place-widget"));
  const seen = mark && sight(root, [/** @type {HTMLElement} */ (root.querySelector(".lc-place-item")), widget]);
  let isChecked = mark === null;

  function check() {
    if (isChecked || !mark) return;
    isChecked = true;
    mark.classList.add("lc-is-checked");
    const said = mark.querySelector(".lc-checked");
    if (said) said.textContent = mark.dataset.sayChecked ?? "";
    if (button) button.hidden = true;
    const error = /** @type {HTMLElement | null} */ (widget.querySelector(".lc-error"));
    if (error && error.textContent === mark.dataset.sayCheck) Object.assign(error, { textContent: "", hidden: true });
  }

  /** A pointer is looked at where it presses; a key may be the echo of one pressed on the page before. @param {MouseEvent} event */
  function keep(event) {
    if (isChecked || (event.detail !== 1 && seen?.missed())) return;
    check();
    onKept();
  }

  if (mark) describe(mark, `${root.id}-suggested`);
  if (button) {
    if (widget.querySelector("textarea")) button.querySelector("kbd")?.remove(); // Enter is a new line there
    button.hidden = false;
    button.addEventListener("click", keep);
    // Who chooses what is chosen already has looked at it; it changes nothing that a browser would tell.
    widget.addEventListener("click", (event) => {
      const { target } = event;
      if (target instanceof HTMLInputElement && ["radio", "checkbox"].includes(target.type)) keep(event);
    });
  }

  return {
    check,
    isChecked: () => isChecked,
    /** Returns what of the question nobody can have looked at yet. */
    missed: () => seen?.missed(),
    /** What stands in the way of handing it in, '' where nothing does. */
    problem: () => (isChecked ? "" : (mark?.dataset.sayCheck ?? "")),
    stop: () => seen?.stop(),
  };
}
