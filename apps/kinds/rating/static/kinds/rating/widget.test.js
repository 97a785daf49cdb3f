import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "#dom";
import { mount } from "./widget.js";

function mounted(more = {}) {
  const it = page(import.meta.url);
  return { ...it, before: it.html(), widget: mount(it.root, { settings: {}, ...more }) };
}

test("a point is answered as a number", () => {
  const { widget, choose } = mounted();

  choose("-3");

  assert.equal(widget.value(), -3);
});

test("the middle of the scale is an answer though it is zero", () => {
  const { widget, choose } = mounted();

  choose("0");

  assert.equal(widget.value(), 0);
  assert.equal(widget.validate(), "");
});

test("keys run along the scale", () => {
  const { widget, key } = mounted();

  key("q");
  const lowest = widget.value();
  key("o");

  assert.deepEqual([lowest, widget.value()], [-4, 4]);
});

test("an answer is loaded as a number, also as a prediction", () => {
  const { widget } = mounted({ prediction: 2 });

  const predicted = widget.value();
  widget.load(-1);

  assert.deepEqual([predicted, widget.value()], [2, -1]);
});

test("no point is said to be missing", () => {
  assert.equal(mounted().widget.validate(), "Choose a point of the scale.");
});

test("destroying takes everything back", () => {
  const { widget, before, html } = mounted();
  widget.validate();

  widget.destroy();

  assert.equal(html(), before);
});
