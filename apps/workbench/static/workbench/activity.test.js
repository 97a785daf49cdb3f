import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { JSDOM } from "jsdom";
import { activity } from "./activity.js";

let isHidden = false;

beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: 0 });
  isHidden = false;
  const { window } = new JSDOM("");
  globalThis.document = window.document;
  globalThis.AbortController = window.AbortController; // jsdom takes no other's signals
  Object.defineProperty(document, "hidden", { get: () => isHidden });
});

afterEach(() => mock.timers.reset());

function happens(name, after) {
  mock.timers.tick(after * 1000);
  document.dispatchEvent(new document.defaultView.Event(name));
}

test("time between signs of work counts", () => {
  const working = activity();

  happens("keydown", 10);
  happens("pointerdown", 20);

  assert.equal(working.seconds(), 30);
});

test("of a pause half a minute counts", () => {
  const working = activity();

  happens("keydown", 3600);
  mock.timers.tick(3600 * 1000);

  assert.equal(working.seconds(), 60);
});

test("what was worked before a reload is added to", () => {
  const working = activity({ before: 12.5 });

  happens("input", 5);

  assert.equal(working.seconds(), 17.5);
});

test("nothing counts while the page is not seen", () => {
  const working = activity();
  happens("keydown", 5);

  isHidden = true;
  happens("visibilitychange", 5);
  mock.timers.tick(20_000);
  isHidden = false;
  happens("visibilitychange", 0);
  happens("keydown", 2);

  assert.equal(working.seconds(), 12);
});

test("keys, presses and times away are counted, what was counted before too", () => {
  const working = activity({ signs: { keys: 2, presses: 0, leaves: 1 } });

  happens("keydown", 1);
  happens("pointerdown", 1);
  happens("pointermove", 1);
  isHidden = true;
  happens("visibilitychange", 1);
  isHidden = false;
  happens("visibilitychange", 1);

  assert.deepEqual(working.signs(), { keys: 3, presses: 1, leaves: 2 });
});

test("a key that is held down is one key", () => {
  const working = activity();
  const { KeyboardEvent } = document.defaultView;

  for (const repeat of [false, true, true]) document.dispatchEvent(new KeyboardEvent("keydown", { repeat }));

  assert.equal(working.signs().keys, 1);
});

test("a clock that is set back takes nothing away", () => {
  const working = activity();
  happens("keydown", 10);

  mock.timers.setTime(0);
  happens("keydown", 1);

  assert.equal(working.seconds(), 10);
});

test("each sign is told, until it is stopped", () => {
  let signs = 0;
  const working = activity({
    onSign: () => {
      signs += 1;
    },
  });
  happens("keydown", 1);

  working.stop();
  happens("keydown", 1);

  assert.equal(signs, 1);
});
