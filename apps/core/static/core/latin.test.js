import assert from "node:assert/strict";
import { test } from "node:test";
import { latin } from "./latin.js";

test("a key of an Arabic, a Hebrew or a Russian keyboard is the one at its place", () => {
  assert.equal(latin({ key: "\u0627", code: "KeyH" }), "h");
  assert.equal(latin({ key: "\u062a", code: "KeyJ" }), "j");
  assert.equal(latin({ key: "\u05d7", code: "KeyJ" }), "j");
  assert.equal(latin({ key: "\u0419", code: "KeyQ", shiftKey: true }), "q");
});

test("the sign for a question is one in Arabic, too, wherever it stands", () => {
  assert.equal(latin({ key: "\u061f", code: "Slash", shiftKey: true }), "?");
});

test("digits of other scripts are digits", () => {
  assert.equal(latin({ key: "\u0661", code: "Digit1" }), "1");
  assert.equal(latin({ key: "\u06f9", code: "Digit9" }), "9");
  assert.equal(latin({ key: "\u0967", code: "Numpad1" }), "1");
});

test("what is Latin stays, also where it stands elsewhere than usual", () => {
  assert.equal(latin({ key: "j", code: "KeyC" }), "j"); // Dvorak
  assert.equal(latin({ key: "1", code: "Digit1", shiftKey: true }), "1"); // a French keyboard
  assert.equal(latin({ key: "?", code: "Minus", shiftKey: true }), "?"); // a German one
  assert.equal(latin({ key: "Enter", code: "NumpadEnter" }), "Enter");
});
