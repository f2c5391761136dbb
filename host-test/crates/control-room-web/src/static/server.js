// The editor's requests to the server.

import { byId } from "./element.js";

const editor = byId("editor");
export let formToken = editor.dataset.formToken;

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/json", "x-form-token": formToken },
    body: JSON.stringify(body),
    // The request goes on if the page is closed meanwhile.
    keepalive: document.hidden,
  });
  // The redirect to the sign-in: the user is signed out.
  return answer.type === "opaqueredirect" ? { status: 401 } : answer;
}

/** Takes the form token of a session that began in another tab, and returns its user, if any. */
async function refreshFormToken() {
  const answer = await fetch("/session", { redirect: "manual" });
  if (!answer.ok) {
    return null;
  }
  const session = await answer.json();
  if (session.user === editor.dataset.user) {
    formToken = session.formToken;
  }
  return session.user;
}

/** Sends a request, and repeats it once if the user has signed in again meanwhile. */
async function send(path, body) {
  const answer = await post(path, body);
  if (answer.status !== 401 && answer.status !== 403) {
    return answer;
  }
  const user = await refreshFormToken();
  if (user === null) {
    return { status: 401 };
  }
  return user === editor.dataset.user ? post(path, body) : { status: 403 };
}

/** Sends a save and returns the status and the answer; status 0 without an answer. */
async function keep(path, body) {
  try {
    const answer = await send(path, body);
    const says = [200, 409, 422].includes(answer.status) ? await answer.json() : {};
    return { status: answer.status, ...says };
  } catch {
    return { status: 0 };
  }
}

/** Saves a bot file. `kept` tells that the user wanted it. */
export const save = (id, version, file, kept) => keep(`/bots/${id}`, { version, file, kept });

/** Creates a bot from a file. */
export const create = (file) => keep("/bots/new", { file });

/** The problems of a bot file; null if the server does not answer. */
export async function check(file) {
  try {
    const answer = await send("/bots/check", { file });
    return answer.status === 200 ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** A list; null if the server does not answer, or nobody is signed in. */
async function get(path) {
  try {
    const answer = await fetch(path, { redirect: "manual" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

export const lockers = () => get("/vault/lockers");

export const connections = () => get("/connections/offers");

export const credentials = (locker, search) =>
  get(`/vault/credentials?${new URLSearchParams({ locker, search })}`);
