/**
 * What is pressed before a page's modules have come is kept, and pressed again when they say that they listen
 * (`lc-keys`): who begins at once loses no answer. Not a module, so that it listens before there is anything to see.
 */
(() => {
  /** @type {{key: string, code: string, shiftKey: boolean}[]} */
  const kept = [];

  /** @param {KeyboardEvent} event */
  function keep(event) {
    const withOthers = event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat;
    const single = event.key.length === 1 && event.target instanceof Element;
    if (single && !withOthers && event.target.matches("body, input[type=radio], input[type=checkbox]"))
      kept.push({ key: event.key, code: event.code, shiftKey: event.shiftKey });
  }

  function pressAgain() {
    document.removeEventListener("keydown", keep);
    for (const how of kept) {
      const pressed = new KeyboardEvent("keydown", { ...how, bubbles: true, cancelable: true });
      (document.activeElement ?? document.body).dispatchEvent(pressed);
    }
  }

  document.addEventListener("keydown", keep);
  document.addEventListener("lc-keys", pressAgain, { once: true });
})();
