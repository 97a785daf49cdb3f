import { question, radios, saying } from "../question.js";

export function mount(root, mounting) {
  const { read, show } = radios(root);
  return question(root, mounting, {
    read: () => (read() === null ? null : read() === "up"),
    show: (answer) => show(answer === null ? null : answer ? "up" : "down"),
    check: (answer) => (answer === null ? saying(root, "empty") : ""),
  });
}
