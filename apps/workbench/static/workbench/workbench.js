/** Brings a worker's page to life; without it the same page is an ordinary form. */
import { localTimes } from "./times.js";
import { work } from "./work.js";

localTimes(document);
const form = document.querySelector("form#page");
if (form instanceof HTMLFormElement) await work(form);
