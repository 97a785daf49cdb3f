import { question, saying } from "../question.js";

/**
 * @param {HTMLElement} root Holds the rendered widget.html.
 * @param {import("../question.js").Mounting<string>} mounting
 * @returns {import("../question.js").Widget<string>}
 */
export function mount(root, mounting) {
  const { longest } = mounting.settings;
  const field = /** @type {HTMLTextAreaElement} */ (root.querySelector("textarea"));
  return question(root, mounting, {
    read: () => (field.value.trim() === "" ? null : field.value),
    show(answer) {
      field.value = answer ?? "";
    },
    check(answer) {
      if (answer === null) return saying(root, "empty");
      // The server counts characters, not UTF-16 units.
      return [...answer.trim()].length > longest ? saying(root, "long") : "";
    },
  });
}
