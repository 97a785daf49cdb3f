import { question, saying } from "../question.js";

/**
 * @param {HTMLElement} root Holds the rendered widget.html.
 * @param {import("../question.js").Mounting<number>} mounting
 * @returns {import("../question.js").Widget<number>}
 */
export function mount(root, mounting) {
  const field = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  return question(root, mounting, {
    read: () => (field.value === "" ? null : Number(field.value)),
    show(answer) {
      field.value = answer === null ? "" : String(answer);
    },
    check: (answer) => (answer === null || !field.validity.valid ? saying(root, "empty") : ""),
  });
}
