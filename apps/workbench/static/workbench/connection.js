/** How it stands with the server, told where everybody sees and hears it: a banner, and short confirmations. */

/** Long enough to be read; nothing is lost with it. */
const CONFIRMATION = 8_000;

/**
 * @param {HTMLElement} root
 * @param {import("./outbox.js").Outbox} outbox
 */
export function connection(root, outbox) {
  const say = root.dataset;
  root.hidden = false;
  const banner = paragraph("lc-banner");
  const refusal = paragraph("lc-banner");
  const confirmation = paragraph("lc-confirmation");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let fading;

  /** @param {string} name */
  function paragraph(name) {
    const made = document.createElement("p");
    made.className = name;
    made.hidden = true;
    root.append(made);
    return made;
  }

  /** @param {HTMLElement} where @param {string} sentence '' takes it away. */
  function write(where, sentence) {
    if (where.textContent !== sentence) where.textContent = sentence;
    where.hidden = sentence === "";
  }

  function draw() {
    const line = outbox.line();
    const sentences = { online: "", offline: say.sayOffline, loggedOut: say.sayLoggedOut, trouble: say.sayTrouble };
    const waiting = outbox.waiting();
    const count = waiting === 1 ? say.sayWaitingOne : say.sayWaiting?.replace("%(n)s", String(waiting));
    write(banner, line === "online" ? "" : `${sentences[line]} ${waiting ? count : ""}`.trim());
  }

  /** @param {string} sentence @param {string} [change] Where it can be changed, for a while. */
  function confirm(sentence, change) {
    write(confirmation, sentence);
    if (change) confirmation.append(" ", link(change, say.sayChange));
    clearTimeout(fading);
    fading = setTimeout(() => write(confirmation, ""), CONFIRMATION);
  }

  /** @param {string} url @param {string | undefined} words */
  function link(url, words) {
    const made = document.createElement("a");
    made.href = url;
    made.textContent = words ?? "";
    return made;
  }

  /**
   * What is taken no more stays readable until the worker throws it away.
   * @param {import("./outbox.js").Entry} entry
   */
  function lose(entry) {
    if (document.getElementById(`lost-${entry.page}`)) return;
    const told = paragraph("lc-banner");
    told.id = `lost-${entry.page}`;
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "lc-button";
    drop.textContent = say.sayThrowAway ?? "";
    drop.addEventListener("click", () => outbox.forget(entry.page).then(() => told.remove()));
    const answered = document.createElement("bdi");
    answered.textContent = Object.values(entry.answers).map(written).join(" · ");
    told.append(`${say.sayLost} ${entry.lost} ${say.sayAnswered} `, answered, " ", drop);
    told.hidden = false;
  }

  /** @param {import("./outbox.js").Entry} entry */
  function refuse(entry) {
    refusal.replaceChildren(`${say.sayRefused} `, link(entry.url, say.sayGoThere));
    refusal.hidden = entry.url === location.pathname;
  }

  outbox.isKept().then((isKept) => {
    if (!isKept) say.sayOffline = say.sayNotKept;
  });
  outbox.onLine(draw);
  outbox.onNews(({ entry, fate, said, change }) => {
    if (fate === "sent") confirm(said, change);
    else if (fate === "lost") lose(entry);
    else refuse(entry);
  });
  outbox.returned().then((entries) => {
    for (const entry of entries) entry.problems ? refuse(entry) : lose(entry);
  });
  window.addEventListener("beforeunload", (event) => {
    if (outbox.waiting() > 0) event.preventDefault();
  });
  draw();
}

/** What was given for a question, to be read and copied. @param {unknown} given */
function written(given) {
  const { answer, skip, broken } = /** @type {{answer?: unknown, skip?: string, broken?: string}} */ (given);
  const said = answer ?? skip ?? broken;
  return typeof said === "string" ? said : JSON.stringify(said);
}
