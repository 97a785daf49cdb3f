/** Whether a question can have been looked at: it was in view, and not blurred, for a moment on end. */
import { isVeiled } from "./veil.js";

/** Milliseconds in which nobody has looked at what came into view: a second press of a key is faster. */
const MOMENT = 500;

/**
 * @param {HTMLElement} root The question.
 * @param {HTMLElement[]} parts What is to be looked at.
 */
export function sight(root, parts) {
  /** @type {Set<Element>} */
  const inView = new Set();
  /** @type {Map<Element, number>} */
  const since = new Map(); // in view and not blurred
  /** @type {Set<Element>} */
  const seen = new Set();
  const listening = new AbortController();
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) inView.add(target);
      else inView.delete(target);
    }
    look();
  });

  function look() {
    const now = performance.now();
    const isOpen = !isVeiled(root);
    for (const part of parts) {
      const from = since.get(part) ?? now;
      if (now - from >= MOMENT) seen.add(part);
      if (isOpen && inView.has(part)) since.set(part, from);
      else since.delete(part);
    }
  }

  for (const part of parts) observer.observe(part);
  document.addEventListener("change", look, { signal: listening.signal }); // it may lift the veil

  return {
    /** Returns the first part that nobody can have looked at yet. */
    missed() {
      look();
      return parts.find((part) => !seen.has(part));
    },
    stop() {
      observer.disconnect();
      listening.abort();
    },
  };
}
