/** The keys of a worker's page. */
import { keymapOf } from "../core/keymap.js";

export const USUAL = {
  next: "j",
  before: "k",
  skip: "s",
  broken: "b",
  guidelines: "h",
  time: "t",
  help: "?",
};

/** @typedef {keyof typeof USUAL} Action */

export const KEYS = keymapOf("keys", USUAL);
export const { actionOf } = KEYS;
