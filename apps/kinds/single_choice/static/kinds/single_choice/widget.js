import { question, radios, saying } from "../question.js";

/**
 * @param {HTMLElement} root Holds the rendered widget.html.
 * @param {import("../question.js").Mounting<string>} mounting
 * @returns {import("../question.js").Widget<string>}
 */
export function mount(root, mounting) {
  const check = (/** @type {string | null} */ answer) => (answer === null ? saying(root, "empty") : "");
  return question(root, mounting, { ...radios(root), check });
}
