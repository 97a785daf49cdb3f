/** A page that was handed in, to be changed: sent as a whole, and kept as it was until then. */
import { place } from "./place.js";
import { post } from "./sending.js";

const form = document.querySelector("form#change");
if (form instanceof HTMLFormElement) await change(form);

/** @param {HTMLFormElement} form */
async function change(form) {
  const say = form.dataset;
  const said = /** @type {HTMLElement} */ (document.getElementById("said"));
  const { mount } = await import(say.widget ?? "");
  const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "null");
  const sections = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".lc-place")]);
  const places = sections.map((root) => place(root, { mount, settings, sayNote: say.sayNote ?? "", onChange() {} }));
  for (const scripted of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".lc-reasons"))) {
    scripted.hidden = false;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = places.filter((one) => one.validate());
    if (wrong.length) return wrong[0]?.focus();
    const answers = Object.fromEntries(places.map((one) => [one.token, one.given()]));
    try {
      await taken(await post(form.action, { json: { answers } }));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what fetch throws where there is no connection
      tell(say.sayOffline ?? "");
    }
  });

  /** @param {Response} answer */
  async function taken(answer) {
    if (answer.ok) return location.assign((await answer.json()).page_url);
    if (answer.status === 409) return tell((await answer.json()).sentence);
    if (answer.status !== 422) return tell(say.sayFailed ?? "");
    const { problems } = await answer.json();
    const wrong = places.filter((one) => problems[one.token]);
    for (const one of wrong) one.say(problems[one.token]);
    wrong[0]?.focus();
  }

  /** @param {string} sentence */
  function tell(sentence) {
    said.textContent = sentence;
    said.hidden = false;
    said.scrollIntoView({ block: "nearest" });
  }
}
