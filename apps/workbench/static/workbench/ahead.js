/** The page behind the one in hand, fetched before it is needed. It is given back if it is never shown. */
import { preference } from "../core/prefs.js";
import { post } from "./sending.js";

/** Pages that this tab gave back, whose word may still be on its way: not to be taken for the next one. */
const RELEASED = "labelcrowd.released";
/** The preference of who wants nothing fetched before it is needed. */
export const SAVES_DATA = "saves-data";
const PAUSE = 1_000;
const MOST_TRIES = 5;

/**
 * @typedef {object} Ready
 * @property {HTMLElement} main
 * @property {string} title
 * @property {string} url
 * @property {string} release
 */

/**
 * @param {string | undefined} url Where it is asked for; undefined where each page's answers decide about the next.
 * @param {() => void} onReady
 */
export function ahead(url, onReady) {
  /** @type {Ready | null} */
  let ready = null;
  /** @type {"waiting" | "asking" | "over"} */
  let state = "waiting";
  let tries = 0;
  const leaving = new AbortController();

  async function start() {
    if (!url || ready || state !== "waiting" || savesData()) return;
    state = "asking";
    try {
      const answer = await post(url, { accept: "text/html, application/json" });
      state = answer.ok ? "waiting" : "over"; // over: nothing is left, or the budget; handing in will tell
      if (answer.ok) take(read(await answer.text()));
    } catch {
      state = "waiting"; // no connection: it is asked for again when there is one
    }
  }

  /** @param {Ready | null} found */
  function take(found) {
    if (found && wasReleased(found.url) && tries++ < MOST_TRIES) {
      setTimeout(start, PAUSE);
    } else if (found) {
      ready = found;
      onReady();
    }
  }

  function leave() {
    if (!ready) return;
    remember(ready.url);
    post(ready.release, { keepalive: true }).catch(() => undefined); // its lease ends by itself, too
    ready = null;
  }

  window.addEventListener("pagehide", leave, { signal: leaving.signal });
  return {
    /** Asks for it, unless it is there. */
    start,
    /** The page, to be shown now; null where there is none. */
    take() {
      const taken = ready;
      ready = null;
      return taken;
    },
    stop() {
      state = "over";
      leaving.abort();
    },
  };
}

/** @param {string} text @returns {Ready | null} */
function read(text) {
  const found = new DOMParser().parseFromString(text, "text/html");
  const main = found.querySelector("main");
  const form = /** @type {HTMLFormElement | null} */ (found.querySelector("form#page"));
  if (!main || !form) return null;
  const { url = "", release = "" } = form.dataset;
  // Once it is ours, its pictures are loaded.
  return { main: document.adoptNode(main), title: found.title, url, release };
}

/** Whoever pays for every megabyte, or says so on the list of keys, gets the next page when it is needed. */
function savesData() {
  const { connection } = /** @type {{connection?: {saveData?: boolean, type?: string}}} */ (navigator);
  const isMetered = connection?.saveData === true || connection?.type === "cellular";
  return isMetered || preference(SAVES_DATA) !== "";
}

/** @param {string} url */
function wasReleased(url) {
  try {
    return sessionStorage.getItem(RELEASED) === url;
  } catch {
    return false;
  }
}

/** @param {string} url */
function remember(url) {
  try {
    sessionStorage.setItem(RELEASED, url);
  } catch {
    // Then two tabs in one frame can't know of each other anyway.
  }
}
