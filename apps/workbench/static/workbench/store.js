/**
 * Tables in the browser's own database, which a reload, a lost network and a killed tab leave as they are. Where the
 * browser keeps none for us, they live as long as the page does.
 */

const NAME = "labelcrowd";
const VERSION = 1;
const TABLES = ["outbox", "drafts"];

/**
 * @template V
 * @typedef {object} Table
 * @property {(key: string, value: V) => Promise<void>} put Resolves once it is kept.
 * @property {(key: string) => Promise<V | undefined>} get
 * @property {(key: string) => Promise<void>} remove
 * @property {() => Promise<V[]>} all In the order of their keys.
 * @property {() => Promise<boolean>} isKept Whether it outlives the page.
 */

/** Until it dies: a browser in the background may close it, and another tab may ask for that. */
/** @type {Promise<IDBDatabase | null> | undefined} */
let opened;
/** How a browser calls it when it closed a database by itself. */
const DEAD = ["InvalidStateError", "UnknownError"];
/** What is kept where there is no database. @type {Map<string, Map<string, any>>} */
const fleetings = new Map(TABLES.map((name) => [name, new Map()]));

/**
 * @template V
 * @param {string} name
 * @param {{keeps?: boolean}} [how] keeps: whether it outlives the page, where the browser lets it.
 * @returns {Table<V>}
 */
export function table(name, { keeps = true } = {}) {
  const fleeting = /** @type {Map<string, V>} */ (fleetings.get(name));

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(rows: IDBObjectStore) => IDBRequest<T>} ask
   * @param {() => T} without What is done where there is no database.
   * @returns {Promise<T>}
   */
  async function act(mode, ask, without) {
    try {
      return await attempt(mode, ask, without);
    } catch (error) {
      if (!(error instanceof DOMException) || !DEAD.includes(error.name)) throw error;
      opened = undefined;
      return attempt(mode, ask, without);
    }
  }

  /** @type {typeof act} */
  async function attempt(mode, ask, without) {
    const database = keeps ? await atHand() : null;
    if (!database) return without();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode);
      const request = ask(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  return {
    async put(key, value) {
      await act(
        "readwrite",
        (rows) => /** @type {IDBRequest<unknown>} */ (rows.put(value, key)),
        () => fleeting.set(key, value),
      );
    },
    get: (key) =>
      act(
        "readonly",
        (rows) => /** @type {IDBRequest<V | undefined>} */ (rows.get(key)),
        () => fleeting.get(key),
      ),
    async remove(key) {
      await act(
        "readwrite",
        (rows) => /** @type {IDBRequest<unknown>} */ (rows.delete(key)),
        () => fleeting.delete(key),
      );
    },
    all: () =>
      act(
        "readonly",
        (rows) => /** @type {IDBRequest<V[]>} */ (rows.getAll()),
        () => [...fleeting.values()],
      ),
    isKept: async () => keeps && (await atHand()) !== null,
  };
}

function atHand() {
  opened ??= open();
  return opened;
}

/** @returns {Promise<IDBDatabase | null>} */
function open() {
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open(NAME, VERSION);
      asked.onupgradeneeded = () => {
        for (const name of TABLES) asked.result.createObjectStore(name);
      };
      asked.onsuccess = () => {
        const database = asked.result;
        const forget = () => {
          opened = undefined;
        };
        database.onclose = forget;
        database.onversionchange = () => {
          database.close();
          forget();
        };
        resolve(database);
      };
      asked.onerror = () => resolve(null);
      asked.onblocked = () => resolve(null);
    } catch {
      resolve(null); // a frame that may keep nothing
    }
  });
}
