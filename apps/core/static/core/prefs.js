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
