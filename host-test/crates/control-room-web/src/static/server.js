// What the editor asks of the server.

import { byId } from "./element.js";

const editor = byId("editor");
export let formToken = editor.dataset.formToken;

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/json", "x-form-token": formToken },
    body: JSON.stringify(body),
  });
  // Who is not signed in is led to the sign-in.
  return answer.type === "opaqueredirect" ? { status: 401 } : answer;
}

/** Takes the token of a session that began in another tab. Says whose it is, if it is anybody's. */
async function renew() {
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

/** Sends, and once more where somebody has signed in again meanwhile. */
async function send(path, body) {
  const answer = await post(path, body);
  if (answer.status !== 401 && answer.status !== 403) {
    return answer;
  }
  const user = await renew();
  if (user === null) {
    return { status: 401 };
  }
  return user === editor.dataset.user ? post(path, body) : { status: 403 };
}

/** Sends what is to be kept: the status, and what the server says. 0 where there is no answer. */
async function keep(path, body) {
  try {
    const answer = await send(path, body);
    const says = [200, 409, 422].includes(answer.status) ? await answer.json() : {};
    return { status: answer.status, ...says };
  } catch {
    return { status: 0 };
  }
}

/** Saves a bot file. */
export const save = (id, version, file) => keep(`/bots/${id}`, { version, file });

/** Makes a new bot of a file. */
export const create = (file) => keep("/bots/new", { file });

/** What is wrong with a bot file; null where nobody can say. */
export async function check(file) {
  try {
    const answer = await send("/bots/check", { file });
    return answer.status === 200 ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function get(path) {
  try {
    const answer = await fetch(path, { redirect: "manual" });
    return answer.ok ? await answer.json() : [];
  } catch {
    return [];
  }
}

export const lockers = () => get("/vault/lockers");

export const connections = () => get("/connections/offers");

export const credentials = (locker, search) =>
  get(`/vault/credentials?${new URLSearchParams({ locker, search })}`);
