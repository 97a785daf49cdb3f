/**
 * The task shell: takes over a page of questions that the server rendered. What is answered is kept at once; what is
 * handed in goes through the outbox, while the next page, fetched ahead, is shown.
 */
import { activity } from "./activity.js";
import { ahead } from "./ahead.js";
import { breaks } from "./break.js";
import { drafts } from "./drafts.js";
import { guidelinesSheet } from "./guidelines.js";
import { keys } from "./keys.js";
import { lease } from "./lease.js";
import { place } from "./place.js";
import { problemList } from "./problems.js";
import { post } from "./sending.js";
import { localTimes } from "./times.js";
import { veil } from "./veil.js";

/** Milliseconds in which a second click on what the first one left does nothing. */
const ECHO = 500;

/**
 * @param {HTMLFormElement} form As the server rendered it.
 * @param {import("./outbox.js").Outbox} outbox
 * @param {{isNext?: boolean}} [how] isNext: it came in the place of the page before, without a load.
 */
export async function shell(form, outbox, { isNext = false } = {}) {
  const say = form.dataset;
  const page = say.page ?? "";
  const said = /** @type {HTMLElement} */ (document.getElementById("said"));
  const done = /** @type {HTMLElement} */ (document.getElementById("done"));
  const progress = /** @type {HTMLProgressElement} */ (document.getElementById("progress"));
  const begun = performance.now();
  const { mount } = await import(say.widget ?? "");
  const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "null");
  const leaving = new AbortController();
  let isChanged = false;
  let isOut = false;
  /** @type {ReturnType<ReturnType<typeof drafts>["keeper"]> | undefined} */
  let keeper; // none before what was kept is read: it would be overwritten

  const sections = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(".lc-place")]);
  const places = sections.map((root) =>
    place(root, { mount, settings, sayNote: say.sayNote ?? "", onChange: changed }),
  );
  const problems = problemList(places, say.sayQuestion ?? "");
  const isPreview = say.sayPreview !== undefined;
  const all = drafts(outbox.user, { keeps: !isPreview });
  const kept = say.shown ? undefined : await all.of(page); // what is shown for the first time has none
  const before = isNext ? undefined : await outbox.find(page);
  const time = lease(form, { tell, isOut: () => isOut });
  const minutes = Number(say.break);
  const minded = isPreview
    ? () => {}
    : breaks(minutes, () => tell((say.sayBreak ?? "").replace("%(n)s", String(minutes))));
  const working = activity({
    before: kept?.seconds ?? 0,
    signs: kept?.signs,
    onSign() {
      time.onSign();
      minded();
    },
  });
  keeper = all.keeper(page, () => ({
    ends: Date.now() + time.longest,
    seconds: working.seconds(),
    signs: working.signs(),
    places: Object.fromEntries(places.map((one) => [one.token, one.kept()])),
  }));
  const following = ahead(say.ahead, () => {
    say.next = "ready";
  });
  veil(leaving.signal);
  const toggleGuidelines = guidelinesSheet(leaving.signal);
  const stopKeys = keys({
    places,
    submit: () => submit("next"),
    extend,
    guidelines: toggleGuidelines,
  });
  for (const scripted of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".lc-scripted"))) {
    if (!scripted.dataset.hint) scripted.hidden = false;
  }
  window.addEventListener("beforeunload", warn, { signal: leaving.signal });
  window.addEventListener("pageshow", reloadIfKept, { signal: leaving.signal });
  window.addEventListener("online", () => outbox.flush().then(fetchNext), { signal: leaving.signal });
  form.addEventListener("submit", handled);
  if (isPreview) document.querySelector(".lc-give-back form")?.addEventListener("submit", givenBack);
  if (kept) restore(kept);
  if (places.some((one) => one.isBegun())) changed();
  count();
  arrive();
  document.dispatchEvent(new Event("lc-keys")); // from here on, and no later, nothing moves the focus but who works
  await begin();

  /** What may wait until the page is seen. */
  async function begin() {
    if (say.shown) time.begin(say.shown, outbox.flush);
    if (before?.problems) {
      await outbox.takeBack(page);
      explain(before.problems);
    } else if (before?.lost !== undefined) {
      await outbox.takeBack(page); // it is in hand again, and what was written is its draft
    } else if (before) {
      wait("next");
    }
    outbox.onLine(fetchNext, leaving.signal);
    await outbox.flush();
    fetchNext();
  }

  /**
   * The page behind this one: two are held at most, so the one before must have arrived. Not once the time is over: the
   * server would take this page away first, and it can still be handed in.
   */
  function fetchNext() {
    const isFree = outbox.waiting() === 0 && outbox.line() === "online";
    if (isFree && !isOut && !time.isOver()) following.start();
  }

  /** The first question has the focus, unless something else was begun here, or the guidelines are to be read first. */
  function arrive() {
    if (isPreview && window.parent !== window) return; // it would take the focus from what is typed beside it
    const reads = document.querySelector("#guidelines[open]")?.checkVisibility() ?? false;
    if (!isNext && (before || reads || document.activeElement !== document.body)) return;
    if (isNext) scrollThere();
    places[0]?.arrive();
  }

  /** Puts the question where it is seen: on a small screen, what stands above it is the same on every page. */
  function scrollThere() {
    if (matchMedia("(max-width: 40rem)").matches) sections[0]?.scrollIntoView({ block: "start" });
    else window.scrollTo(0, 0);
  }

  function changed() {
    isChanged = true;
    count();
    keeper?.changed();
  }

  function count() {
    const finished = places.filter((one) => one.isDone()).length;
    progress.value = finished;
    done.textContent = (say.sayDone ?? "")
      .replace("%(done)s", String(finished))
      .replace("%(all)s", String(places.length));
  }

  /** @param {import("./drafts.js").Draft} draft */
  function restore(draft) {
    const known = places.filter((one) => draft.places[one.token]);
    for (const one of known) one.restore(draft.places[one.token]);
    isChanged = known.some((one) => one.isDone());
    if (isChanged) tell(say.sayBack ?? "");
  }

  /** @param {string} sentence */
  function tell(sentence) {
    said.textContent = sentence;
  }

  /** @param {BeforeUnloadEvent} event */
  function warn(event) {
    if (isChanged && !isOut && !isPreview) event.preventDefault();
  }

  /** A page that the browser kept as it was may be handed in by now. @param {PageTransitionEvent} event */
  function reloadIfKept(event) {
    if (event.persisted) location.reload();
  }

  /** Says where it is seen that nothing comes of what was pressed. */
  function tellPreview() {
    tell(say.sayPreview ?? "");
    said.scrollIntoView({ block: "nearest" });
  }

  /** In a preview. @param {Event} event */
  function givenBack(event) {
    event.preventDefault();
    tellPreview();
  }

  function extend() {
    if (isPreview) tellPreview();
    else time.extend();
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
    const isEcho = isNext && !isChanged && performance.now() - begun < ECHO;
    if (isOut || isEcho) return;
    if (problems.show(new Map(places.map((one) => [one, one.validate()])))) return tell("");
    if (isPreview) return tellPreview();
    isOut = true;
    const answers = Object.fromEntries(places.map((one) => [one.token, one.given()]));
    const { url = location.pathname } = say;
    keeper?.stop();
    const next = then === "next" ? following.take() : null;
    const worked = { seconds: working.seconds(), signs: working.signs() };
    const kept = outbox.add({ page, url, submit: form.action, answers, ...worked });
    // Seen at once: until it is kept, and acknowledged, the draft of it is.
    if (next) show(next);
    await kept;
    if (next) await outbox.flush();
    else await wait(then);
  }

  /** Waits for the server's word on this page, and goes where it leads. @param {string} then */
  async function wait(then) {
    isOut = true;
    lock(true);
    tell((outbox.line() === "online" ? say.saySending : say.sayKept) ?? "");
    const settled = outbox.settled(page);
    await outbox.flush();
    const found = await Promise.race([settled.then(() => undefined), outbox.find(page)]);
    if (found) tell(say.sayKept ?? "");
    const fate = await settled;
    if (fate === "refused") return comeBack();
    isChanged = false;
    const url = say.url ?? location.pathname;
    if (fate === "lost") return location.assign(`${url}?over`); // it is not to be worked on again: it says why
    if (then === "stop") return location.assign(url);
    await goOn();
  }

  /** The server could not take it as it is: it is this page again. */
  async function comeBack() {
    const entry = await outbox.find(page);
    await outbox.takeBack(page);
    isOut = false;
    lock(false);
    explain(entry?.problems ?? {});
  }

  /** @param {boolean} isLocked */
  function lock(isLocked) {
    for (const section of sections) section.inert = isLocked;
    form.setAttribute("aria-busy", String(isLocked));
    for (const button of form.querySelectorAll("button")) button.disabled = isLocked;
  }

  async function goOn() {
    try {
      const answer = await post(say.lease ?? "", { accept: "text/html" });
      const found = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = found.querySelector("main");
      if (!answer.ok || !main || needsMore(found)) return location.assign(answer.url);
      show({ main: document.adoptNode(main), title: found.title, url: answer.url, release: "" });
    } catch {
      tell(say.sayKept ?? ""); // it was handed in just now, and the line broke after that
      window.addEventListener("online", goOn, { once: true, signal: leaving.signal });
    }
  }

  /** Puts the next page in this one's place, and sends what waits. @param {import("./ahead.js").Ready} next */
  function show(next) {
    leave();
    document.querySelector("main")?.replaceWith(next.main);
    document.title = next.title;
    history.pushState({}, "", next.url);
    window.addEventListener("popstate", () => location.reload(), { once: true });
    localTimes(document);
    const form = document.querySelector("form#page");
    if (form instanceof HTMLFormElement) {
      shell(form, outbox, { isNext: true });
    } else {
      window.scrollTo(0, 0);
      /** @type {HTMLElement | null} */ (document.querySelector("main h1"))?.focus();
    }
  }

  /** @param {Record<string, string>} sentences What the server says is wrong, by token. */
  function explain(sentences) {
    const found = new Map(places.map((one) => [one, sentences[one.token] ?? ""]));
    for (const [one, sentence] of found) if (sentence) one.say(sentence);
    tell(problems.show(found) ? "" : (say.sayFailed ?? ""));
  }

  function leave() {
    leaving.abort();
    time.stop();
    working.stop();
    keeper?.stop();
    following.stop();
    stopKeys();
    for (const one of places) one.leave();
  }
}

/** Whether a page has scripts that this one lacks: then it can't just stand in its place. @param {Document} found */
function needsMore(found) {
  const wanted = [...found.querySelectorAll("script[src]")].map((script) => script.getAttribute("src"));
  return wanted.some((source) => !document.querySelector(`script[src="${CSS.escape(source ?? "")}"]`));
}
