/** What was answered on a page and not handed in yet: kept as it is typed, and there again after a reload. */
import { table } from "./store.js";

const DAY = 24 * 3600 * 1000;
/** So long after its end a page may still be handed in late, or be looked for. */
const MARGIN = 30 * DAY;
/** However long a page may be in hand: a device is not for ever one person's. */
const LONGEST = 365 * DAY;
const PAUSE = 200;

/**
 * @typedef {object} Draft
 * @property {number} at
 * @property {number} [ends] Until when its page can be in hand at most.
 * @property {number} seconds Worked on the page.
 * @property {import("./activity.js").Signs} [signs] Of work on it.
 * @property {string} [version] Of what was handed in, where that is changed.
 * @property {Record<string, import("./place.js").Kept>} places By token.
 */

/** @param {string} user @param {{keeps?: boolean}} [how] keeps: whether they outlive the page. */
export function drafts(user, how = {}) {
  /** @type {import("./store.js").Table<Draft & {key: string}>} */
  const rows = table("drafts", how);

  return {
    /** @param {string} page */
    async of(page) {
      const found = await rows.get(`${user}/${page}`);
      forgetOld(`${user}/${page}`);
      return found;
    },

    /** @param {string} page */
    forget: (page) => rows.remove(`${user}/${page}`),

    /**
     * Returns what is called after each change, and what keeps at once.
     * @param {string} page
     * @param {() => Omit<Draft, "at">} read
     */
    keeper(page, read) {
      const key = `${user}/${page}`;
      const stopped = new AbortController();
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let soon;
      let last = 0;

      function keep() {
        clearTimeout(soon);
        soon = undefined;
        last = Date.now();
        return rows.put(key, { ...read(), at: last, key });
      }

      const keepIfDue = () => {
        if (soon !== undefined) keep();
      };
      document.addEventListener("visibilitychange", keepIfDue, { signal: stopped.signal });
      window.addEventListener("beforeunload", keepIfDue, { signal: stopped.signal });
      window.addEventListener("pagehide", keepIfDue, { signal: stopped.signal });
      return {
        /** Keeps it now, and while somebody writes a few times a second. */
        changed() {
          if (Date.now() - last > PAUSE) keep();
          else soon ??= setTimeout(keep, PAUSE);
        },
        stop() {
          clearTimeout(soon);
          soon = undefined;
          stopped.abort();
        },
      };
    },
  };

  /** @param {string} wanted The key of what is worked on just now: it stays until it is handed in. */
  async function forgetOld(wanted) {
    for (const draft of await rows.all()) {
      const until = Math.min((draft.ends ?? draft.at) + MARGIN, draft.at + LONGEST);
      if (Date.now() > until && draft.key !== wanted) await rows.remove(draft.key);
    }
  }
}
