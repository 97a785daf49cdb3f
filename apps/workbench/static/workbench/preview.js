/** Brings the questions of a preview to life: they can be answered, and nothing comes of it. */
import { beginning } from "./suggested.js";

const preview = /** @type {HTMLElement | null} */ (document.querySelector("#preview"));
const settings = document.querySelector("#settings");
if (preview?.dataset.widget && settings?.textContent) {
  const { mount } = await import(preview.dataset.widget);
  const read = JSON.parse(settings.textContent);
  for (const root of /** @type {NodeListOf<HTMLElement>} */ (preview.querySelectorAll(".lc-place-widget"))) {
    // Of many questions none can have the keys to itself.
    mount(root, { settings: read, prediction: beginning(root), context: { shortcuts: false, preview: true } });
  }
}
