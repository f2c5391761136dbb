// Keeps the list of runs current: it is loaded again while somebody can see it.

import { showConnection } from "./connection-notice.js";
import { byId } from "./element.js";
import { showTimes } from "./times.js";

/** The pauses in ms while a run is active, and while none is: it may begin elsewhere. */
const PAUSE = 2000;
const LONG_PAUSE = 5000;
const RUNNING = "[data-state=running]";

const texts = JSON.parse(byId("connection").dataset.texts);

const list = () => byId("runs");
/** The list as it was loaded. */
let current = "";

/** Requests this page: the state of the connection, and the text of the page if it is there. */
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

/** Says that it is not known how the running bots are doing. The next list that is loaded replaces this one. */
function showUnknown() {
  current = "";
  for (const state of list().querySelectorAll(`${RUNNING} .state`)) {
    state.textContent = texts.notKnown;
  }
}

function follow() {
  setTimeout(load, list().querySelector(RUNNING) ? PAUSE : LONG_PAUSE);
}

/** Sends the minutes that the reader's time is ahead of UTC when the first day begins and when the last one ends. */
function sendOffsets() {
  for (const [name, days] of [["from", 0], ["to", 1]]) {
    const moment = new Date(`${byId(name).value}T00:00`);
    moment.setDate(moment.getDate() + days);
    byId(`${name}-offset`).value = Number.isNaN(moment.getTime()) ? "" : -moment.getTimezoneOffset();
  }
}

document.querySelector("form.filter").addEventListener("submit", sendOffsets);
follow();
