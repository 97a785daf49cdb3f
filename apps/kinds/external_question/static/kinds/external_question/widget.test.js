import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "#dom";
import { mount } from "./widget.js";

function mounted(more = {}) {
  const it = page(import.meta.url);
  const before = it.html();
  return { ...it, before, widget: mount(it.root, { settings: {}, ...more }) };
}

test("what is written is read field by field", () => {
  const { widget, type } = mounted();

  type("animal=cat&note=two%20words&animal=dog");

  assert.deepEqual(widget.value(), [
    ["animal", "cat"],
    ["note", "two words"],
    ["animal", "dog"],
  ]);
});

test("nothing written is no answer", () => {
  const { widget } = mounted();

  assert.equal(widget.value(), null);
  assert.match(widget.validate(), /^Answer on the requester/);
});

test("an answer is shown and read back the same", () => {
  const { widget } = mounted();

  widget.load([["a&b", "<x>=1\n2"]]);

  assert.deepEqual(widget.value(), [["a&b", "<x>=1\n2"]]);
});

test("destroying takes everything back", () => {
  const { widget, before, html } = mounted();
  widget.validate();

  widget.destroy();

  assert.equal(html(), before);
});
