import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "#dom";
import { mount } from "./widget.js";

const SENTENCE = "Give a number from 0 to 250 in steps of 0.1.";

function mounted(more = {}) {
  const it = page(import.meta.url);
  const changes = [];
  const before = it.html();
  const widget = mount(it.root, { settings: {}, onChange: (answer) => changes.push(answer), ...more });
  return { ...it, before, changes, widget };
}

test("what is typed is answered as a number", () => {
  const { widget, type, changes } = mounted();

  type("12.5");

  assert.equal(widget.value(), 12.5);
  assert.deepEqual(changes, [12.5]);
  assert.equal(widget.validate(), "");
});

test("zero is an answer and an empty field is none", () => {
  const { widget, type } = mounted();

  type("0");
  const zero = widget.value();
  type("");

  assert.deepEqual([zero, widget.value()], [0, null]);
});

test("what is missing, out of range or too precise is said to be so", () => {
  const { widget, type } = mounted();

  const said = ["", "251", "-1", "0.05"].map((typed) => {
    type(typed);
    return widget.validate();
  });

  assert.deepEqual(said, [SENTENCE, SENTENCE, SENTENCE, SENTENCE]);
});

test("digits are typed, not taken for shortcuts", () => {
  const { widget, key } = mounted();

  key("1");

  assert.equal(widget.value(), null);
});

test("an answer is loaded and emptied again", () => {
  const { widget } = mounted({ prediction: 99.5 });

  const predicted = widget.value();
  widget.load(null);

  assert.deepEqual([predicted, widget.value()], [99.5, null]);
});

test("destroying takes everything back", () => {
  const { widget, before, html, type, changes } = mounted();
  widget.validate();

  widget.destroy();
  type("3");

  assert.equal(html(), before);
  assert.deepEqual(changes, []);
});
