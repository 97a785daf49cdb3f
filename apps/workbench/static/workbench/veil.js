/** What is blurred because of a content warning stays shown, in this tab, for who said so once in its work. */

const SHOWN = "labelcrowd.unveiled";

/** @param {AbortSignal} signal Ends it. */
export function veil(signal) {
  const all = document.querySelector("input#unveil");
  if (!(all instanceof HTMLInputElement)) return;
  const { campaign = "" } = all.dataset;
  try {
    all.checked = sessionStorage.getItem(SHOWN) === campaign;
    all.addEventListener("change", () => sessionStorage.setItem(SHOWN, all.checked ? campaign : ""), { signal });
  } catch {
    // A frame that may keep nothing: it holds for this page.
  }
}

/** Whether a question is blurred. @param {HTMLElement} root */
export function isVeiled(root) {
  const veiled = root.querySelector(".lc-veiled");
  return veiled !== null && !veiled.querySelector(".lc-unveil:checked") && !document.querySelector("#unveil:checked");
}
