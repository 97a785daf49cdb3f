/** Brings a worker's page to life; without it the same page is an ordinary form. */
import { connection } from "./connection.js";
import { outbox } from "./outbox.js";
import { shell } from "./shell.js";
import { localTimes } from "./times.js";

localTimes(document);
const line = document.getElementById("connection");
const form = document.querySelector("form#page");
if (form instanceof HTMLFormElement && form.dataset.sayPreview !== undefined) {
  await shell(form, outbox("", { keeps: false }));
} else if (line) {
  const { user = "", sayTooLarge = "", sayAllTooLarge = "" } = line.dataset;
  const box = outbox(user, { sayTooLarge, sayAllTooLarge });
  connection(line, box);
  const frame = document.getElementById("frame");
  if (form instanceof HTMLFormElement) await shell(form, box);
  else if (frame instanceof HTMLIFrameElement) (await import("./framed.js")).framed(frame, box);
  else await box.flush();
}
