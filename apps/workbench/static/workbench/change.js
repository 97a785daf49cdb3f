/** A page that was handed in, to be changed: kept as it is typed, sent as a whole, and as it was until then. */
import { drafts } from "./drafts.js";
import { place } from "./place.js";
import { post } from "./sending.js";

const form = document.querySelector("form#change");
if (form instanceof HTMLFormElement) await change(form);

/** @param {HTMLFormElement} form */
async function change(form) {
  const say = form.dataset;
  const said = /** @type {HTMLElement} */ (document.getElementById("said"));
  const asItWas = /** @type {HTMLAnchorElement} */ (form.querySelector("a[data-leave]"));
  const user = document.getElementById("connection")?.dataset.user ?? "";
  const page = `change/${say.page}`;
  const { mount } = await import(say.widget ?? "");
  const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "null");
  let isChanged = false;
  let isOut = false; // on its way, or given up
  let isRead = false; // what was kept: before that it would be overwritten
  const sections = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".lc-place")]);
  const places = sections.map((root) =>
    place(root, { mount, settings, sayNote: say.sayNote ?? "", onChange: changed }),
  );
  const all = drafts(user);
  const keeper = all.keeper(page, () => ({
    seconds: 0,
    version: say.version,
    places: Object.fromEntries(places.map((one) => [one.token, one.kept()])),
  }));
  for (const scripted of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".lc-reasons"))) {
    scripted.hidden = false;
  }
  form.addEventListener("submit", submit);
  asItWas.addEventListener("click", giveUp);
  window.addEventListener("beforeunload", (event) => {
    if (isChanged && !isOut) event.preventDefault();
  });
  // A page that the browser kept as it was may be changed, or judged, by now.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  const kept = await all.of(page).catch(() => undefined);
  if (kept && kept.version === say.version) restore(kept);
  else if (kept) await all.forget(page).catch(() => undefined); // it was changed elsewhere since: that stands
  isRead = true;
  if (places.some((one) => one.isBegun())) changed();

  function changed() {
    isChanged = true;
    if (isRead) keeper.changed();
  }

  /** @param {import("./drafts.js").Draft} draft */
  function restore(draft) {
    const known = places.filter((one) => draft.places[one.token]);
    for (const one of known) one.restore(draft.places[one.token]);
    isChanged = known.length > 0;
    if (isChanged) tell(say.sayBack ?? "");
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (isOut) return;
    const wrong = places.filter((one) => one.validate());
    if (wrong.length) return wrong[0]?.focus();
    const json = { answers: Object.fromEntries(places.map((one) => [one.token, one.given()])) };
    isOut = true;
    form.setAttribute("aria-busy", "true");
    /** @type {Response | undefined} */
    let answer; // none where there is no connection
    try {
      answer = await post(form.action, { json, user, redirect: "manual" });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    const address = answer?.ok ? (await answer.json().catch(() => ({}))).page_url : undefined;
    if (address) return leave(address);
    isOut = false;
    form.removeAttribute("aria-busy");
    await explain(answer);
  }

  /** @param {MouseEvent} event */
  function giveUp(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab: this one goes on
    event.preventDefault();
    leave(asItWas.href);
  }

  /** @param {string} address */
  async function leave(address) {
    isOut = true;
    keeper.stop();
    await all.forget(page).catch(() => undefined);
    location.assign(address);
  }

  /** Says why it was not taken. @param {Response | undefined} answer */
  async function explain(answer) {
    if (!answer) return tell(say.sayOffline ?? "");
    if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) return tell(say.sayLoggedOut ?? "");
    const { sentence, problems } = await answer.json().catch(() => ({}));
    if (!problems) return tell(sentence ?? say.sayFailed ?? "");
    const wrong = places.filter((one) => problems[one.token]);
    for (const one of wrong) one.say(problems[one.token]);
    wrong[0]?.focus();
  }

  /** @param {string} sentence */
  function tell(sentence) {
    said.textContent = sentence;
    said.scrollIntoView({ block: "nearest" });
  }
}
