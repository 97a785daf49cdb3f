import { bake } from "../core/prefs.js";

/**
 * Shows times in the reader's own zone; the server, which does not know it, wrote UTC. It is told for the next page: where
 * a day begins is the same then.
 * @param {ParentNode} root
 */
export function localTimes(root) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) bake(`time-zone=${zone}; path=/work; samesite=lax`);
  const language = document.documentElement.lang || undefined;
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (root.querySelectorAll("time[data-local]"))) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}
