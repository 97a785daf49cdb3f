/**
 * What unfold lets a pointer alone press (a list of actions, what is under one's name, a theme) is a button to the
 * keyboard and to who hears the page, too. Its icons are words to a machine, and are read out to nobody.
 */

const PRESSED = "x-on:click"; // unfold's attribute, which jsdom's selectors can't name
const CONTROLS = "a[href], button, input, select, textarea, summary, label";
const ICON = ".material-symbols-outlined";

/** @param {ParentNode} root */
export function makeReachable(root) {
  for (const icon of root.querySelectorAll(ICON)) if (!names(icon)) icon.setAttribute("aria-hidden", "true");
  for (const one of root.querySelectorAll("a, div, span, h2, h3")) if (isPressed(one)) makeButton(one);
}

/** @param {Element} one */
function isPressed(one) {
  return one.hasAttribute(PRESSED) && !one.matches(CONTROLS);
}

/** Whether an icon is what is pressed, or all that tells it. @param {Element} icon */
function names(icon) {
  if (isPressed(icon)) return true;
  const control = icon.closest("a, button");
  return control !== null && !(control.getAttribute("aria-label") || title(control) || words(control));
}

/** Leaves alone what has controls of its own, and what has no name: the ground behind a panel. @param {Element} one */
function makeButton(one) {
  if (one.querySelector(CONTROLS) || !(title(one) || words(one))) return;
  one.setAttribute("role", "button");
  one.setAttribute("tabindex", "0");
  if (title(one)) one.setAttribute("aria-label", title(one));
}

/** @param {Element} one */
function title(one) {
  return one.getAttribute("title") ?? "";
}

/** @param {Element} one */
function words(one) {
  const copy = /** @type {Element} */ (one.cloneNode(true));
  for (const icon of copy.querySelectorAll(ICON)) icon.remove();
  return copy.matches(ICON) ? "" : copy.textContent.trim();
}

/** @param {Document} page */
export function listen(page) {
  /** @type {{menu: Element, by: HTMLElement} | null} What a key opened last. */
  let opened = null;

  page.addEventListener("keydown", (event) => {
    const on = event.target instanceof HTMLElement ? event.target : null;
    if (event.key === "Escape" && opened?.menu.contains(on)) close();
    const pressed = on?.role === "button" && isPressed(on) ? on : null;
    if (!pressed || event.repeat || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    const before = menus();
    pressed.click();
    enter(pressed, before, 20);
  });

  function menus() {
    return [...page.querySelectorAll("nav")].filter((menu) => menu.checkVisibility());
  }

  /** Goes into the menu that was opened, once it is seen. @param {HTMLElement} by @param {Element[]} before @param {number} tries */
  function enter(by, before, tries) {
    const menu = menus().find((one) => !before.includes(one));
    const first = menu?.querySelector(`${CONTROLS}, [role=button]`);
    if (menu && first instanceof HTMLElement) {
      opened = { menu, by };
      first.focus();
    } else if (tries > 0) requestAnimationFrame(() => enter(by, before, tries - 1));
  }

  function close() {
    opened?.by.click();
    opened?.by.focus();
    opened = null;
  }
}

if (typeof document !== "undefined") {
  makeReachable(document);
  listen(document);
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target instanceof Element) makeReachable(target);
  }).observe(document.body, { childList: true, subtree: true });
}
