// Asks for the inputs of the bot before it runs or is tested. What was typed stays in the memory of the page.

import { byId, element } from "./element.js";
import { labelled } from "./field.js";

export class Inputs {
  constructor(texts) {
    this.texts = texts;
    /** By type and name: what was typed as a secret is never shown. */
    this.typed = new Map();
  }

  key({ name, type }) {
    return `${type === "credential"} ${name}`;
  }

  /** What was typed for these variables, by name. The others have their defaults. */
  values(variables) {
    const typed = variables.filter((it) => this.typed.has(this.key(it)));
    return Object.fromEntries(typed.map((it) => [it.name, this.typed.get(this.key(it))]));
  }

  /** Asks for these variables, with a message for each that is wrong; `then` is called when the button is pressed. */
  ask(variables, wrong, button, then) {
    const { texts } = this;
    const dialog = byId("question");
    const fields = variables.map((variable, at) => this.field(variable, `input-${at + 1}`, wrong.get(variable.name) ?? ""));
    const submit = (event) => {
      event.preventDefault();
      dialog.close();
      then();
    };
    dialog.replaceChildren(
      element(
        "form",
        { method: "dialog", onsubmit: submit },
        element("h2", { id: "question-title" }, texts.inputs),
        ...fields,
        element(
          "div",
          { class: "row" },
          element("button", { class: "primary", id: "start" }, button),
          element("button", { type: "button", id: "question-cancel", onclick: () => dialog.close() }, texts.cancel),
        ),
      ),
    );
    dialog.addEventListener("close", () => dialog.replaceChildren(), { once: true });
    dialog.showModal();
  }

  field(variable, id, message) {
    const { name, type, default: value, description } = variable;
    const { texts } = this;
    const key = this.key(variable);
    const isSecret = type === "credential";
    const shown = this.typed.get(key) ?? (value === undefined || isSecret ? "" : String(value));
    const attributes = {
      id,
      required: value === undefined,
      spellcheck: "false",
      "aria-invalid": message === "" ? null : "true",
    };
    const set = ({ target }) => this.typed.set(key, target.value);
    const option = (of, text) => element("option", { value: of, selected: shown === of }, text);
    const draw = {
      boolean: () => element("select", { ...attributes, onchange: set }, option("", texts.choose), option("true", texts.yes), option("false", texts.no)),
      credential: () => element("input", { ...attributes, type: "password", autocomplete: "new-password", oninput: set }),
      number: () => element("input", { ...attributes, inputmode: "decimal", autocomplete: "off", oninput: set }),
      lines: () => element("textarea", { ...attributes, rows: 3, oninput: set }),
      text: () => element("input", { ...attributes, autocomplete: "off", oninput: set }),
    };
    const control = (shown.includes("\n") ? draw.lines : draw[type] ?? draw.text)();
    if (type !== "boolean") {
      control.value = shown;
    }
    const hint = [description, isSecret && value !== undefined ? texts.inputStored : ""].filter((it) => it).join(" ");
    const label = value === undefined ? name : `${name} (${texts.optional})`;
    const made = labelled(name, label, control, hint);
    made.querySelector(".error").textContent = message;
    return made;
  }
}
