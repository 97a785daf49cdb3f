/** Whether single keys act on a page of the admin: whoever dictates, or hits keys by mistake, switches them off. */
import { letSingleKeysWork, singleKeysWork } from "../core/keymap.js";

const control = document.querySelector("#single-keys");
if (control instanceof HTMLInputElement) {
  control.checked = singleKeysWork();
  control.addEventListener("change", () => letSingleKeysWork(control.checked));
  if (control.parentElement) control.parentElement.hidden = false;
}

/** Whether a key that was pressed stands for what it says: one held down is pressed once. @param {KeyboardEvent} event */
export function isMeant(event) {
  return !event.repeat && singleKeysWork();
}
