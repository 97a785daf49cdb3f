/** Lets a reviewer decide by keys: each button says which is its own. A rejection goes to its reason first. */
const reason = document.querySelector("textarea[name=reason]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLTextAreaElement) return;
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
  const chosen = [...document.querySelectorAll("[data-key]")].find(
    (one) => one instanceof HTMLElement && one.dataset.key === event.key,
  );
  if (!(chosen instanceof HTMLElement)) return;
  event.preventDefault();
  if (event.key === "r" && reason instanceof HTMLTextAreaElement && reason.value.trim() === "") reason.focus();
  else chosen.click();
});
