/** The guidelines beside the question: a key or a button away, and back where one was. */

/**
 * @param {AbortSignal} signal Ends it.
 * @returns {() => void} Opens or closes them.
 */
export function guidelinesSheet(signal) {
  const sheet = document.getElementById("guidelines-sheet");
  const text = document.querySelector("#guidelines .lc-prose");
  if (!(sheet instanceof HTMLDialogElement) || !text) return () => undefined;

  function toggle() {
    const dialog = /** @type {HTMLDialogElement} */ (sheet);
    if (dialog.open) return dialog.close();
    // What stands folded on the page is read here: one text, in one place at a time.
    if (!dialog.querySelector(".lc-prose")) dialog.append(/** @type {Element} */ (text).cloneNode(true));
    dialog.showModal();
  }

  document.getElementById("show-guidelines")?.addEventListener("click", toggle, { signal });
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close(), { signal });
  return toggle;
}
