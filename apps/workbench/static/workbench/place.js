/**
 * One question of a page: its widget, and the choice to skip it or to report it as broken.
 * @typedef {Awaited<ReturnType<typeof place>>} Place
 */

/** @typedef {import("../kinds/question.js").Widget<unknown>} Widget */
/** @typedef {(root: HTMLElement, mounting: import("../kinds/question.js").Mounting<any>) => Widget} Mount */

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
  // The page hands the keys on: so one switch turns all of them off.
  const widget = mount(widgetRoot, { settings, context: { shortcuts: false }, onChange: answered });
  const way = () => ways.find((one) => one.checked)?.value ?? "answer";

  /** Who answers after all means to answer. */
  function answered() {
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

  other.addEventListener("input", () => {
    sayWay("");
    onChange();
  });

  return {
    root,
    token: root.dataset.token ?? "",
    press: widget.press,
    isDone: () => way() !== "answer" || widget.value() !== null,
    /** What is handed in for this question; undefined where there is nothing yet. */
    given() {
      if (way() !== "answer") return { [way()]: note.value.trim() };
      const answer = widget.value();
      return answer === null ? undefined : { answer };
    },
    /** Shows and returns what is wrong, '' where nothing is. */
    validate() {
      if (way() === "answer") return widget.validate();
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
    /** Skips the question, or takes that back. */
    toggleSkip() {
      const skips = way() !== "skip";
      take(skips ? "skip" : "answer");
      other.open = skips;
      if (skips) note.focus();
      else widget.focus();
      onChange();
    },
    focus() {
      if (way() === "answer") widget.focus();
      else note.focus();
      root.scrollIntoView({ block: "nearest" });
    },
  };
}
