import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "#dom";
import { mount } from "./widget.js";

function mounted(more = {}) {
  const it = page(import.meta.url);
  return { ...it, before: it.html(), widget: mount(it.root, { settings: {}, ...more }) };
}

test("both sides are shown before the script", () => {
  const { root } = page(import.meta.url);

  const texts = [...root.querySelectorAll(".lc-text")].map((text) => text.textContent);

  assert.deepEqual(texts, ["Fox in park.", "A park."]);
});

test("keys 1, 2 and 3 choose left, right and neither", () => {
  const { widget, key } = mounted();

  const chosen = ["1", "2", "3"].map((pressed) => {
    key(pressed);
    return widget.value();
  });

  assert.deepEqual(chosen, ["left", "right", "tie"]);
});

test("no choice is said to be missing", () => {
  assert.equal(mounted().widget.validate(), "Choose one of the two.");
});

test("destroying takes everything back", () => {
  const { widget, before, html, key } = mounted();
  widget.validate();

  widget.destroy();
  key("1");

  assert.equal(html(), before);
  assert.equal(widget.value(), null);
});
