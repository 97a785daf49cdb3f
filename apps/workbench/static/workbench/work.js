/** A page of questions: checked before it is sent, sent without a reload, followed by the next one. */
import { clock } from "./clock.js";
import { keys } from "./keys.js";
import { place } from "./place.js";
import { problemList } from "./problems.js";
import { post } from "./sending.js";
import { localTimes } from "./times.js";

/**
 * @param {HTMLFormElement} form As the server rendered it.
 */
export async function work(form) {
  const say = form.dataset;
  const said = /** @type {HTMLElement} */ (document.getElementById("said"));
  const done = /** @type {HTMLElement} */ (document.getElementById("done"));
  const timed = document.getElementById("clock");
  const { mount } = await import(say.widget ?? "");
  const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "null");
  let isChanged = false;
  let isSending = false;

  const sections = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".lc-place")]);
  const places = sections.map((root) =>
    place(root, { mount, settings, sayNote: say.sayNote ?? "", onChange: changed }),
  );
  const problems = problemList(places, say.sayQuestion ?? "");
  const ticking = timed && clock(timed, (event) => tell((event === "soon" ? say.saySoon : say.sayOver) ?? ""));
  const stopKeys = keys({ places, submit: () => submit("next") });
  for (const scripted of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".lc-scripted"))) {
    scripted.hidden = false;
  }
  window.addEventListener("beforeunload", warn);
  window.addEventListener("pageshow", reloadIfKept);
  form.addEventListener("submit", handled);
  count();

  function changed() {
    isChanged = true;
    count();
  }

  function count() {
    const finished = places.filter((one) => one.isDone()).length;
    done.textContent = (say.sayDone ?? "")
      .replace("%(done)s", String(finished))
      .replace("%(all)s", String(places.length));
  }

  /** @param {string} sentence */
  function tell(sentence) {
    said.textContent = sentence;
    said.hidden = sentence === "";
  }

  /** @param {BeforeUnloadEvent} event */
  function warn(event) {
    if (isChanged) event.preventDefault();
  }

  /** A page that the browser kept as it was may be handed in by now. @param {PageTransitionEvent} event */
  function reloadIfKept(event) {
    if (event.persisted) location.reload();
  }

  /** @param {SubmitEvent} event */
  function handled(event) {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (button?.id === "extend") extend();
    else submit(button?.value ?? "next");
  }

  /** @param {string} then "next" or "stop" */
  async function submit(then) {
    if (isSending) return;
    if (problems.show(new Map(places.map((one) => [one, one.validate()])))) return tell("");
    const answers = Object.fromEntries(places.map((one) => [one.token, one.given()]));
    await busy(async () => {
      const answer = await post(form.action, { json: { answers } });
      if (answer.ok) await goOn(then);
      else await refused(answer);
    });
  }

  /** @param {string} then */
  async function goOn(then) {
    isChanged = false;
    if (then === "stop") return location.assign(location.pathname);
    const next = await post(say.lease ?? "", { accept: "text/html" });
    await swap(next);
  }

  /** Puts the next page in this one's place. @param {Response} next */
  async function swap(next) {
    const found = new DOMParser().parseFromString(await next.text(), "text/html");
    const main = found.querySelector("main");
    if (!next.ok || !main) return location.assign(next.url);
    leave();
    document.querySelector("main")?.replaceWith(document.adoptNode(main));
    document.title = found.title;
    history.pushState({}, "", next.url);
    window.addEventListener("popstate", () => location.reload(), { once: true });
    window.scrollTo(0, 0);
    localTimes(document);
    /** @type {HTMLElement | null} */ (document.querySelector("main h1"))?.focus();
    const following = document.querySelector("form#page");
    if (following instanceof HTMLFormElement) await work(following);
  }

  /** @param {Response} answer */
  async function refused(answer) {
    if (answer.status === 422) return explain((await answer.json()).problems);
    if (answer.status === 401 || answer.status === 403) return tell(say.sayLoggedOut ?? "");
    if (answer.status !== 409 && answer.status !== 410) return tell(say.sayFailed ?? "");
    isChanged = false; // it can't be handed in any more; the server says what became of it
    location.assign(location.pathname);
  }

  /** @param {Record<string, string>} sentences What the server says is wrong, by token. */
  function explain(sentences) {
    const found = new Map(places.map((one) => [one, sentences[one.token] ?? ""]));
    for (const [one, sentence] of found) if (sentence) one.say(sentence);
    tell(problems.show(found) ? "" : (say.sayFailed ?? ""));
  }

  async function extend() {
    await busy(async () => {
      const answer = await post(say.extend ?? "");
      if (answer.status === 410) return location.assign(location.pathname);
      if (!answer.ok) return refused(answer);
      const end = new Date((await answer.json()).expires_at);
      const isLater = end > new Date(timed?.dataset.until ?? "");
      if (timed) timed.dataset.until = end.toISOString();
      ticking?.until(end);
      tell((isLater ? say.sayMoreTime : say.sayNoMoreTime) ?? "");
    });
  }

  /** Does one thing at a time, and says when there is no connection. @param {() => Promise<unknown>} act */
  async function busy(act) {
    isSending = true;
    tell(say.saySending ?? "");
    try {
      const before = said.textContent;
      await act();
      if (said.textContent === before) tell("");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what fetch throws where there is no connection
      tell(say.sayOffline ?? "");
    } finally {
      isSending = false;
    }
  }

  function leave() {
    ticking?.stop();
    stopKeys();
    window.removeEventListener("beforeunload", warn);
    window.removeEventListener("pageshow", reloadIfKept);
  }
}
