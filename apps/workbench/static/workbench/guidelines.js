/** The guidelines beside the question: a key or a button away, searched by word, and back where one was. */

/**
 * @param {AbortSignal} signal Ends it.
 * @returns {() => void} Opens or closes them.
 */
export function guidelinesSheet(signal) {
  const sheet = document.getElementById("guidelines-sheet");
  const text = document.querySelector("#guidelines .lc-prose");
  if (!(sheet instanceof HTMLDialogElement) || !text) return () => undefined;
  const dialog = sheet;
  const field = /** @type {HTMLInputElement} */ (document.getElementById("guidelines-find"));
  const said = /** @type {HTMLElement} */ (document.getElementById("guidelines-found"));

  function toggle() {
    if (dialog.open) return dialog.close();
    // What stands folded on the page is read here: one text, in one place at a time.
    if (!dialog.querySelector(".lc-prose")) dialog.append(/** @type {Element} */ (text).cloneNode(true));
    dialog.showModal();
  }

  function find() {
    const prose = dialog.querySelector(".lc-prose");
    if (!prose) return;
    const found = narrow(prose, field.value);
    said.textContent = found ? "" : (said.dataset.sayNone ?? "");
  }

  document.getElementById("show-guidelines")?.addEventListener("click", toggle, { signal });
  field.addEventListener("input", find, { signal });
  field.form?.addEventListener("submit", (event) => event.preventDefault(), { signal });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(), { signal });
  return toggle;
}

/**
 * Leaves what holds all the words, with the headings above it; everything where there are none.
 * @param {Element} prose
 * @param {string} words
 * @returns {boolean} Whether anything is left.
 */
export function narrow(prose, words) {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const holds = (/** @type {Element} */ one) => {
    const text = one.textContent?.toLocaleLowerCase() ?? "";
    return wanted.every((word) => text.includes(word));
  };
  /** @type {HTMLElement[]} Headings since which nothing was left, the last one nearest. */
  let above = [];
  let isFound = false;
  for (const block of /** @type {HTMLCollectionOf<HTMLElement>} */ (prose.children)) {
    if (/^H[1-6]$/.test(block.tagName)) {
      above = above.filter((one) => one.tagName < block.tagName);
      above.push(block);
      block.hidden = wanted.length > 0 && !holds(block);
      isFound ||= !block.hidden;
      continue;
    }
    const parts = /** @type {NodeListOf<HTMLElement>} */ (block.querySelectorAll(":scope > li"));
    for (const part of parts) part.hidden = !holds(part);
    block.hidden = parts.length > 0 ? [...parts].every((part) => part.hidden) : !holds(block);
    if (block.hidden) continue;
    isFound = true;
    for (const heading of above) heading.hidden = false;
  }
  return isFound;
}
