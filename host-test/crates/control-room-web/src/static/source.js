// A value with three tabs: a credential of the vault, a variable, or an insecure string.

import { byId, element, filled } from "./element.js";
import { isSameName } from "./name.js";
import { valuePicker } from "./picker.js";
import { whenReleased } from "./pointer.js";
import * as server from "./server.js";

/** The pause in typing after which credentials are searched, in ms. */
const PAUSE = 200;

const SOURCES = ["credential", "variable", "insecure-string"];

/** The values of all tabs of each field, so that switching tabs or steps loses nothing. */
const stored = new WeakMap();

function tabsOf(step, field) {
  const fields = stored.get(step) ?? new Map();
  stored.set(step, fields);
  const tabs = fields.get(field) ?? {};
  fields.set(field, tabs);
  return tabs;
}

/**
 * Draws the field; `set` is called with every change. `create` opens the dialog for a new credential, in this locker if there
 * is one; it is null for users who may not create any. `fillOthers(has, path, former)` fills the
 * other fields that a credential has something for, if they are empty or have the former one.
 */
export function sourceField(editor, field, value, described, set, create, fillOthers) {
  const { texts } = editor;
  const id = (part) => `field-${field.name}-${part}`;
  const labels = { credential: texts.credential, variable: texts.variable, "insecure-string": texts.insecure };
  const isText = typeof value === "string";
  const source = isText ? "insecure-string" : Object.keys(value ?? {})[0];
  const entered = tabsOf(editor.step(), field.name);
  if (source === undefined) {
    SOURCES.forEach((name) => delete entered[name]);
  } else {
    const text = isText ? value : value[source];
    // A file may have anything there.
    entered[source] = typeof text === "string" ? text : "";
  }

  const tabs = SOURCES.map((name) =>
    element(
      "button",
      { type: "button", role: "tab", id: id(name), "aria-controls": id("panel"), onclick: () => choose(name), onkeydown },
      labels[name],
    ),
  );
  const panel = element("div", { class: "panel", role: "tabpanel", id: id("panel") });
  const enter = (name, text) => {
    entered[name] = text;
    set({ [name]: text });
  };

  function show(name) {
    tabs.forEach((tab, index) => {
      const isChosen = SOURCES[index] === name;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", id(name));
    const text = entered[name] ?? "";
    const context = { editor, field, id, described, text, create, fillOthers, enter: (changed) => enter(name, changed) };
    const draw = { credential: credentialPanel, variable: variablePanel, "insecure-string": insecurePanel };
    panel.replaceChildren(...draw[name](context));
  }

  function choose(name) {
    show(name);
    set({ [name]: entered[name] ?? "" });
  }

  function onkeydown(event) {
    const turn = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (turn) {
      event.preventDefault();
      const at = (tabs.indexOf(event.target) + turn + SOURCES.length) % SOURCES.length;
      choose(SOURCES[at]);
      tabs[at].focus();
    }
  }

  show(SOURCES.includes(source) ? source : SOURCES[0]);
  const list = element("div", { class: "tabs", role: "tablist", "aria-label": filled(texts.sourceOf, { label: field.label }) }, ...tabs);
  const title = element("legend", { class: "label" }, field.label);
  return element("fieldset", {}, title, list, panel);
}

function variablePanel({ editor, field, id, described, text, enter }) {
  const own = editor.variables.names();
  const groups = [[editor.texts.ofThisBot, own], [editor.texts.ofAllBots, editor.hostVariables.filter((name) => !own.includes(name))]];
  const option = (name) => element("option", { value: name }, name);
  const options = groups
    .filter(([, names]) => names.length > 0)
    .map(([label, names]) => element("optgroup", { label }, ...names.map(option)));
  if (text !== "" && !groups.flat(2).includes(text)) {
    options.push(option(text));
  }
  const select = element(
    "select",
    { id: id("name"), "aria-describedby": described, onchange: (event) => enter(event.target.value) },
    element("option", { value: "" }, editor.texts.choose),
    ...options,
  );
  select.value = text;
  const pick = (path) => {
    select.append(element("option", { value: path }, path));
    select.value = path;
    enter(path);
    select.focus();
  };
  const add = () => editor.newVariable(field, enter);
  return [
    element("label", { for: select.id }, editor.texts.variable, element("span", { class: "hidden" }, ` – ${field.label}`)),
    select,
    element("button", { type: "button", class: "quiet", id: id("new-variable"), onclick: add }, editor.texts.addVariable),
    ...valuePicker(editor, field, pick, { takesSecrets: field.kind === "secret" }),
    element("p", { class: "hint" }, editor.texts.variableHelp),
  ];
}

function insecurePanel({ editor, field, id, described, text, enter }) {
  const input = element("input", {
    id: id("text"),
    // Browsers ignore "off" for passwords, and would fill in one of theirs.
    autocomplete: field.kind === "secret" ? "new-password" : "off",
    spellcheck: "false",
    type: field.kind === "secret" ? "password" : "text",
    "aria-describedby": `${id("careful")} ${described}`,
    oninput: (event) => enter(event.target.value),
  });
  input.value = text;
  return [
    element("label", { for: input.id }, editor.texts.insecure, element("span", { class: "hidden" }, ` – ${field.label}`)),
    input,
    element("p", { class: "warning", id: id("careful") }, editor.texts.insecureHelp),
  ];
}

/** The attributes of a credential that a field may have. */
const usableIn = ({ kind }, offered) => (offered?.attributes ?? []).filter(({ passwordOnly }) => !passwordOnly || kind === "secret");

/** The selects for locker, credential and attribute, each filled once the one before is chosen. */
export function credentialPanel({ editor, field, id, described, text, create, enter, fillOthers = () => {} }) {
  const { texts } = editor;
  let [locker = "", credential = "", attribute = ""] = text.split("/");
  let offers = [];
  let isPicking = false;
  let hasFailed = false;
  /** The credential that this field had last, which other fields may have from it. */
  let completed = attribute === "" ? null : `${locker}/${credential}`;

  const lockerSelect = element("select", { id: id("locker"), "aria-describedby": described, onchange: pickLocker });
  const list = element("datalist", { id: id("credentials") });
  const credentialInput = element("input", {
    id: id("credential-name"), list: list.id, autocomplete: "off", spellcheck: "false",
    placeholder: texts.searchCredential, "aria-describedby": described, oninput: pickCredential,
  });
  const attributeSelect = element("select", { id: id("attribute"), "aria-describedby": described, onchange: pickAttribute });
  const none = element("p", { class: "hint" });

  /** Completes a credential that was picked: the attribute with the name of the field, and fields that have nothing yet. */
  function complete() {
    const offered = offers.find(({ name }) => isSameName(name, credential));
    const has = (other) => offered !== undefined && usableIn(other, offered).some(({ name }) => name === other.name);
    // The form may show another step by now.
    if (!credentialInput.isConnected || attribute !== "" || !has(field)) {
      return;
    }
    attribute = field.name;
    fill(attributeSelect, usableIn(field, offered).map(({ name }) => name), attribute);
    const path = `${locker}/${credential}`;
    fillOthers(has, path, completed);
    completed = path;
    tell();
  }

  const tell = () => enter(locker === "" && credential === "" ? "" : `${locker}/${credential}/${attribute}`);

  function fill(select, names, chosen) {
    const known = names.find((name) => isSameName(name, chosen));
    const all = chosen === "" || known ? names : [...names, chosen];
    const wanted = ["", ...all];
    // A list may be open: unchanged options stay in place.
    if (wanted.join("/") !== [...select.options].map(({ value }) => value).join("/") || select.options.length === 0) {
      select.replaceChildren(...wanted.map((name) => element("option", { value: name }, name || texts.choose)));
    }
    select.value = known ?? chosen;
  }

  function fillAttributes() {
    const offered = offers.find(({ name }) => isSameName(name, credential));
    fill(attributeSelect, usableIn(field, offered).map(({ name }) => name), attribute);
    attributeSelect.disabled = locker === "" || credential === "";
  }

  let searches = 0;

  async function search() {
    searches += 1;
    const mine = searches;
    const found = locker === "" ? [] : await server.credentials(locker, credential);
    // An outdated answer is about another name.
    if (mine !== searches) {
      return;
    }
    offers = found ?? [];
    list.replaceChildren(...offers.map(({ name, description }) => element("option", { value: name }, description)));
    if (isPicking) {
      isPicking = false;
      whenReleased(complete);
    }
    fillAttributes();
  }

  function pickLocker() {
    locker = lockerSelect.value;
    credential = "";
    attribute = "";
    credentialInput.value = "";
    credentialInput.disabled = locker === "";
    tell();
    search();
  }

  async function load() {
    const names = await server.lockers();
    fill(lockerSelect, names ?? [], locker);
    const noLockers = create ? texts.noLockersYet : texts.noLockers;
    hasFailed = names === null;
    none.textContent = hasFailed ? texts.notLoaded : names.length === 0 ? noLockers : "";
    search();
  }

  /** Somebody may have signed in in another tab. */
  function loadAgain() {
    if (!lockerSelect.isConnected) {
      removeEventListener("focus", loadAgain);
    } else if (hasFailed) {
      load();
    }
  }

  let timer = null;

  function pickCredential() {
    credential = credentialInput.value.trim();
    attribute = "";
    isPicking = true;
    tell();
    fillAttributes();
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  }

  function pickAttribute() {
    attribute = attributeSelect.value;
    tell();
  }

  credentialInput.value = credential;
  credentialInput.disabled = locker === "";
  fill(lockerSelect, [], locker);
  fillAttributes();
  load();
  addEventListener("focus", loadAgain);

  const ofField = () => element("span", { class: "hidden" }, ` – ${field.label}`);
  const part = (text, control, ...more) => {
    const label = element("label", { for: control.id }, text, ofField());
    return element("div", {}, label, control, ...more);
  };
  const parts = [
    part(texts.locker, lockerSelect),
    part(texts.credential, credentialInput, list),
    part(texts.attribute, attributeSelect),
  ];
  const onclick = () => create(locker);
  const button = create && element("button", { type: "button", id: id("new"), onclick }, texts.newCredential, ofField());
  return [element("div", { class: "path" }, ...parts), none, ...(create ? [button] : [])];
}
