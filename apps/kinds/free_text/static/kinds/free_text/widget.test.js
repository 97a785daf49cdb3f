import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "#dom";
import { mount } from "./widget.js";

function mounted(more = {}) {
  const it = page(import.meta.url);
  const before = it.html();
  return { ...it, before, widget: mount(it.root, { settings: { longest: 5 }, ...more }) };
}

test("what is written is the answer", () => {
  const { widget, type } = mounted();

  type("one\ntwo");

  assert.equal(widget.value(), "one\ntwo");
});

test("spaces alone are no answer", () => {
  const { widget, type } = mounted();

  type(" \n ");

  assert.equal(widget.value(), null);
  assert.equal(widget.validate(), "Write an answer.");
});

test("length is counted in characters, as the server counts", () => {
  const { widget, type } = mounted();

  type("🦊🦊🦊🦊🦊");
  const five = widget.validate();
  type("🦊🦊🦊🦊🦊🦊");

  assert.equal(five, "");
  assert.match(widget.validate(), /^Write at most/);
});

test("letters are written, not taken for shortcuts", () => {
  const { widget, key, control } = mounted();

  key("1", { on: control("textarea") });

  assert.equal(widget.value(), null);
});

test("an answer is loaded as text, never as markup", () => {
  const { root, widget } = mounted();

  widget.load("<img src=x>");

  assert.equal(widget.value(), "<img src=x>");
  assert.equal(root.querySelector("img"), null);
});

test("destroying takes everything back", () => {
  const { widget, before, html } = mounted();
  widget.validate();

  widget.destroy();

  assert.equal(html(), before);
});
