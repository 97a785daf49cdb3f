/** The keys of a page. Single ones can be switched off (WCAG 2.1.4), and never act where text is written. */

const OFF = "labelcrowd.single-keys-off";

/**
 * @param {object} page
 * @param {import("./place.js").Place[]} page.places
 * @param {() => void} page.submit
 * @returns {() => void} Takes the keys away again.
 */
export function keys({ places, submit }) {
  const help = /** @type {HTMLDialogElement} */ (document.getElementById("help"));
  const guidelines = /** @type {HTMLDetailsElement | null} */ (document.getElementById("guidelines"));
  const listening = new AbortController();
  const { signal } = listening;
  setUpSwitch(signal);
  document.getElementById("help-button")?.addEventListener("click", () => help.showModal(), { signal });

  /** The question that has the focus, else the first one without an answer. */
  const current = () =>
    places.find((place) => place.root.contains(document.activeElement)) ??
    places.find((place) => !place.isDone()) ??
    places[0];

  /** @param {number} steps */
  function move(steps) {
    const inside = places.findIndex((place) => place.root.contains(document.activeElement));
    const from = inside === -1 && steps > 0 ? -1 : inside;
    places[Math.min(Math.max(from + steps, 0), places.length - 1)].focus();
  }

  function goOn() {
    const here = places.indexOf(current());
    const next = [...places.slice(here + 1), ...places.slice(0, here + 1)].find((place) => !place.isDone());
    if (next) next.focus();
    else submit();
  }

  function toggleGuidelines() {
    if (!guidelines) return;
    guidelines.open = !guidelines.open;
    guidelines.querySelector("summary")?.focus();
  }

  /** @type {Record<string, () => void>} */
  const singles = {
    j: () => move(1),
    k: () => move(-1),
    s: () => current().toggleSkip(),
    h: toggleGuidelines,
    "?": () => help.showModal(),
  };

  /** @param {KeyboardEvent} event */
  function act(event) {
    if (event.key === "Enter") return entered(event);
    if (event.ctrlKey || localStorage.getItem(OFF) || takesText(event.target)) return false;
    if (current().press(event.key)) return true;
    const single = singles[event.key];
    single?.();
    return single !== undefined;
  }

  /** @param {KeyboardEvent} event */
  function entered(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey) submit();
    else if (target === document.body || target.matches("input, .lc-place, h1")) goOn();
    else return false;
    return true;
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || event.altKey || event.metaKey || event.isComposing || help.open) return;
      if (act(event)) event.preventDefault();
    },
    { signal },
  );
  return () => listening.abort();
}

/** @param {AbortSignal} signal */
function setUpSwitch(signal) {
  const box = /** @type {HTMLInputElement} */ (document.getElementById("single-keys"));
  box.checked = !localStorage.getItem(OFF);
  const change = () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"));
  box.addEventListener("change", change, { signal });
}

/** @param {EventTarget | null} target */
function takesText(target) {
  const { localName, type } = /** @type {HTMLInputElement} */ (target);
  return ["textarea", "select"].includes(localName) || (localName === "input" && !["radio", "checkbox"].includes(type));
}
