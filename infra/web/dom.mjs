import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";

/** The page that a test's neighbour widget.test.html makes: what the server rendered, and ways to act on it. */
export function page(testUrl) {
  const html = readFileSync(fileURLToPath(new URL("widget.test.html", testUrl)), "utf8");
  const { window } = new JSDOM(`<!doctype html><main>${html}</main>`);
  const root = window.document.querySelector("main");
  const control = (selector) => root.querySelector(selector);
  return {
    root,
    control,
    html: () => root.innerHTML,
    error: () => (control(".lc-error").hidden ? "" : control(".lc-error").textContent),
    choose: (value) => control(`[value="${value}"]`).click(),
    type(text) {
      const field = control(".lc-input");
      field.value = text;
      field.dispatchEvent(new window.Event("input", { bubbles: true }));
    },
    key(key, options = {}) {
      const target = options.on ?? control("input, textarea");
      const event = new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
      target.dispatchEvent(event);
    },
  };
}
