/** Leads on once the page in the frame was handed in: the frame says nothing, so the server is asked when it changes. */

const frame = document.getElementById("frame");
const address = frame?.dataset.page ?? "";

/** Asks what became of the page, and shows it when it is no longer in the worker's hands. */
async function look() {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (answer.ok && "state" in (await answer.json())) location.assign(address);
}

let isFirst = true;
frame?.addEventListener("load", () => {
  if (!isFirst) look().catch(() => {}); // without a connection the frame's own link is still there
  isFirst = false;
});
