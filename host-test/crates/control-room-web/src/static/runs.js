// Keeps the list of runs current: loads it again and again while the page is visible.

import { showConnection } from "./connection-notice.js";
import { byId } from "./element.js";
import { showTimes } from "./times.js";

/** The pauses in ms while a run is active, and while none is, as one may begin elsewhere. */
const PAUSE = 2000;
const LONG_PAUSE = 5000;
const RUNNING = ":is([data-state=running], [data-state=queued])";

const texts = JSON.parse(byId("connection").dataset.texts);

const list = () => byId("runs");
/** The list as it was loaded. */
let current = "";

/** Requests this page. Resolves to the state of the connection and, if the page arrived, its text. */
async function request() {
  try {
    const answer = await fetch(location.href, { headers: { "x-unattended": "1" } });
    // After a sign-out, the answer is another page.
    if (answer.redirected) {
      return { state: "signed-out" };
    }
    return answer.ok ? { state: "connected", text: await answer.text() } : { state: "disconnected" };
  } catch {
    return { state: "disconnected" };
  }
}

async function load() {
  if (document.visibilityState === "visible") {
    const { state, text } = await request();
    showConnection(texts, state);
    if (state === "connected") {
      show(new DOMParser().parseFromString(text, "text/html").getElementById("runs"));
    } else {
      showUnknown();
    }
  }
  follow();
}

/** Shows the new list. A link keeps the focus. */
function show(loaded) {
  if (loaded === null || loaded.innerHTML === current) {
    return;
  }
  current = loaded.innerHTML;
  const focused = list().contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list().replaceWith(document.adoptNode(loaded));
  showTimes(list());
  if (focused !== null) {
    list().querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

/** Shows the outcome of each running bot as unknown, until a list is loaded again. */
function showUnknown() {
  current = "";
  for (const state of list().querySelectorAll(`${RUNNING} .state`)) {
    state.textContent = texts.unknown;
  }
}

function follow() {
  setTimeout(load, list().querySelector(RUNNING) ? PAUSE : LONG_PAUSE);
}

/** Fills in how many minutes the reader's time is ahead of UTC at the beginning of the first day and the end of the last. */
function sendOffsets() {
  for (const [name, days] of [["from", 0], ["to", 1]]) {
    const moment = new Date(`${byId(name).value}T00:00`);
    moment.setDate(moment.getDate() + days);
    byId(`${name}-offset`).value = Number.isNaN(moment.getTime()) ? "" : -moment.getTimezoneOffset();
  }
}

document.querySelector("form.filter").addEventListener("submit", sendOffsets);
follow();
