// The editor's requests to the server.

import { byId, element } from "./element.js";

const editor = byId("editor");
export let formToken = editor.dataset.formToken;

/** The longest body that a browser sends while the page is closed, in bytes (Fetch, "keepalive"). */
const MAX_KEEPALIVE = 60000;

async function post(path, body, isLeaving) {
  const sent = JSON.stringify(body);
  const answer = await fetch(path, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/json", "x-form-token": formToken },
    body: sent,
    // The request goes on if the page is closed meanwhile.
    keepalive: isLeaving && new Blob([sent]).size < MAX_KEEPALIVE,
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

/** Sends a request. If the session was over and the user has signed in again meanwhile, sends it once more. */
async function send(path, body, isLeaving = false) {
  const answer = await post(path, body, isLeaving);
  if (answer.status !== 401 && answer.status !== 403) {
    return answer;
  }
  const user = await refreshFormToken();
  if (user === null) {
    return { status: 401 };
  }
  return user === editor.dataset.user ? post(path, body, isLeaving) : { status: 403 };
}

/** Sends a request and returns the status and the answer; status 0 if there is no answer. */
async function ask(path, body, isLeaving) {
  try {
    const answer = await send(path, body, isLeaving);
    const says = [200, 409, 422, 429].includes(answer.status) ? await answer.json() : {};
    return { status: answer.status, ...says };
  } catch {
    return { status: 0 };
  }
}

/** Saves a bot file. `isKept`: the user asked for it, so it becomes a version. `isLeaving`: the page is being closed. */
export const save = (id, version, file, { isKept = false, isLeaving = false }) =>
  ask(`/bots/${id}`, { version, file, kept: isKept }, isLeaving);

/** Creates a bot from a file. */
export const create = (file) => ask("/bots/new", { file });

/** Creates a credential with its values. */
export const createCredential = (credential) => ask("/vault/credentials", credential);

/** Creates an OAuth connection. */
export const createConnection = (connection) => ask("/connections/offers", connection);

/** Begins the sign-in to a connection, on the provider's page in a new tab. */
export function signIn(connection, isShared) {
  const hidden = (name, value) => element("input", { type: "hidden", name, value });
  const action = `/connections/sign-in?${new URLSearchParams({ at: connection })}`;
  const fields = [hidden("form-token", formToken), hidden("whose", isShared ? "shared" : "own"), hidden("then", "open")];
  const form = element("form", { method: "post", action, target: "_blank", rel: "noopener" }, ...fields);
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Starts a run of the bot as it is saved. */
export const run = (id, inputs, version) => ask(`/bots/${id}/runs`, { inputs, version });

/** Starts a test of a bot file, which need not be saved. */
export const test = (id, inputs, { file, outputs }, agreed) =>
  ask(`/bots/${id}/test`, { file, inputs, outputs, confirmed: agreed?.steps, linkedHash: agreed?.linkedHash });

/** Stops a run. Resolves to `connected` if it was stopped, otherwise to `disconnected` or `signed-out`. */
export async function stop(run) {
  try {
    // The answer is a redirect in either case, so whether the user is signed in has to be checked first.
    if ((await refreshFormToken()) !== editor.dataset.user) {
      return "signed-out";
    }
    const body = new URLSearchParams({ "form-token": formToken });
    const answer = await fetch(`/runs/${run}/stop`, { method: "POST", redirect: "manual", body });
    return answer.type === "opaqueredirect" ? "connected" : "disconnected";
  } catch {
    return "disconnected";
  }
}

/** The problems of a bot file; null if the server did not check it. */
export async function check(file) {
  try {
    const answer = await send("/bots/check", { file });
    return answer.status === 200 ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** A list; null if the server does not answer or the user is signed out. */
async function get(path) {
  try {
    const answer = await fetch(path, { redirect: "manual" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

export const lockers = () => get("/vault/lockers");

export const connections = (action) => get(`/connections/offers?${new URLSearchParams({ action })}`);

export const credentials = (locker, search) =>
  get(`/vault/credentials?${new URLSearchParams({ locker, search })}`);
