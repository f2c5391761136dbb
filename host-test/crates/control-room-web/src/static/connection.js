// The picker of a connection, with those that the designer may use.

import { element, filled } from "./element.js";
import { isSameName } from "./name.js";
import * as server from "./server.js";

/** Draws the list; `set` is called with the choice. `create` opens the dialog for a new connection; null if that is not allowed. */
export function connectionPicker(editor, field, value, described, set, create) {
  const { texts } = editor;
  const named = value?.["oauth-connection"];
  let chosen = typeof named === "string" ? named : "";
  const hint = element("p", { class: "hint", id: `none-${field.name}` });
  const select = element("select", { id: `field-${field.name}`, "aria-describedby": `${hint.id} ${described}`, onchange: pick });

  const signIn = element("button", { type: "button", id: `field-${field.name}-sign-in`, hidden: true, onclick: begin }, texts.signInTo);
  let known = [];

  const isShared = () => editor.step()["token-type"] !== "user-specific";

  function begin() {
    server.signIn(chosen, isShared());
  }

  /** Offers the sign-in that the chosen connection needs, to users who may do it. */
  function offerSignIn() {
    const offer = known.find(({ name }) => isSameName(name, chosen));
    signIn.hidden = !offer?.signIn[isShared() ? "shared" : "own"];
  }

  function pick() {
    chosen = select.value;
    set({ "oauth-connection": chosen });
    offerSignIn();
  }

  function fill(offers) {
    const state = ({ own, shared }) => (isShared() ? shared : own);
    const said = (offer) => filled(texts.offeredConnection, { ...offer, state: state(offer) });
    const options = offers.map((offer) => element("option", { value: offer.name }, said(offer)));
    // Names are compared without regard to capitals.
    const offered = offers.find(({ name }) => isSameName(name, chosen));
    // The connection that the bot names stays selected even if it may not be used: the check reports that.
    if (chosen !== "" && !offered) {
      options.unshift(element("option", { value: chosen }, chosen));
    }
    select.replaceChildren(element("option", { value: "" }, texts.choose), ...options);
    select.value = offered?.name ?? chosen;
    known = offers;
    offerSignIn();
  }

  async function load() {
    const offers = await server.connections(editor.step().action);
    const noConnections = create ? texts.noConnectionsYet : texts.noConnections;
    fill(offers ?? []);
    hint.textContent = offers === null ? texts.notLoaded : offers.length === 0 ? noConnections : "";
  }

  /** Somebody may have signed in in another tab. */
  function loadAgain() {
    if (select.isConnected) {
      load();
      editor.check();
    } else {
      removeEventListener("focus", loadAgain);
    }
  }

  fill([]);
  load();
  addEventListener("focus", loadAgain);
  const button = create && element("button", { type: "button", id: `field-${field.name}-new`, onclick: create }, texts.newConnection);
  return [select, hint, signIn, ...(create ? [button] : [])];
}
