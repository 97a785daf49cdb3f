/** What a person prefers in this browser. */

const PREFIX = "labelcrowd.";

/** @param {string} name */
export function preference(name) {
  try {
    return localStorage.getItem(PREFIX + name) ?? "";
  } catch {
    return ""; // a frame that may keep nothing
  }
}

/** @param {string} name @param {string} value '' for the usual. */
export function prefer(name, value) {
  try {
    if (value === "") localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // It holds for this page, then.
  }
}

/** Keeps a cookie, which the server reads with the next request. @param {string} cookie */
export function bake(cookie) {
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
    document.cookie = cookie;
  } catch {
    // A frame that may keep nothing.
  }
}
