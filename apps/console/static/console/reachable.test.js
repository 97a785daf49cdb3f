import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { listen, makeReachable } from "./reachable.js";

/** @param {string} html */
function page(html) {
  const { window } = new JSDOM(`<!doctype html><body>${html}`);
  globalThis.HTMLElement = window.HTMLElement;
  globalThis.requestAnimationFrame = () => 0;
  makeReachable(window.document);
  return window.document;
}

const MORE = '<a x-on:click="open = !open"><span class="material-symbols-outlined">more_horiz</span> More</a>';

test("what a pointer alone could press is a button, and its icon is not read out", () => {
  const control = page(MORE).querySelector("a");

  assert.equal(control.getAttribute("role"), "button");
  assert.equal(control.tabIndex, 0);
  assert.equal(control.firstElementChild.getAttribute("aria-hidden"), "true");
});

test("an icon that is pressed is called by its title", () => {
  const icon = page(
    '<span class="material-symbols-outlined" x-on:click="show()" title="Show it">eye</span>',
  ).querySelector("span");

  assert.equal(icon.getAttribute("aria-label"), "Show it");
  assert.equal(icon.hasAttribute("aria-hidden"), false);
});

test("an icon that alone tells what a button does is read out", () => {
  const found = page('<button><span class="material-symbols-outlined">search</span></button>');

  assert.equal(found.querySelector("span").hasAttribute("aria-hidden"), false);
});

test("the ground behind a panel and what holds controls are no buttons", () => {
  const found = page('<div x-on:click="close()"></div><div x-on:click="go()">Go <a href="/">on</a></div>');

  assert.equal(found.querySelector("[role=button]"), null);
});

for (const key of ["Enter", " "]) {
  test(`${key === " " ? "space" : key} presses it once, however long it is held`, () => {
    const found = page(MORE);
    const control = found.querySelector("a");
    let clicks = 0;
    control.addEventListener("click", () => {
      clicks += 1;
    });
    listen(found);

    for (const repeat of [false, true]) {
      control.dispatchEvent(new found.defaultView.KeyboardEvent("keydown", { key, repeat, bubbles: true }));
    }

    assert.equal(clicks, 1);
  });
}
