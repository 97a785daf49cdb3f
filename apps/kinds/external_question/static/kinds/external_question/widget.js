import { question, saying } from "../question.js";

/** @typedef {[string, string][]} Fields */

/**
 * The fields of a requester's page; the page itself stands in a frame of the workbench, and hands in by itself.
 * @param {HTMLElement} root Holds the rendered widget.html.
 * @param {import("../question.js").Mounting<Fields>} mounting
 * @returns {import("../question.js").Widget<Fields>}
 */
export function mount(root, mounting) {
  const area = /** @type {HTMLTextAreaElement} */ (root.querySelector("textarea"));
  return question(root, mounting, {
    read: () => (area.value.trim() === "" ? null : [...new URLSearchParams(area.value.trim())]),
    show(fields) {
      area.value = new URLSearchParams(fields ?? []).toString();
    },
    check: (fields) => (fields === null ? saying(root, "empty") : ""),
  });
}
