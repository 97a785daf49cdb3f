/**
 * What all widgets share: they read and show answers in the controls that the server rendered, choose options by key,
 * and say what is wrong where the server would say it.
 */
import { latin } from "../core/latin.js";

/**
 * What a page gives a widget.
 * @template R The raw answer: what the server reads.
 * @typedef {object} Mounting
 * @property {any} settings The kind's settings as JSON, complete with defaults.
 * @property {unknown} [item] The item's data.
 * @property {R | null} [prediction] A model's answer to begin with, where the person gave none yet.
 * @property {{shortcuts?: boolean, [name: string]: unknown}} [context] shortcuts: false leaves single keys alone.
 * @property {(answer: R | null) => void} [onChange] Called after each change that the person makes.
 */

/**
 * What a page gets from a widget.
 * @template R
 * @typedef {object} Widget
 * @property {() => R | null} value The raw answer, null where nothing is given.
 * @property {(answer: R | null) => void} load Shows an answer; null empties the controls.
 * @property {() => string} validate Shows and returns a sentence saying what is wrong, '' where nothing is.
 * @property {(key: string) => boolean} press Does what a key stands for; false where it stands for nothing.
 * @property {(options?: FocusOptions) => void} focus Goes to the first control, or to the chosen one.
 * @property {() => void} destroy Takes back all that mounting did; the answer stays.
 */

/**
 * How one kind reads, shows and checks its answers.
 * @template R
 * @typedef {object} Answers
 * @property {() => R | null} read
 * @property {(answer: R | null) => void} show
 * @property {(answer: R | null) => string} check A sentence saying what is wrong, '' where nothing is.
 * @property {(changed: HTMLInputElement) => void} [settle] Brings other controls in line with one just changed.
 */

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Control */

/**
 * Brings the rendered question below `root` to life.
 * @template R
 * @param {HTMLElement} root
 * @param {Mounting<R>} mounting
 * @param {Answers<R>} answers
 * @returns {Widget<R>}
 */
export function question(root, { prediction = null, context = {}, onChange }, { read, show, check, settle }) {
  const error = /** @type {HTMLElement} */ (root.querySelector(".lc-error"));
  const found = { text: error.textContent, hidden: error.hidden };

  /** @param {string} sentence */
  function say(sentence) {
    error.textContent = sentence;
    error.hidden = sentence === "";
    for (const control of controls(root)) {
      if (sentence === "") control.removeAttribute("aria-invalid");
      else control.setAttribute("aria-invalid", "true");
    }
  }

  /** @param {Event} event */
  function changed(event) {
    settle?.(/** @type {HTMLInputElement} */ (event.target));
    say("");
    onChange?.(read());
  }

  /** @param {string} key */
  function press(key) {
    const chosen = controls(root).find((control) => control.dataset.key === key.toLowerCase() && !control.disabled);
    chosen?.focus();
    chosen?.click();
    return chosen !== undefined;
  }

  /** @param {KeyboardEvent} event */
  function keyed(event) {
    const withOthers = event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
    if (withOthers || event.defaultPrevented || takesText(event.target)) return;
    if (press(latin(event))) event.preventDefault();
  }

  root.addEventListener("input", changed);
  if (context.shortcuts !== false) root.addEventListener("keydown", keyed);
  if (prediction !== null && read() === null) show(prediction);

  return {
    value: read,
    load(answer) {
      show(answer);
      say("");
    },
    validate() {
      const sentence = check(read());
      say(sentence);
      return sentence;
    },
    press,
    focus(options) {
      const all = controls(root);
      (all.find((control) => isOn(control)) ?? all[0])?.focus(options);
    },
    destroy() {
      root.removeEventListener("input", changed);
      root.removeEventListener("keydown", keyed);
      say("");
      error.textContent = found.text;
      error.hidden = found.hidden;
    },
  };
}

/**
 * Reads and shows one value out of a group of radio buttons.
 * @param {HTMLElement} root
 */
export function radios(root) {
  const buttons = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll('input[type="radio"]')]);
  return {
    /** @returns {string | null} */
    read: () => buttons.find((button) => button.checked)?.value ?? null,
    /** @param {string | null} value */
    show(value) {
      for (const button of buttons) button.checked = button.value === value;
    },
  };
}

/**
 * Returns a sentence that the server put, translated, beside the question: `data-<name>`.
 * @param {HTMLElement} root
 * @param {string} name
 */
export function saying(root, name) {
  const place = /** @type {HTMLElement | null} */ (root.querySelector("[data-kind]"));
  return place?.dataset[name] ?? name;
}

/**
 * @param {HTMLElement} root
 * @returns {Control[]}
 */
function controls(root) {
  return [.../** @type {NodeListOf<Control>} */ (root.querySelectorAll("input, textarea"))];
}

/** @param {Control} control */
function isOn(control) {
  return "checked" in control && control.checked;
}

/** @param {EventTarget | null} target */
function takesText(target) {
  const { localName, type } = /** @type {HTMLInputElement} */ (target);
  return ["textarea", "select"].includes(localName) || (localName === "input" && !["radio", "checkbox"].includes(type));
}
