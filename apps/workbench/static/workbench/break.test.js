import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { JSDOM } from "jsdom";
import { breaks } from "./break.js";

const MINUTE = 60_000;
const START = 1_000 * MINUTE;
let told = 0;

beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: START });
  globalThis.sessionStorage = new JSDOM("", { url: "https://example.org/" }).window.sessionStorage;
  told = 0;
});

afterEach(() => mock.timers.reset());

/** A page of questions, as each comes in the place of the one before. */
const page = (minutes = 25) =>
  breaks(minutes, () => {
    told += 1;
  });

/** @param {() => void} sign @param {number} minutes With a sign of work in each. */
function work(sign, minutes) {
  for (let minute = 0; minute < minutes; minute++) {
    sign();
    mock.timers.tick(MINUTE);
  }
  sign();
}

test("who works on and on is reminded, once for each stretch", () => {
  const sign = page();

  work(sign, 24);
  assert.equal(told, 0);
  work(sign, 1);
  assert.equal(told, 1);
  work(sign, 24);
  assert.equal(told, 1);
  work(sign, 1);
  assert.equal(told, 2);
});

test("a pause of more than five minutes begins a new stretch", () => {
  const sign = page();

  work(sign, 20);
  mock.timers.tick(6 * MINUTE);
  work(sign, 20);

  assert.equal(told, 0);
});

test("a stretch goes on over many pages", () => {
  for (let n = 0; n < 13; n++) work(page(), 2);

  assert.equal(told, 1);
});

test("where something hard is seen the stretch is shorter", () => {
  work(page(10), 10);

  assert.equal(told, 1);
});

test("where nothing can be kept a stretch is a page", () => {
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get() {
      throw new Error("a frame may keep nothing");
    },
  });

  work(page(), 25);

  assert.equal(told, 1);
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, writable: true, value: undefined });
});
