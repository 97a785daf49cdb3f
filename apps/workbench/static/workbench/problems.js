/** The list above a page of what is wrong in it. */

/** @typedef {import("./place.js").Place} Place */

/**
 * @param {Place[]} places
 * @param {string} sayQuestion As in "Question %(n)s".
 */
export function problemList(places, sayQuestion) {
  const root = /** @type {HTMLElement} */ (document.getElementById("problems"));

  /** @param {Place} place @param {string} sentence */
  function line(place, sentence) {
    const link = document.createElement("a");
    link.href = `#${place.root.id}`;
    link.textContent = `${sayQuestion.replace("%(n)s", String(places.indexOf(place) + 1))}: ${sentence}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      place.focus();
    });
    const entry = document.createElement("li");
    entry.append(link);
    return entry;
  }

  return {
    /**
     * Shows what is wrong and goes there; returns whether there is anything.
     * @param {Map<Place, string>} sentences '' for a place where nothing is wrong.
     */
    show(sentences) {
      const wrong = [...sentences].filter(([, sentence]) => sentence !== "");
      root.querySelector("ul")?.replaceChildren(...wrong.map(([place, sentence]) => line(place, sentence)));
      root.hidden = wrong.length === 0;
      if (!root.hidden) root.focus();
      return !root.hidden;
    },
  };
}
