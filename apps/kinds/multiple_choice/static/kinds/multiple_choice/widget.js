import { question, saying } from "../question.js";

/**
 * @param {HTMLElement} root Holds the rendered widget.html.
 * @param {import("../question.js").Mounting<string[]>} mounting
 * @returns {import("../question.js").Widget<string[]>}
 */
export function mount(root, mounting) {
  const { least, most } = mounting.settings;
  const boxes = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll('input[name$=".value"]')]);
  const none = /** @type {HTMLInputElement | null} */ (root.querySelector('input[name$=".none"]'));

  return question(root, mounting, {
    read() {
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      return chosen.length > 0 || none?.checked ? chosen : null;
    },
    show(answer) {
      for (const box of boxes) box.checked = answer?.includes(box.value) ?? false;
      if (none) none.checked = answer?.length === 0;
    },
    check(answer) {
      if (answer === null) return saying(root, "empty");
      return answer.length < least || answer.length > most ? saying(root, "count") : "";
    },
    settle(changed) {
      if (!changed.checked || !none) return;
      if (changed === none) for (const box of boxes) box.checked = false;
      else none.checked = false;
    },
  });
}
