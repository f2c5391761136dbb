// The variables of the bot: their list below the actions, and the dialog that adds or changes one.

import { byId, element, filled } from "./element.js";
import { labelled, part, showMistakes } from "./field.js";
import { newCredential } from "./new-credential.js";
import { follow, isPlaceable, names } from "./references.js";
import { credentialPanel } from "./source.js";

/** The longest name, in characters. */
const LONGEST = 100;

const TYPES = ["text", "number", "boolean", "credential"];

/** A credential with all three names. */
const isPath = (text) => text.split("/").length === 3 && text.split("/").every((name) => name.trim() !== "");

export class BotVariables {
  /** `editor` has the texts, the forms, `takenNames()`, `dialogs` as the form has it, `bot()`, `label(step)`, `problems(number)` and `changed()`. */
  constructor(editor) {
    this.editor = editor;
    byId("new-variable").addEventListener("click", () => this.open(null));
  }

  /** The variables; a file may have anything there. */
  all() {
    const { variables } = this.editor.bot();
    return Array.isArray(variables) ? variables.filter((it) => typeof it?.name === "string") : [];
  }

  /** The names of all of them, those of credential variables first. */
  names() {
    const isCredential = ({ type }) => type === "credential";
    const shown = this.shownNames();
    return [...this.all().filter(isCredential).map(({ name }) => name.trim()), ...shown];
  }

  /** The names of those whose values may be shown. */
  shownNames() {
    return this.all().filter(({ type }) => type !== "credential").map(({ name }) => name.trim());
  }

  inputs() {
    return this.all().filter(({ input }) => input === true).map((it) => ({ ...it, name: it.name.trim() }));
  }

  draw() {
    const { texts, problems } = this.editor;
    const item = (variable, at) => {
      const kind = texts[`${TYPES.includes(variable.type) ? variable.type : "text"}Type`];
      const said = variable.input === true ? `${kind} · ${texts.isInput}` : kind;
      const [problem] = problems(this.editor.bot().variables.indexOf(variable) + 1);
      const parts = { what: variable.name, soft: said, error: problem?.message };
      const shown = Object.entries(parts).filter(([, text]) => text).map(([name, text]) => element("span", { class: name }, text));
      const open = () => this.open(this.all()[at]);
      return element("li", {}, element("button", { type: "button", class: "variable", onclick: open }, ...shown));
    };
    const items = this.all().map(item);
    const list = byId("variable-list");
    // An item that is about to be pressed must stay in place.
    items.forEach((made, at) => {
      const there = list.children[at];
      if (!there) {
        list.append(made);
      } else if (there.innerHTML !== made.innerHTML) {
        const hadFocus = there.contains(document.activeElement);
        there.replaceWith(made);
        if (hadFocus) {
          made.firstChild.focus();
        }
      }
    });
    [...list.children].slice(items.length).forEach((left) => left.remove());
  }

  /** Opens the dialog for a variable, or a new one of this type. `used` is called with its name, and changes the bot further. */
  open(variable, { type = "text", used = this.editor.changed } = {}) {
    const { texts, forms, dialogs, bot, label } = this.editor;
    const dialog = byId("variable");
    const own = variable?.name.trim();
    const others = this.editor.takenNames().filter((name) => name !== own);
    const typed = { type: variable?.type ?? type };
    const { default: value } = variable ?? {};
    typed.credential = typeof value?.credential === "string" ? value.credential : "";
    typed.plain = value === undefined || typeof value === "object" ? "" : String(value);

    const input = (id, attributes = {}) => element("input", { id, autocomplete: "off", spellcheck: "false", ...attributes });
    const name = input("variable-name", { maxlength: LONGEST, value: variable?.name ?? "" });
    const types = TYPES.map((it) => element("option", { value: it, selected: it === typed.type }, texts[`${it}Type`]));
    const select = element("select", { id: "variable-type", onchange: () => choose(select.value) }, ...types);
    const isInput = element("input", { type: "checkbox", id: "variable-input", checked: variable?.input === true, onchange: () => draw() });
    const description = input("variable-description", { value: variable?.description ?? "" });
    const panel = element("div", {});
    const users = variable ? bot().steps.filter((step) => names(step, forms, variable.name.trim())) : [];

    function choose(chosen) {
      typed.type = chosen;
      draw();
    }

    function draw() {
      const text = isInput.checked ? texts.inputDefault : texts.variableValue;
      if (typed.type === "credential") {
        const ofValue = { name: "secret", label: text, kind: "secret" };
        const take = ({ secret }) => {
          typed.credential = secret;
          draw();
        };
        const context = {
          editor: { texts },
          field: ofValue,
          id: (part) => `variable-${part}`,
          described: "variable-value-mistake",
          text: typed.credential,
          create: dialogs && ((locker) => create(ofValue, locker, take)),
          enter: (path) => {
            typed.credential = path;
          },
        };
        const legend = element("legend", { class: "label" }, text);
        panel.replaceChildren(part("value", "variable-value", element("fieldset", {}, legend, ...credentialPanel(context))));
        return;
      }
      const set = ({ target }) => {
        typed.plain = target.value;
      };
      const isSwitch = typed.type === "boolean";
      const option = (value, text) => element("option", { value, selected: typed.plain === value }, text);
      const control = isSwitch
        ? element(
            "select",
            { id: "variable-value", onchange: set },
            option("", texts.choose), option("true", texts.yes), option("false", texts.no),
          )
        : input("variable-value", { inputmode: typed.type === "number" ? "decimal" : null, oninput: set });
      if (!isSwitch) {
        control.value = typed.plain;
      }
      panel.replaceChildren(labelled("value", text, control));
    }

    function create(ofValue, currentLocker, take) {
      const suggested = { locker: bot().name, credential: name.value };
      newCredential({ texts, dialogs }, { fields: [ofValue], needed: ofValue, currentLocker, suggested }, take);
    }

    /** The value in the bot file, `undefined` if there is none, or what is wrong with it. */
    function read() {
      const isEmpty = (typed.type === "credential" ? typed.credential : typed.plain).trim() === "";
      if (isEmpty && isInput.checked) {
        return { value: undefined };
      }
      switch (typed.type) {
        case "credential":
          return isPath(typed.credential) ? { value: { credential: typed.credential } } : { wrong: texts.incompleteCredential };
        case "number": {
          const isGerman = document.documentElement.lang === "de";
          const number = Number(isGerman ? typed.plain.replaceAll(",", ".") : typed.plain);
          if (isEmpty || !Number.isFinite(number)) {
            return { wrong: texts.notANumber };
          }
          return Number.isInteger(number) && !Number.isSafeInteger(number) ? { wrong: texts.tooManyDigits } : { value: number };
        }
        case "boolean":
          return isEmpty ? { wrong: texts.notChosen } : { value: typed.plain === "true" };
        default:
          return { value: typed.plain };
      }
    }

    function wrongName(text) {
      if (!isPlaceable(text)) {
        return texts.badVariableName;
      }
      return others.includes(text) ? texts.variableExists : "";
    }

    const save = (event) => {
      event.preventDefault();
      const text = name.value.trim();
      const { value, wrong = "" } = read();
      const mistakes = { name: wrongName(text), value: wrong };
      showMistakes(dialog, mistakes);
      if (Object.values(mistakes).some((mistake) => mistake !== "")) {
        return;
      }
      const made = { ...variable, name: text, type: typed.type, default: value };
      made.input = isInput.checked ? true : undefined;
      made.description = description.value.trim() === "" ? undefined : description.value.trim();
      dialog.close();
      this.put(variable, JSON.parse(JSON.stringify(made)));
      used(text);
    };
    const remove = () => {
      dialog.close();
      this.put(variable, null);
      this.editor.changed();
    };
    const close = () => dialog.close();
    const title = variable ? filled(texts.variableTitle, { name: variable.name }) : texts.newVariable;
    const uses = users.map((step) => filled(texts.stepLabel, { n: bot().steps.indexOf(step) + 1, label: label(step) }));
    dialog.replaceChildren(
      element(
        "form",
        { method: "dialog", onsubmit: save },
        element("h2", { id: "variable-title" }, title),
        labelled("name", texts.variableName, name),
        labelled("type", texts.variableType, select),
        element("label", { class: "choice" }, isInput, ` ${texts.askForInput}`, element("span", { class: "hint" }, texts.askForInputHelp)),
        panel,
        labelled("description", `${texts.variableDescription} (${texts.optional})`, description),
        element("p", { class: "hint" }, uses.length > 0 ? filled(texts.usedBy, { steps: uses.join(", ") }) : null),
        element(
          "div",
          { class: "row" },
          element("button", { class: "primary", id: "save-variable" }, variable ? texts.applyVariable : texts.addThisVariable),
          variable && element("button", { type: "button", class: "danger", id: "remove-variable", onclick: remove }, texts.removeVariable),
          element("button", { type: "button", onclick: close }, texts.cancel),
        ),
      ),
    );
    dialog.addEventListener("close", () => dialog.replaceChildren(), { once: true });
    draw();
    dialog.showModal();
    name.focus();
  }

  /** Puts a variable in the place of another one, adds it, or removes one; the steps follow its name. */
  put(former, made) {
    const bot = this.editor.bot();
    const all = Array.isArray(bot.variables) ? bot.variables : [];
    const at = all.indexOf(former);
    // It is gone meanwhile.
    if (former && at < 0) {
      return;
    }
    all.splice(at < 0 ? all.length : at, at < 0 ? 0 : 1, ...(made ? [made] : []));
    if (all.length > 0) {
      bot.variables = all;
    } else {
      delete bot.variables;
    }
    const from = former?.name.trim();
    if (made && from && from !== made.name) {
      bot.steps.forEach((step) => follow(step, this.editor.forms, from, made.name));
    }
  }
}
