import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "#dom";
import { mount } from "./widget.js";

function mounted(more = {}) {
  const it = page(import.meta.url);
  const changes = [];
  const before = it.html();
  const onChange = (answer) => changes.push(answer);
  return { ...it, before, changes, widget: mount(it.root, { settings: { least: 0, most: 3 }, onChange, ...more }) };
}

test("options are answered in their order, whatever the order of choosing", () => {
  const { widget, choose } = mounted();

  choose("service");
  choose("price");

  assert.deepEqual(widget.value(), ["price", "service"]);
});

test("a key chooses and takes back", () => {
  const { key, changes } = mounted();

  key("1");
  key("2");
  key("1");

  assert.deepEqual(changes, [["price"], ["price", "taste"], ["taste"]]);
});

test("none of these is an answer, unlike choosing nothing", () => {
  const { widget, control } = mounted();

  const untouched = widget.value();
  control('[name="place.none"]').click();

  assert.deepEqual([untouched, widget.value()], [null, []]);
  assert.equal(widget.validate(), "");
});

test("none of these and an option exclude each other", () => {
  const { widget, choose, control } = mounted();
  const none = control('[name="place.none"]');

  none.click();
  choose("taste");
  const afterOption = [widget.value(), none.checked];
  none.click();

  assert.deepEqual(afterOption, [["taste"], false]);
  assert.deepEqual(widget.value(), []);
});

test("an answer is loaded, also an empty one", () => {
  const { widget, control } = mounted();

  widget.load(["price", "place"]);
  const some = widget.value();
  widget.load([]);
  const none = [widget.value(), control('[name="place.none"]').checked];
  widget.load(null);

  assert.deepEqual([some, none, widget.value()], [["price", "place"], [[], true], null]);
});

test("too many are said to be too many", () => {
  const { widget, error } = mounted();

  widget.load(["price", "taste", "service", "place"]);

  assert.equal(widget.validate(), "Choose from 0 to 3 options.");
  assert.equal(error(), "Choose from 0 to 3 options.");
});

test("nothing chosen is said to be missing", () => {
  assert.equal(mounted().widget.validate(), "Choose the options that apply.");
});

test("none of these has a key, too", () => {
  const { widget, key } = mounted();

  key("1");
  key("0");

  assert.deepEqual(widget.value(), []);
});

test("destroying takes everything back", () => {
  const { widget, before, html, key, changes } = mounted();
  widget.validate();

  widget.destroy();
  key("1");

  assert.equal(html(), before);
  assert.deepEqual(changes, []);
});
