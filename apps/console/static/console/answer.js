/** Brings the question of a page of the admin to life, keys included; without it the controls work as they are. */
const form = document.querySelector("form#answer");
const settings = document.querySelector("#settings");
const root = form?.querySelector(".console-widget");
if (form instanceof HTMLFormElement && form.dataset.widget && root instanceof HTMLElement && settings?.textContent) {
  const { mount } = await import(form.dataset.widget);
  mount(root, { settings: JSON.parse(settings.textContent), context: { preview: true } });
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  form.requestSubmit();
});
