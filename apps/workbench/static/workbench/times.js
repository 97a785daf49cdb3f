/**
 * Shows times in the reader's own zone; the server, which does not know it, wrote UTC.
 * @param {ParentNode} root
 */
export function localTimes(root) {
  const language = document.documentElement.lang || undefined;
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (root.querySelectorAll("time[data-local]"))) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}
