/**
 * A slot's page in a market's frame: its widgets, and one form that is posted as a whole. It asks the server for
 * nothing, and keeps nothing in the browser: frames of another site may do neither.
 */
import { activity } from "./activity.js";
import { place } from "./place.js";
import { problemList } from "./problems.js";
import { beginning } from "./suggested.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("slot"));
const say = form.dataset;
const { mount } = await import(say.widget ?? "");
const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "null");
const sections = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".lc-place")]);

if (form.querySelector("button[type=submit]")) work();
else look();

/** In a preview questions can be tried, and nothing comes of it. */
function look() {
  for (const root of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".lc-place-widget"))) {
    mount(root, { settings, prediction: beginning(root), context: { shortcuts: false, preview: true } });
  }
}

function work() {
  const places = sections.map((root) =>
    place(root, { mount, settings, sayNote: say.sayNote ?? "", onChange: () => {} }),
  );
  const problems = problemList(places, say.sayQuestion ?? "");
  const working = activity();

  /** @param {string} name @param {string} value */
  function fill(name, value) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }

  form.addEventListener("submit", (event) => {
    const sentences = new Map(places.map((one) => [one, one.validate()]));
    const isWrong = problems.show(sentences);
    if (isWrong || say.sayPreview) event.preventDefault();
    if (isWrong) return;
    const said = document.getElementById("said"); // only on a requester's look at the page
    if (said && say.sayPreview) {
      said.textContent = say.sayPreview;
      return;
    }
    fill("given", JSON.stringify(Object.fromEntries(places.map((one) => [one.token, one.given()]))));
    fill("seconds", String(working.seconds()));
  });
}
