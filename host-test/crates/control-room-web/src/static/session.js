// Keeps what was typed into a form if the session ended meanwhile: the form is held back until the user has signed in again in another tab.

import { byId } from "./element.js";

const notice = byId("signed-out");
const sent = new WeakSet();

/** How long the server takes at most to answer a form, in milliseconds. */
const ANSWER_TIME = 30000;

/** The session of the browser; null without one, undefined if that is not known. */
async function currentSession() {
  const answer = await fetch("/session", { redirect: "manual" });
  // A redirect to the sign-in page.
  if (answer.type === "opaqueredirect") {
    return null;
  }
  return answer.ok ? answer.json() : undefined;
}

/** Sends a form if the user is still signed in. Resolves to whether it was sent. */
async function send(form, submitter) {
  // Without an answer, the browser says so when it sends the form.
  const session = await currentSession().catch(() => undefined);
  notice.hidden = session === undefined || session?.user === notice.dataset.user;
  if (!notice.hidden) {
    form.before(notice);
    notice.querySelector("a").focus();
    return false;
  }
  if (session) {
    form.elements["form-token"].value = session.formToken;
  }
  sent.add(form);
  form.requestSubmit(submitter);
  return true;
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post" || sent.delete(form)) {
    return;
  }
  event.preventDefault();
  // A second press does not send it twice, even if the answer, and with it another page, is long in coming.
  if (!form.ariaBusy) {
    form.ariaBusy = "true";
    if (await send(form, submitter)) {
      await new Promise((done) => setTimeout(done, ANSWER_TIME));
    }
    form.ariaBusy = null;
  }
});

// The page as it was left, after "Back".
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) {
    form.ariaBusy = null;
  }
});
