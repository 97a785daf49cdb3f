/**
 * Light, dark, or as the device says: chosen once, kept in this browser. Not a module, so that it runs before anything
 * is drawn, and no page flashes white in the dark.
 */
(() => {
  const KEY = "labelcrowd.theme";
  const THEMES = ["light", "dark"];

  /** @param {string} theme '' for the device's own. */
  function dress(theme) {
    if (THEMES.includes(theme)) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }

  function kept() {
    try {
      return localStorage.getItem(KEY) ?? "";
    } catch {
      return ""; // a frame that may keep nothing
    }
  }

  /** @param {string} theme */
  function keep(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // It holds for this page, then.
    }
  }

  dress(kept());
  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.querySelector("select#theme");
    if (!(choice instanceof HTMLSelectElement)) return;
    choice.value = document.documentElement.dataset.theme ?? "";
    choice.closest("label")?.removeAttribute("hidden");
    choice.addEventListener("change", () => {
      dress(choice.value);
      keep(choice.value);
    });
  });
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) dress(event.newValue ?? "");
  });
})();
