// Follows a run: shows each entry as it comes, reports a lost connection, and reconnects.

import { byId, element } from "./element.js";

/** The pause before a reconnect, in ms. */
const PAUSE = 1500;

const page = byId("run");
const texts = JSON.parse(page.dataset.texts);
let known = Number(page.dataset.known);
let source = null;
let timer = null;
let isOver = false;

function say(text, ...more) {
  byId("connection").replaceChildren(...(text ? [element("p", { class: "notice" }, text, " ", ...more)] : []));
}

function show({ kind, word, title, text, time, took }) {
  byId("entries").append(
    element(
      "li",
      { class: "entry", "data-kind": kind },
      element("span", { class: "word" }, word),
      element("div", {}, title ? element("p", { class: "title" }, title) : null, element("p", { class: "text" }, text)),
      element("span", { class: "when" }, took ? `${time} · ${took}` : time),
    ),
  );
}

function end({ outcome, word, took, uses }) {
  isOver = true;
  disconnect();
  page.dataset.state = outcome ?? "cut-off";
  byId("outcome").textContent = word;
  byId("took").textContent = took ?? "–";
  byId("working").hidden = true;
  // Moves the focus from the button that disappears to the one that appears.
  const hadFocus = document.activeElement === byId("stop");
  byId("stop-form").remove();
  byId("again-form").hidden = false;
  byId("downloads").hidden = false;
  if (hadFocus) {
    byId("again").focus();
  }
  const row = (cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
  byId("use-rows").replaceChildren(...uses.map(row));
  byId("uses").hidden = uses.length === 0;
  byId("no-uses").hidden = uses.length > 0;
}

function disconnect() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

function connect() {
  disconnect();
  const mine = new EventSource(`/runs/${page.dataset.id}/events?after=${known}`);
  source = mine;
  mine.addEventListener("open", () => say(""));
  mine.addEventListener("entry", (event) => {
    const number = Number(event.lastEventId);
    if (number > known) {
      known = number;
      show(JSON.parse(event.data));
    }
  });
  mine.addEventListener("ended", (event) => end(JSON.parse(event.data)));
  mine.addEventListener("error", () => lost(mine));
}

/** Browsers reconnect after a broken answer, but not after a failed request. */
async function lost(mine) {
  if (mine !== source || isOver) {
    return;
  }
  say(texts.disconnected);
  if (mine.readyState !== EventSource.CLOSED) {
    return;
  }
  try {
    const session = await fetch("/session", { redirect: "manual" });
    // The redirect to the sign-in: the user is signed out.
    if (session.type === "opaqueredirect") {
      say(texts.signedOut, element("a", { href: `/sign-in?to=${location.pathname}` }, texts.signIn));
      return;
    }
  } catch {
    // The server cannot be reached.
  }
  if (mine === source) {
    clearTimeout(timer);
    timer = setTimeout(connect, PAUSE);
  }
}

// Browsers limit connections per server: a hidden page closes its own.
document.addEventListener("visibilitychange", () => {
  if (!isOver) {
    document.hidden ? disconnect() : connect();
  }
});
if (!document.hidden) {
  connect();
}
