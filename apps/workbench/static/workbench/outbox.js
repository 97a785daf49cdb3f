/**
 * Pages that were handed in here and not yet acknowledged by the server. They are kept first and sent then, one after
 * the other; the server knows a page that comes twice, so each arrives once. Only what our server says of a page, to the
 * worker who handed it in, ends its waiting: whatever else comes back (another site's page, a log-in, an error) does not.
 * But that it is too large, whoever stands before our server may say: it would be so each time.
 */
import { post } from "./sending.js";
import { table } from "./store.js";

/** Milliseconds until it is tried again, growing to the last. */
const PAUSES = [2_000, 5_000, 15_000, 60_000];
const PATIENCE = 30_000;
/** Milliseconds that the browser's database may take: one that hangs holds up nothing that is at hand. */
const KEPT_WITHIN = 1_000;

/**
 * @typedef {object} Entry One page as it was handed in.
 * @property {string} user
 * @property {string} page The assignment's id.
 * @property {string} url Where the page is seen.
 * @property {string} submit
 * @property {Record<string, unknown>} answers By token.
 * @property {import("./listening.js").Held} [held] What a requester's form held, which goes out in the answers' place.
 * @property {number} [seconds] Worked on it.
 * @property {import("./activity.js").Signs} [signs] Of work on it.
 * @property {number} at
 * @property {Record<string, string>} [problems] What the server said is wrong, by token: it waits for the worker.
 * @property {string} [lost] Why the server takes it no more: it stays until the worker throws it away.
 */

/** @typedef {"online" | "offline" | "loggedOut" | "trouble"} Line How it stands with the server. */
/** @typedef {"sent" | "refused" | "lost"} Fate */
/** @typedef {{entry: Entry, fate: Fate, said: string, change?: string}} News Change: where it can be changed. */
/** @typedef {{state?: unknown, said?: unknown, sentence?: unknown, problems?: unknown, change_url?: string}} Word */

/**
 * @param {string} user Whose entries: others may work in the same browser.
 * @param {{keeps?: boolean, sayTooLarge?: string, sayAllTooLarge?: string}} [how] keeps: whether what is here outlives
 *   the page; not so in a preview. sayTooLarge, sayAllTooLarge: what a worker can do about an answer that is too large
 *   to be sent, and about a page whose answers are it together.
 */
export function outbox(user, how = {}) {
  /** @type {import("./store.js").Table<Entry>} */
  const rows = table("outbox", how);
  const drafts = table("drafts", how);
  /** What is on its way into the database, or could not be kept there: sent all the same. @type {Map<string, Entry>} */
  const fresh = new Map();
  const events = new EventTarget();
  /** @type {Promise<void> | undefined} */
  let running;
  let isAsked = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  let failures = 0;
  /** @type {Line} */
  let line = navigator.onLine ? "online" : "offline";
  let count = 0;
  /** Whether the database said last what waits: while it does not, that is asked for again. */
  let isRead = true;

  /** @param {string} page */
  const key = (page) => `${user}/${page}`;

  /** The entries of this worker, the oldest first. */
  async function mine() {
    const asked = rows.all();
    isRead = true;
    /** @type {Entry[]} */
    let all = [];
    try {
      all = await (fresh.size > 0 || hangs ? soon(asked) : asked);
    } catch (error) {
      isRead = !(error instanceof Late); // a database that fails stops nothing that is at hand
    }
    const kept = all.filter((entry) => entry.user === user && !fresh.has(entry.page));
    return [...kept, ...fresh.values()].sort((a, b) => a.at - b.at);
  }

  /** @param {string} page @returns {Promise<Entry | undefined>} */
  const find = async (page) => fresh.get(page) ?? (await rows.get(key(page)));

  /** What the database does not let go now is sent again, and the server knows it. @param {string} page */
  async function remove(page) {
    fresh.delete(page);
    await soon(rows.remove(key(page))).catch(() => {});
  }

  /** Sends what waits; resolves when nothing more can be done now. */
  function flush() {
    isAsked = true;
    running ??= work();
    return running;
  }

  async function work() {
    try {
      while (isAsked) {
        isAsked = false; // who asks while it runs may have put something there that this run has not seen
        await (how.keeps === false ? send() : alone(send));
      }
    } finally {
      running = undefined;
    }
  }

  async function send() {
    clearTimeout(again);
    /** @type {Line} */
    let reached = "online";
    for (const entry of (await mine()).filter(isToSend)) {
      const now = await deliver(entry);
      if (now !== "online") reached = now;
      if (now === "offline" || now === "loggedOut") break; // trouble may be this one page's: the others are sent
    }
    setLine(reached);
    await recount();
    if (line === "online" && isRead) failures = 0;
    else again = setTimeout(flush, PAUSES[Math.min(failures++, PAUSES.length - 1)]);
  }

  /** @param {Entry} entry @returns {Promise<Line>} */
  async function deliver(entry) {
    let answer;
    try {
      const json = entry.held ?? { answers: entry.answers, active_seconds: entry.seconds, signs: entry.signs };
      answer = await post(entry.submit, { json, user, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      return "offline"; // fetch throws for nothing else than a line that is broken or too slow
    }
    const isLedAway = answer.type === "opaqueredirect"; // to a log-in, or to a second factor
    if (isLedAway || answer.status === 401 || answer.status === 403) return "loggedOut";
    if (answer.status === 413) {
      const problems = tooLarge(entry.answers, how);
      tell({ entry: await keep({ ...entry, problems }), fate: "refused", said: "" });
      return "online";
    }
    if (answer.status === 429 || answer.status >= 500) return "trouble";
    /** @type {Word | null} */
    const word = await answer.json().catch(() => null);
    return word && (await settle(entry, answer, word)) ? "online" : "trouble";
  }

  /**
   * Returns whether the answer is our server's last word on the page.
   * @param {Entry} entry @param {Response} answer @param {Word} word
   */
  async function settle(entry, answer, word) {
    if (answer.ok && typeof word.state === "string") {
      const draft = soon(drafts.remove(key(entry.page))).catch(() => {});
      await Promise.all([remove(entry.page), draft]);
      tell({ entry, fate: "sent", said: String(word.said ?? ""), change: word.change_url });
    } else if (answer.status === 422 && word.problems) {
      const problems = /** @type {Record<string, string>} */ (word.problems);
      tell({ entry: await keep({ ...entry, problems }), fate: "refused", said: "" });
    } else if (!answer.ok && typeof word.sentence === "string") {
      tell({ entry: await keep({ ...entry, lost: word.sentence }), fate: "lost", said: word.sentence });
    } else {
      return false;
    }
    return true;
  }

  /** @param {Entry} entry What waits for the worker now. */
  async function keep(entry) {
    fresh.set(entry.page, entry);
    await soon(rows.put(key(entry.page), entry).then(() => fresh.delete(entry.page))).catch(() => {});
    return entry;
  }

  /** @param {News} news */
  function tell(news) {
    events.dispatchEvent(new CustomEvent("news", { detail: news }));
  }

  /** @param {Line} now */
  function setLine(now) {
    if (line === now) return;
    line = now;
    events.dispatchEvent(new Event("line"));
  }

  async function recount() {
    const known = (await mine()).filter(isToSend).length;
    count = isRead ? known : Math.max(known, count);
    events.dispatchEvent(new Event("line"));
  }

  /** @param {(news: News) => void} hear @param {AbortSignal} [signal] */
  function onNews(hear, signal) {
    const unpack = (/** @type {Event} */ event) => hear(/** @type {CustomEvent<News>} */ (event).detail);
    events.addEventListener("news", unpack, signal ? { signal } : {});
  }

  window.addEventListener("online", () => {
    setLine("online");
    flush();
  });
  window.addEventListener("offline", () => setLine("offline"));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && count > 0) flush();
  });

  return {
    user,
    /** How many pages wait to be sent. */
    waiting: () => count,
    line: () => line,
    flush,
    isKept: rows.isKept,
    /** Takes a page that is handed in; resolves once it is kept. @param {Omit<Entry, "user" | "at">} handedIn */
    async add(handedIn) {
      const entry = { ...handedIn, user, at: Date.now() };
      fresh.set(entry.page, entry);
      count += 1;
      const kept = rows.put(key(entry.page), entry).then(() => fresh.delete(entry.page));
      // No room, or no answer: it is sent from here, and leaving warns.
      await soon(kept).catch(() => events.dispatchEvent(new Event("line")));
    },
    find,
    /** Takes a page back that was not taken, to be mended. @param {string} page */
    takeBack: remove,
    /** What was not taken and waits for the worker. */
    returned: async () => (await mine()).filter((entry) => !isToSend(entry)),
    /** Throws away what is taken no more, at the worker's word. @param {string} page */
    async forget(page) {
      await Promise.all([remove(page), soon(drafts.remove(key(page))).catch(() => {})]);
    },
    /** Resolves when the server has said its last word on a page. @param {string} page @returns {Promise<Fate>} */
    async settled(page) {
      const done = new AbortController();
      const word = new Promise((resolve) => {
        const hear = (/** @type {News} */ news) => news.entry.page === page && resolve(news.fate);
        // Another tab may have sent it: then it is gone, and nobody told this one.
        const look = async () => {
          const found = await find(page);
          if (!found) resolve("sent");
          else if (found.lost !== undefined) resolve("lost");
        };
        onNews(hear, done.signal);
        events.addEventListener("line", look, { signal: done.signal });
      });
      flush();
      return word.finally(() => done.abort());
    },
    onNews,
    /** @param {() => void} hear @param {AbortSignal} [signal] */
    onLine: (hear, signal) => events.addEventListener("line", hear, signal ? { signal } : {}),
  };
}

/** @typedef {ReturnType<typeof outbox>} Outbox */

/** @param {Entry} entry */
const isToSend = (entry) => !entry.problems && entry.lost === undefined;

/**
 * What is said of the answer that takes the most room: more than all others take together, or not.
 * @param {Record<string, unknown>} answers By token.
 * @param {{sayTooLarge?: string, sayAllTooLarge?: string}} how
 */
function tooLarge(answers, { sayTooLarge = "", sayAllTooLarge = "" }) {
  const sizes = Object.entries(answers).map(([token, given]) => ({ token, size: JSON.stringify(given).length }));
  const { token, size } = sizes.reduce((one, other) => (other.size > one.size ? other : one));
  const isMost = 2 * size > sizes.reduce((sum, one) => sum + one.size, 0);
  return { [token]: isMost ? sayTooLarge : sayAllTooLarge };
}

let hangs = false;

/** That a database did not answer in time. */
class Late extends Error {}

/**
 * What the database answers in time, or else an error: waited for once, then at once till it answers again.
 * @template T @param {Promise<T>} asked @returns {Promise<T>}
 */
function soon(asked) {
  return new Promise((resolve, reject) => {
    const late = () => {
      hangs = true;
      reject(new Late());
    };
    const timer = setTimeout(late, hangs ? 0 : KEPT_WITHIN);
    const answered = () => {
      hangs = false;
      clearTimeout(timer);
    };
    asked.finally(answered).then(resolve, reject);
  });
}

/** Runs in one tab of the browser at a time, where the browser can tell. @param {() => Promise<void>} act */
function alone(act) {
  return navigator.locks ? navigator.locks.request("labelcrowd.outbox", act) : act();
}
