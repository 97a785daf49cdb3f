import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { JSDOM } from "jsdom";

const SCRIPT = readFileSync(fileURLToPath(new URL("externalHIT_v1.js", import.meta.url)), "utf8");
const PAGE = `<form id="mturk_form" method="post"><input id="assignmentId" name="assignmentId">
<input type="submit" id="submitButton" value="Submit"></form>`;
const HERE = "https://labels.example/work/frames/x/?assignmentId=A1&turkSubmitTo=https%3A%2F%2Fother.example&a=b+c%21";

/** @param {string} html @param {string} address */
function opened(html = PAGE, address = HERE) {
  const { window } = new JSDOM(html, { url: address, runScripts: "outside-only" });
  window.eval(SCRIPT);
  return { window, control: (id) => window.document.getElementById(id) };
}

test("a form without an action is sent to the host that the address names, with the assignment", () => {
  const { window, control } = opened();

  window.turkSetAssignmentID();

  assert.equal(control("mturk_form").action, "https://other.example/mturk/externalSubmit");
  assert.equal(control("assignmentId").value, "A1");
  assert.equal(control("submitButton").disabled, false);
});

test("a form and a button by other names are those that are named", () => {
  const { window, control } = opened(
    '<form id="f"><input name="assignmentId" id="assignmentId"><input name="action"></form><button id="b">Go</button>',
    HERE.replace("A1", "ASSIGNMENT_ID_NOT_AVAILABLE"),
  );

  window.turkSetAssignmentID("f", "b");

  assert.equal(control("f").getAttribute("action"), "https://other.example/mturk/externalSubmit");
  assert.equal(control("b").disabled, true);
  assert.match(control("b").textContent, /ACCEPT the HIT/);
});

test("in a preview the button says why it can't be pressed, in the page's own words if it has some", () => {
  const preview = HERE.replace("A1", "ASSIGNMENT_ID_NOT_AVAILABLE");
  const plain = opened(PAGE, preview);
  const own = opened('<button id="submitButton" data-say-preview="Take it first.">Go</button>', preview);

  plain.window.turkSetAssignmentID();
  own.window.turkSetAssignmentID();

  assert.equal(plain.control("submitButton").disabled, true);
  assert.match(plain.control("submitButton").value, /ACCEPT the HIT/);
  assert.equal(own.control("submitButton").textContent, "Take it first.");
});

test("a parameter is given as it is written, the default where there is none", () => {
  const { window } = opened();

  assert.equal(window.turkGetParam("a"), "b+c%21");
  assert.equal(window.decode(window.turkGetParam("a")), "b c!");
  assert.equal(window.decode("100%"), "100%");
  assert.equal(window.turkGetParam("foo", "dflt"), "dflt");
  assert.equal(window.turkGetParam("foo"), undefined);
});

test("a host that is none is ours", () => {
  for (const named of ["", "&turkSubmitTo=javascript:alert(1)"]) {
    const { window } = opened(PAGE, `https://labels.example/x/?assignmentId=A1${named}`);

    assert.equal(window.turkGetSubmitToHost(), "https://labels.example");
  }
});

test("a page that loads it twice runs on", () => {
  const { window } = opened();

  window.eval(SCRIPT);

  assert.equal(window.turkGetParam("assignmentId"), "A1");
});
