import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { letSingleKeysWork, singleKeysWork } from "../core/keymap.js";
import { KEYS } from "./keymap.js";

const { actionOf, keymap, rebind, usualKeys } = KEYS;

beforeEach(() => {
  const kept = new Map();
  globalThis.localStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
});

test("the usual keys do what they say, also as capitals", () => {
  assert.equal(actionOf("j"), "next");
  assert.equal(actionOf("J"), "next");
  assert.equal(actionOf("?"), "help");
  assert.equal(actionOf("q"), undefined);
});

test("another key takes the usual one's place, and is kept", () => {
  assert.equal(rebind("skip", "X"), "");

  assert.equal(actionOf("x"), "skip");
  assert.equal(actionOf("s"), undefined);
  assert.equal(keymap().next, "j");
});

test("a key does one thing", () => {
  assert.equal(rebind("skip", "j"), "taken");
  assert.equal(actionOf("j"), "next");
  assert.equal(rebind("next", "j"), "");
});

test("what is no single sign is no key of ours", () => {
  for (const key of ["Enter", "ArrowDown", "F1", " "]) assert.equal(rebind("skip", key), "unfit");
});

test("the usual keys come back", () => {
  rebind("skip", "x");

  usualKeys();

  assert.equal(actionOf("s"), "skip");
});

test("single keys can be switched off and on", () => {
  assert.equal(singleKeysWork(), true);

  letSingleKeysWork(false);
  assert.equal(singleKeysWork(), false);
  letSingleKeysWork(true);
  assert.equal(singleKeysWork(), true);
});

test("a browser that keeps nothing has the usual keys", () => {
  globalThis.localStorage = {
    getItem() {
      throw new Error("SecurityError");
    },
    setItem() {
      throw new Error("SecurityError");
    },
  };

  rebind("skip", "x");

  assert.equal(actionOf("s"), "skip");
});
