/** Has the preview beside a step follow what is typed: the form is posted into the frame, as its button would. */
const WAIT = 500; // milliseconds after the last change
const form = document.querySelector("form#step");
const button = document.querySelector("#preview-button");
if (form instanceof HTMLFormElement && button instanceof HTMLButtonElement) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => form.requestSubmit(button), WAIT);
  });
}
