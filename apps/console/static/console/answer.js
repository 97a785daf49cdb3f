/** Brings the question of a page of the admin to life, keys included; without it the controls work as they are. */
import { latin } from "../core/latin.js";
import { isMeant } from "./keys.js";

const form = document.querySelector("form#answer");
const settings = document.querySelector("#settings");
const root = form?.querySelector(".console-widget");
/** @type {(key: string) => boolean} */
let press = () => false;
if (form instanceof HTMLFormElement && form.dataset.widget && root instanceof HTMLElement && settings?.textContent) {
  const { mount } = await import(form.dataset.widget);
  ({ press } = mount(root, {
    settings: JSON.parse(settings.textContent),
    context: { preview: true, shortcuts: false }, // the whole page has the question's keys, not its controls alone
  }));
}
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key !== "Enter" || !(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    form.requestSubmit();
  } else if (isMeant(event) && !takesText(event.target) && press(latin(event))) event.preventDefault();
});
document.dispatchEvent(new Event("lc-keys"));

/** @param {EventTarget | null} target */
function takesText(target) {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["radio", "checkbox"].includes(target.type);
}
