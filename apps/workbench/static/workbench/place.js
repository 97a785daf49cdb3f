import { beginning, suggested } from "./suggested.js";

/**
 * One question of a page: its widget, and the choice to skip it or to report it as broken.
 * @typedef {Awaited<ReturnType<typeof place>>} Place
 */

/** @typedef {import("../kinds/question.js").Widget<unknown>} Widget */
/**
 * What is kept of a question that is being answered; `checked`: what a machine suggested was looked at.
 * @typedef {{way: string, note: string, answer: unknown, checked?: boolean}} Kept
 */
/** @typedef {(root: HTMLElement, mounting: import("../kinds/question.js").Mounting<any>) => Widget} Mount */

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Control */

/**
 * What somebody chose or wrote before the scripts had come, as on a slow line.
 * @param {HTMLElement} root
 */
function begunIn(root) {
  return [.../** @type {NodeListOf<Control>} */ (root.querySelectorAll("input, textarea"))].filter(isBegun);
}

/** @param {Control} control */
function isBegun(control) {
  return control.value !== control.defaultValue || ("checked" in control && control.checked !== control.defaultChecked);
}

/**
 * Whether a text that was kept is longer than what stands there now: a key that was pressed too early takes no draft.
 * @param {unknown} kept @param {unknown} now
 */
function isMoreText(kept, now) {
  return typeof kept === "string" && (now === null || (typeof now === "string" && now.length < kept.length));
}

/** @param {Control} control */
function saysSomething(control) {
  return "checked" in control && ["radio", "checkbox"].includes(control.type)
    ? control.checked
    : control.value.trim() !== "";
}

/**
 * @param {HTMLElement} root
 * @param {{mount: Mount, settings: unknown, sayNote: string, onChange: () => void}} page
 */
export function place(root, { mount, settings, sayNote, onChange }) {
  const widgetRoot = /** @type {HTMLElement} */ (root.querySelector(".lc-place-widget"));
  const other = /** @type {HTMLDetailsElement} */ (root.querySelector(".lc-other"));
  const ways = /** @type {HTMLInputElement[]} */ ([...other.querySelectorAll("input")]);
  const note = /** @type {HTMLTextAreaElement} */ (other.querySelector("textarea"));
  const wayError = /** @type {HTMLElement} */ (other.querySelector(".lc-way-error"));
  const early = begunIn(widgetRoot);
  const begun = { answer: early.length > 0, way: ways.some(isBegun), note: isBegun(note) };
  // The page hands the keys on: so one switch turns all of them off.
  const prediction = beginning(widgetRoot);
  const widget = mount(widgetRoot, { settings, prediction, context: { shortcuts: false }, onChange: answered });
  const way = () => ways.find((one) => one.checked)?.value ?? "answer";
  const suggestion = suggested(root, () => {
    take("answer");
    widget.focus();
    onChange();
  });

  if (early.some(saysSomething)) suggestion.check();

  /** Who answers after all means to answer. */
  function answered() {
    begun.answer = true;
    suggestion.check();
    take("answer");
    onChange();
  }

  /** @param {string} value */
  function take(value) {
    for (const one of ways) one.checked = one.value === value;
    sayWay("");
  }

  /** @param {string} sentence */
  function sayWay(sentence) {
    wayError.textContent = sentence;
    wayError.hidden = sentence === "";
  }

  /** Shows and returns that a machine's answer was not looked at, '' where it was, or where there is none. */
  function unchecked() {
    const error = /** @type {HTMLElement} */ (widgetRoot.querySelector(".lc-error"));
    const sentence = suggestion.problem();
    if (sentence) Object.assign(error, { textContent: sentence, hidden: false });
    return sentence;
  }

  /** Says that the question is skipped or broken, or takes that back. @param {"skip" | "broken"} value */
  function toggle(value) {
    begun.way = true;
    const isOn = way() === value;
    take(isOn ? "answer" : value);
    other.open = !isOn;
    if (isOn) widget.focus();
    else note.focus();
    onChange();
  }

  /** A reason that need not be written; who skips without having said so means to. @param {string} reason */
  function because(reason) {
    begun.note = begun.way = true;
    note.value = reason;
    if (way() === "answer") take("skip");
    sayWay("");
    onChange();
  }

  other.addEventListener("input", ({ target }) => {
    if (target === note) begun.note = true;
    else begun.way = true;
    sayWay("");
    onChange();
  });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (other.querySelectorAll("[data-note]"))) {
    button.addEventListener("click", () => because(button.textContent ?? ""));
  }

  return {
    root,
    token: root.dataset.token ?? "",
    /** Whether something of it was begun in this load, perhaps before the scripts came. */
    isBegun: () => begun.answer || begun.way || begun.note,
    press: widget.press,
    /** The keys that its answers have. */
    keys: [.../** @type {NodeListOf<HTMLElement>} */ (widgetRoot.querySelectorAll("[data-key]"))].map(
      (control) => control.dataset.key ?? "",
    ),
    /** Whether nothing is missing, so far as can be told without saying so. */
    isDone() {
      if (way() === "answer") return suggestion.isChecked() && widget.value() !== null;
      return way() === "skip" || note.value.trim() !== "";
    },
    /** @returns {Kept} */
    kept: () => ({ way: way(), note: note.value, answer: widget.value(), checked: suggestion.isChecked() }),
    /**
     * Takes what a machine suggested for the answer of the person who goes on from it. Returns false, and shows the
     * question, where nobody can have looked at it yet.
     */
    check() {
      if (way() !== "answer" || suggestion.isChecked()) return true;
      const missed = suggestion.missed();
      if (missed) {
        this.focus();
        missed.scrollIntoView({ block: "nearest" });
        return false;
      }
      suggestion.check();
      onChange();
      return true;
    },
    /** Shows what was kept of it, but where this load has something newer. @param {Kept} kept */
    restore(kept) {
      const isNewer = begun.answer && !isMoreText(kept.answer, widget.value());
      if (!isNewer && (kept.answer !== null || kept.checked)) widget.load(kept.answer);
      if (!isNewer && kept.checked) suggestion.check();
      if (!begun.note) note.value = kept.note;
      if (!begun.way && !begun.answer) take(kept.way);
      other.open = way() !== "answer" || note.value !== "";
    },
    /** What is handed in for this question; undefined where there is nothing yet. */
    given() {
      if (way() !== "answer") return { [way()]: note.value.trim() };
      const answer = widget.value();
      if (answer === null) return undefined;
      const comment = note.value.trim();
      return comment === "" ? { answer } : { answer, note: comment };
    },
    /** Shows and returns what is wrong, '' where nothing is. */
    validate() {
      if (way() === "answer") return widget.validate() || unchecked();
      sayWay(way() === "broken" && note.value.trim() === "" ? sayNote : "");
      return wayError.textContent ?? "";
    },
    /** @param {string} sentence What the server says is wrong. */
    say(sentence) {
      const error = /** @type {HTMLElement} */ (way() === "answer" ? widgetRoot.querySelector(".lc-error") : wayError);
      error.textContent = sentence;
      error.hidden = false;
      if (way() !== "answer") other.open = true;
    },
    toggle,
    focus() {
      if (way() === "answer") widget.focus();
      else note.focus();
      root.scrollIntoView({ block: "nearest" });
    },
    /** Goes to the question without opening a phone's keyboard over it. */
    arrive() {
      const writes = widgetRoot
        .querySelector("input, textarea")
        ?.matches("textarea, input:not([type=radio], [type=checkbox])");
      if (writes && matchMedia("(hover: none)").matches) root.focus({ preventScroll: true });
      else if (way() === "answer") widget.focus({ preventScroll: true });
    },
    leave() {
      suggestion.stop();
      widget.destroy();
    },
  };
}
