/** Has the preview beside a step follow what is typed: the form is posted into the frame, as its button would. */
const WAIT = 500; // milliseconds after the last change
const form = document.querySelector("form#step");
const button = document.querySelector("#preview-button");
const frame = document.querySelector("iframe[name=preview]");
if (form instanceof HTMLFormElement && button instanceof HTMLButtonElement && frame instanceof HTMLIFrameElement) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  let at = 0; // who reads the end of it goes on reading there
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      at = seen((inner) => inner.scrollY) ?? 0;
      form.requestSubmit(button);
    }, WAIT);
  });
  frame.addEventListener("load", () => {
    seen((inner) => inner.scrollTo(0, at));
    at = 0;
  });

  /** @template T @param {(inner: Window) => T} look What stands there after a fault, as a log-in, lets nobody look. */
  function seen(look) {
    try {
      return look(/** @type {Window} */ (/** @type {HTMLIFrameElement} */ (frame).contentWindow));
    } catch {
      return undefined;
    }
  }
}
