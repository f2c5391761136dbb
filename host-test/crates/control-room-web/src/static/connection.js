// The picker of a connection, with those that the designer may use.

import { element, filled } from "./element.js";
import { isSameName } from "./name.js";
import * as server from "./server.js";

/** Draws the list; `set` is called with the choice. */
export function connectionPicker(editor, field, value, described, set) {
  const { texts } = editor;
  const named = value?.["oauth-connection"];
  let chosen = typeof named === "string" ? named : "";
  const hint = element("p", { class: "hint", id: `none-${field.name}` });
  const select = element("select", { id: `field-${field.name}`, "aria-describedby": `${hint.id} ${described}`, onchange: pick });

  function pick() {
    chosen = select.value;
    set({ "oauth-connection": chosen });
  }

  function fill(offers) {
    const state = ({ own, shared }) => (editor.step()["token-type"] === "user-specific" ? own : shared);
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
  }

  fill([]);
  server.connections().then((offers) => {
    fill(offers ?? []);
    hint.textContent = offers === null ? texts.notLoaded : offers.length === 0 ? texts.noConnections : "";
  });
  return [select, hint];
}
