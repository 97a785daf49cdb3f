import { question, radios, saying } from "../question.js";

/**
 * @param {HTMLElement} root Holds the rendered widget.html.
 * @param {import("../question.js").Mounting<number>} mounting
 * @returns {import("../question.js").Widget<number>}
 */
export function mount(root, mounting) {
  const { read, show } = radios(root);
  return question(root, mounting, {
    read() {
      const point = read();
      return point === null ? null : Number(point);
    },
    show: (answer) => show(answer === null ? null : String(answer)),
    check: (answer) => (answer === null ? saying(root, "empty") : ""),
  });
}
