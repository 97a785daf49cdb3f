/**
 * Shows times in the reader's own zone; the server, which does not know it, wrote UTC. It is told for the next page: where
 * a day begins is the same then.
 * @param {ParentNode} root
 */
export function localTimes(root) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
  if (zone) document.cookie = `time-zone=${zone}; path=/work; samesite=lax`;
  const language = document.documentElement.lang || undefined;
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (root.querySelectorAll("time[data-local]"))) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}
