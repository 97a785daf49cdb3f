/**
 * What a QuestionForm asks and no attribute of a control says: how many are chosen, and the form of a text. A classic
 * script, for it runs in no origin. The site asks all of it again.
 */

/** @param {HTMLFieldSetElement} set */
function minded(set) {
  const boxes = /** @type {HTMLInputElement[]} */ ([
    ...set.querySelectorAll("input[type=checkbox], input[type=radio]"),
  ]);
  const own = /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (set.querySelector("[data-own]"));
  const list = set.querySelector("select");
  const { fewest, most, say = "", must = "" } = set.dataset;

  const mark = boxes.at(-1); // one's own answer is the last choice
  const isOwn = () => (list ? list.selectedIndex === list.options.length - 1 : mark?.checked === true);

  function count() {
    const chosen = boxes.filter((box) => box.checked).length;
    const isWrong = chosen > 0 && (chosen < Number(fewest) || chosen > Number(most));
    boxes[0]?.setCustomValidity(isWrong ? say : chosen === 0 ? must : "");
    // A text that is not chosen stays, and is neither minded nor sent; an empty one can be begun, which chooses it.
    if (own) own.disabled = own.value.trim() !== "" && !isOwn();
  }

  own?.addEventListener("input", () => {
    if (!own.value.trim()) return;
    if (mark) mark.checked = true;
    if (list) list.selectedIndex = list.options.length - 1;
    count();
  });
  set.addEventListener("change", count);
  count();
}

/** @param {HTMLInputElement | HTMLTextAreaElement} field */
function formed(field) {
  let format;
  try {
    format = new RegExp(field.dataset.format ?? "", field.dataset.flags);
  } catch {
    return; // one that no browser reads asks for nothing
  }
  const look = () => field.setCustomValidity(!field.value || format.test(field.value) ? "" : (field.dataset.say ?? ""));
  field.addEventListener("input", look);
  look();
}

for (const set of document.querySelectorAll("fieldset")) minded(set);
for (const field of document.querySelectorAll("[data-format]")) {
  formed(/** @type {HTMLInputElement | HTMLTextAreaElement} */ (field));
}
