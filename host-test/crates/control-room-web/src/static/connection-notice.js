// Says that a page is not current: the Control Room does not respond, or the user is signed out.

import { byId, element } from "./element.js";

/** Shows a state: `connected`, `disconnected` or `signed-out`. */
export function showConnection(texts, state) {
  const place = byId("connection");
  if (place.dataset.state === state) {
    return;
  }
  place.dataset.state = state;
  const signIn = () => element("a", { href: `/sign-in?to=${encodeURIComponent(location.pathname + location.search)}` }, texts.signIn);
  const notices = {
    connected: () => [],
    disconnected: () => [element("p", { class: "notice" }, texts.disconnected)],
    "signed-out": () => [element("p", { class: "notice" }, texts.signedOut, " ", signIn())],
  };
  place.replaceChildren(...notices[state]());
}
