import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "#dom";
import { mount } from "./widget.js";

function mounted(more = {}) {
  const it = page(import.meta.url);
  const changes = [];
  const before = it.html();
  const widget = mount(it.root, { settings: {}, onChange: (answer) => changes.push(answer), ...more });
  return { ...it, widget, changes, before };
}

test("nothing is chosen at first", () => {
  const { widget } = mounted();

  assert.equal(widget.value(), null);
});

test("a click chooses and is told", () => {
  const { widget, choose, changes } = mounted();

  choose("dog");

  assert.equal(widget.value(), "dog");
  assert.deepEqual(changes, ["dog"]);
});

test("the key on a button chooses it and moves the focus there", () => {
  const { root, widget, key, control, changes } = mounted();

  key("2");
  key("N");

  assert.equal(widget.value(), "none");
  assert.deepEqual(changes, ["dog", "none"]);
  assert.equal(root.ownerDocument.activeElement, control('[value="none"]'));
});

test("keys with Ctrl, Alt or Meta are left to the browser", () => {
  const { widget, key } = mounted();

  for (const held of ["ctrlKey", "altKey", "metaKey"]) key("1", { [held]: true });

  assert.equal(widget.value(), null);
});

test("single keys can be switched off", () => {
  const { widget, key } = mounted({ context: { shortcuts: false } });

  key("1");

  assert.equal(widget.value(), null);
});

test("a page may pass a key on, and learns whether it meant anything", () => {
  const { widget } = mounted();

  assert.equal(widget.press("1"), true);
  assert.equal(widget.press("z"), false);
  assert.equal(widget.value(), "cat");
});

test("an answer is loaded and emptied again without being told as a change", () => {
  const { widget, changes } = mounted();

  widget.load("cat");
  const loaded = widget.value();
  widget.load(null);

  assert.deepEqual([loaded, widget.value(), changes], ["cat", null, []]);
});

test("a prediction is shown where nothing was chosen", () => {
  const { widget } = mounted({ prediction: "dog" });

  assert.equal(widget.value(), "dog");
});

test("a prediction never replaces what a person chose", () => {
  const it = page(import.meta.url);
  it.choose("cat");

  const widget = mount(it.root, { settings: {}, prediction: "dog" });

  assert.equal(widget.value(), "cat");
});

test("nothing chosen is said beside the question until something is", () => {
  const { widget, error, choose, control } = mounted();

  const sentence = widget.validate();
  const shown = error();
  const invalid = control("input").getAttribute("aria-invalid");
  choose("cat");

  assert.deepEqual([sentence, shown, invalid], ["Choose one of the options.", "Choose one of the options.", "true"]);
  assert.equal(error(), "");
  assert.equal(control("input").hasAttribute("aria-invalid"), false);
  assert.equal(widget.validate(), "");
});

test("the focus goes to what is chosen", () => {
  const { root, widget, control } = mounted();
  widget.load("dog");

  widget.focus();

  assert.equal(root.ownerDocument.activeElement, control('[value="dog"]'));
});

test("destroying takes everything back", () => {
  const { widget, before, html, key, choose, changes } = mounted();
  widget.validate();

  widget.destroy();

  assert.equal(html(), before);
  key("1");
  choose("dog");
  assert.deepEqual(changes, []);
});
