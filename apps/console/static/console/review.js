/**
 * Lets a reviewer decide by keys: each button says which is its own. A rejection goes to its reason first; j and k walk
 * through the answers, and c corrects the one that is looked at, or the first.
 */
const reason = document.querySelector("textarea[name=reason]");
const answers = [...document.querySelectorAll(".console-answer")].filter((one) => one instanceof HTMLElement);
const STEPS = new Map([
  ["j", 1],
  ["k", -1],
]);

/** @param {number} step */
function walk(step) {
  const now = answers.findIndex((one) => one.contains(document.activeElement));
  answers[Math.max(0, Math.min(answers.length - 1, now + step))]?.focus();
}

function correct() {
  const at = answers.find((one) => one.contains(document.activeElement)) ?? answers[0];
  const link = at?.querySelector("[data-correct]");
  if (link instanceof HTMLElement) link.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLTextAreaElement) return;
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
  const step = STEPS.get(event.key);
  if (step) return walk(step);
  if (event.key === "c") return correct();
  const chosen = [...document.querySelectorAll("[data-key]")].find(
    (one) => one instanceof HTMLElement && one.dataset.key === event.key,
  );
  if (!(chosen instanceof HTMLElement)) return;
  event.preventDefault();
  if (event.key === "r" && reason instanceof HTMLTextAreaElement && reason.value.trim() === "") reason.focus();
  else chosen.click();
});
