// The page of a run: shows each entry as it comes.

import { showConnection } from "./connection-notice.js";
import { byId, element } from "./element.js";
import { Follower } from "./follow.js";
import { dateAndTime, timeOfDay } from "./times.js";

const page = byId("run");
const texts = JSON.parse(page.dataset.texts);

/** The state of the run, as far as it is known. */
let present = byId("outcome").textContent;

function connection(state) {
  showConnection(texts, state);
  const isKnown = state === "connected";
  byId("outcome").textContent = isKnown ? present : texts.unknown;
  byId("working").hidden = !isKnown;
}

function entry({ kind, word, title, text, time, took }) {
  byId("entries").append(
    element(
      "li",
      { class: "entry", "data-kind": kind },
      element("span", { class: "word" }, word),
      element("div", {}, title ? element("p", { class: "title" }, title) : null, element("p", { class: "text" }, text)),
      element("span", { class: "when" }, timeOfDay(time), took ? ` · ${took}` : null),
    ),
  );
}

function state({ state, word, began, worker }) {
  page.dataset.state = state;
  present = word;
  byId("outcome").textContent = word;
  byId("began").replaceChildren(dateAndTime(began));
  byId("by-worker").hidden = worker === null;
  byId("worker").textContent = worker ?? "";
}

function restarted() {
  byId("entries").replaceChildren();
}

function ended({ outcome, word, took, notice, uses }) {
  page.dataset.state = outcome ?? "cut-off";
  byId("notice").textContent = notice ?? "";
  byId("notice").hidden = notice === null;
  byId("outcome").textContent = word;
  byId("took").textContent = took ?? "–";
  byId("working").hidden = true;
  // Moves the focus from the button that disappears to the one that appears.
  const hadFocus = document.activeElement === byId("stop");
  byId("stop-form").remove();
  byId("downloads").hidden = false;
  const again = byId("again-form");
  if (again) {
    again.hidden = false;
  }
  if (hadFocus) {
    (byId("again") ?? byId("edit")).focus();
  }
  const cell = (content) => element("td", {}, content);
  const row = ({ time, cells }) => element("tr", {}, cell(timeOfDay(time)), ...cells.map(cell));
  byId("use-rows").replaceChildren(...uses.map(row));
  byId("uses").hidden = uses.length === 0;
  byId("no-uses").hidden = uses.length > 0;
}

const shown = { connection, entry, ended, state, restarted };
const attempt = page.dataset.attempt === undefined ? null : Number(page.dataset.attempt);
const follower = new Follower(page.dataset.id, Number(page.dataset.known), shown, attempt);

// Browsers limit connections per server: a hidden page closes its own.
document.addEventListener("visibilitychange", () => {
  if (!follower.isOver) {
    document.hidden ? follower.disconnect() : follower.connect();
  }
});
if (!document.hidden) {
  follower.connect();
}
