import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";

const SCRIPT = readFileSync(fileURLToPath(new URL("rules.js", import.meta.url)), "utf8");
const RADIOS = `<input type="radio" name="q" value="a"><input type="radio" name="q" value="other">`;
const LIST = `<select name="q"><option value=""></option><option>a</option><option>other</option></select>`;

/** @param {string} choices @param {string} begins */
function opened(choices, begins = "") {
  const html = `<form><fieldset data-fewest="1" data-most="1">${choices}<input name="q.other" minlength="3" value="${begins}" data-own></fieldset></form>`;
  const { window } = new JSDOM(html, { runScripts: "outside-only" });
  window.eval(SCRIPT);
  const control = window.document.querySelector("select") ?? window.document.querySelector("[value=a]");
  const own = window.document.querySelector("[data-own]");
  const form = window.document.querySelector("form");
  return {
    own,
    sent: () => [...new window.FormData(form)].map(([name, value]) => `${name}=${value}`).join("&"),
    choose(value) {
      const chosen = window.document.querySelector(`[value=${value}]`);
      if (chosen) chosen.checked = true;
      else control.value = value;
      control.dispatchEvent(new window.Event("change", { bubbles: true }));
    },
    write(text) {
      own.value = text;
      own.dispatchEvent(new window.Event("input", { bubbles: true }));
    },
  };
}

for (const [name, choices] of Object.entries({ RADIOS, LIST })) {
  test(`an answer of one's own stays and is not sent while another one is chosen (${name})`, () => {
    const page = opened(choices);

    page.write("el");
    const written = page.sent();
    page.choose("a");
    const other = [page.sent(), page.own.value, page.own.willValidate];
    page.choose("other");

    assert.equal(written, "q=other&q.other=el");
    assert.deepEqual(other, ["q=a", "el", false]);
    assert.equal(page.sent(), "q=other&q.other=el");
  });
}

test("what an answer of one's own begins with is sent only where it is chosen", () => {
  const page = opened(RADIOS, "such as");

  assert.equal(page.sent(), "");
  page.choose("other");
  assert.equal(page.sent(), "q=other&q.other=such as");
});
