// The form of the selected step, drawn from the description of its action.

import { connectionPicker } from "./connection.js";
import { byId, element } from "./element.js";
import { newConnection } from "./new-connection.js";
import { newCredential } from "./new-credential.js";
import { valuePicker } from "./picker.js";
import * as server from "./server.js";
import { sourceField } from "./source.js";

/** The object or list that a text is in JSON; the text itself if it is neither, and nothing if it is empty. */
function parsed(text) {
  if (text.trim() === "") {
    return undefined;
  }
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : text;
  } catch {
    return text;
  }
}

export class Form {
  constructor(editor) {
    this.editor = editor;
    this.container = byId("fields");
    this.title = byId("form-title").textContent;
    /** Values of hidden fields by step: they are restored with the choice that shows them. */
    this.hidden = new WeakMap();
    this.container.addEventListener("focusout", ({ target, relatedTarget }) => {
      const group = target.closest("[data-field]");
      // A field that a redraw removes was not left by the user.
      if (group && !this.isDrawing && !group.contains(relatedTarget)) {
        editor.touch(group.dataset.field);
      }
    });
  }

  get action() {
    return this.editor.forms.get(this.editor.step()?.action);
  }

  isShown({ shownWhen }) {
    if (shownWhen === null) {
      return true;
    }
    const choice = this.action.fields.find(({ name }) => name === shownWhen.field);
    return (this.editor.step()[shownWhen.field] ?? choice?.default) === shownWhen.value;
  }

  draw() {
    this.isDrawing = true;
    this.drawStep();
    this.isDrawing = false;
  }

  drawStep() {
    const { texts } = this.editor;
    const step = this.editor.step();
    const title = byId("form-title");
    if (step === null || !this.action) {
      title.textContent = step === null ? this.title : texts.unknownAction;
      const advice = step === null ? texts.noStep : texts.unknownAdvice;
      this.container.replaceChildren(element("p", { class: "hint" }, advice), ...(step ? [this.remarks(step)] : []));
      return;
    }
    title.textContent = [...this.action.path.slice(0, -1), this.action.label].join(" > ");
    const fields = this.action.fields.filter((field) => this.isShown(field));
    this.container.replaceChildren(
      element("p", { class: "hint" }, this.action.description),
      element("p", { class: "hint" }, element("a", { href: this.action.guide, target: "_blank" }, texts.learn)),
      ...fields.map((field) => this.field(field)),
      this.remarks(step),
    );
    this.showProblems();
  }

  /** The name of the step and a comment, for people. */
  remarks(step) {
    const { texts } = this.editor;
    const field = (name, label, made) => {
      made.id = `field-${name}`;
      made.value = typeof step[name] === "string" ? step[name] : "";
      made.addEventListener("input", () => this.set(name, made.value.trim() === "" ? undefined : made.value));
      const problem = element("p", { id: `problem-${name}`, "aria-live": "polite" });
      return element("div", { "data-field": name }, element("label", { for: made.id }, label), made, problem);
    };
    const name = element("input", { autocomplete: "off", maxlength: 100, "aria-describedby": "problem-step-name" });
    const comment = element("textarea", { rows: 2, "aria-describedby": "problem-comment" });
    const isOpen =
      this.drawn === step
        ? this.container.querySelector(".remarks")?.open ?? false
        : ["step-name", "comment"].some((name) => name in step);
    this.drawn = step;
    return element(
      "details",
      { class: "remarks", open: isOpen },
      element("summary", {}, texts.remarks),
      field("step-name", texts.stepName, name),
      field("comment", texts.comment, comment),
    );
  }

  /** Focuses a field, or the first one. */
  focus(field) {
    const group = field && this.container.querySelector(`[data-field="${CSS.escape(field)}"]`);
    group?.closest("details")?.setAttribute("open", "");
    (group || this.container).querySelector("input, select, textarea, [aria-selected=true]")?.focus();
  }

  /** Sets a field; what is not whole yet, such as a credential of three parts, has no mistakes before it is left. */
  set(name, value, isWhole = true) {
    const step = this.editor.step();
    if (value === undefined) {
      delete step[name];
    } else {
      step[name] = value;
    }
    this.editor.changed(name, isWhole);
  }

  /** Sets fields of a step as one change, and returns to one of them. */
  fill(step, values, field) {
    if (step === this.editor.step()) {
      Object.assign(step, values);
      this.draw();
      this.focus(field.name);
      this.editor.filled(Object.keys(values));
    }
  }

  /**
   * Fills the other fields that are empty, or have the former credential, from the credential of a field. The caller records
   * the change.
   */
  fillOthers(field, has, path, former) {
    const step = this.editor.step();
    const group = ({ name }) => this.container.querySelector(`[data-field="${name}"]`);
    const isFree = ({ name }) => {
      const { credential } = step[name] ?? { credential: "" };
      return credential === "" || (former !== null && credential === `${former}/${name}`);
    };
    const isOther = (it) => it !== field && ["credential", "secret"].includes(it.kind) && this.isShown(it);
    const others = this.action.fields.filter((it) => isOther(it) && has(it) && isFree(it));
    for (const other of others.filter((it) => !group(it).contains(document.activeElement))) {
      step[other.name] = { credential: `${path}/${other.name}` };
      group(other).replaceWith(this.field(other));
    }
  }

  /** Creates a credential for a field, and picks it there and in the others that got a value. */
  createCredential(field, locker) {
    const step = this.editor.step();
    const fields = this.action.fields.filter(
      (it) => it === field || (["credential", "secret"].includes(it.kind) && this.isShown(it)),
    );
    const suggested = { locker: this.action.path[0], credential: this.editor.botName() };
    newCredential(this.editor, { fields, needed: field, currentLocker: locker, suggested }, (paths) => {
      const values = Object.entries(paths).map(([name, path]) => [name, { credential: path }]);
      this.fill(step, Object.fromEntries(values), field);
    });
  }

  /** Creates a connection, picks it, and begins its sign-in. */
  createConnection(field) {
    const step = this.editor.step();
    const isShared = step["token-type"] !== "user-specific";
    // With the other authentication type, the step has the region in a field that is hidden now.
    const url = step.url ?? this.hidden.get(step)?.url;
    newConnection(this.editor, typeof url === "string" ? url : "", isShared, (name) => {
      this.fill(step, { [field.name]: { "oauth-connection": name } }, field);
      server.signIn(name, isShared);
    });
  }

  /** Makes a choice: removes the fields that it hides from the bot, and restores those that it shows. */
  choose(name, value) {
    const step = this.editor.step();
    const chosen = this.action.fields.find((field) => field.name === name);
    if (chosen.leftOut && value === chosen.default) {
      delete step[name];
    } else {
      step[name] = value;
    }
    const stored = this.hidden.get(step) ?? {};
    this.hidden.set(step, stored);
    for (const field of this.action.fields) {
      if (field.shownWhen?.field !== name) {
        continue;
      }
      if (!this.isShown(field)) {
        if (field.name in step) {
          stored[field.name] = step[field.name];
          delete step[field.name];
        }
      } else if (field.name in stored && !(field.name in step)) {
        step[field.name] = stored[field.name];
      }
    }
    this.draw();
    byId(`field-${name}`).focus();
    this.editor.changed(name, true);
  }

  field(field) {
    const value = this.editor.step()[field.name];
    const isSourced = typeof value === "object" && value !== null;
    const group = element("div", { "data-field": field.name });
    const described = `help-${field.name} problem-${field.name}`;
    const draw = (control) => {
      const optional = field.required ? "" : ` (${this.editor.texts.optional})`;
      return [
        element("label", { for: control.id }, field.label, element("span", { class: "optional" }, optional)),
        control,
      ];
    };
    if (field.json) {
      const input = this.jsonInput(field, value, described);
      group.append(...draw(input), ...this.picker(field, input));
    } else if (field.kind === "credential" || field.kind === "secret" || (field.kind === "text" && isSourced)) {
      const set = (changed) => this.set(field.name, changed, false);
      const create = this.editor.dialogs && ((locker) => this.createCredential(field, locker));
      group.append(sourceField(this.editor, field, value, described, set, create, (...found) => this.fillOthers(field, ...found)));
    } else if (field.kind === "choice") {
      const options = field.options.map((option) => element("option", { value: option.value }, option.label));
      const select = element(
        "select",
        { id: `field-${field.name}`, "aria-describedby": described, onchange: (event) => this.choose(field.name, event.target.value) },
        ...options,
      );
      select.value = value ?? field.default ?? "";
      group.append(...draw(select));
    } else if (field.kind === "oauth-connection") {
      const set = (changed) => this.set(field.name, changed);
      const create = this.editor.dialogs && (() => this.createConnection(field));
      const [select, ...more] = connectionPicker(this.editor, field, value, described, set, create);
      group.append(...draw(select), ...more);
    } else {
      const input = this.input(field, value, described);
      group.append(...draw(input), ...this.picker(field, input));
      if (input.getAttribute("list")) {
        const names = this.editor.suggestions[this.action.name][field.name];
        group.append(element("datalist", { id: input.getAttribute("list") }, ...names.map((name) => element("option", { value: name }))));
      }
      if (field.kind === "session-name" && !this.action.opensSession) {
        group.append(...this.openSessions(field, input));
      }
    }
    group.append(
      element("p", { class: "hint", id: `help-${field.name}` }, field.help),
      element("p", { id: `problem-${field.name}`, "aria-live": "polite" }),
    );
    return group;
  }

  /** Picks an output: as a placeholder within the text, or as the whole value. */
  picker(field, input) {
    if (!field.takesPlaceholders && !field.takesSources) {
      return [];
    }
    const insert = (path) => {
      // Within a text of JSON, a name may need escapes.
      const name = field.json ? JSON.stringify(path).slice(1, -1) : path;
      input.setRangeText(`{${name}}`, input.selectionStart, input.selectionEnd, "end");
      input.dispatchEvent(new Event("input"));
      input.focus();
    };
    const replace = (path) => {
      this.set(field.name, { variable: path });
      this.draw();
      this.focus(field.name);
    };
    const { variables: all } = this.editor;
    const variables = field.takesPlaceholders ? all.shownNames() : all.names();
    return valuePicker(this.editor, field, field.takesPlaceholders ? insert : replace, { variables });
  }

  /** The sessions that are open at this step, to pick one. */
  openSessions(field, input) {
    const { texts } = this.editor;
    const pick = (name) => {
      input.value = name;
      input.dispatchEvent(new Event("input"));
      input.focus();
    };
    const button = (name) => element("button", { type: "button", class: "quiet", onclick: () => pick(name) }, name);
    const names = this.editor.sessions();
    return names.length === 0 ? [] : [element("p", { class: "hint sessions" }, `${texts.openSessions} `, ...names.map(button))];
  }

  input(field, value, described) {
    const suggested = this.editor.suggestions[this.action.name]?.[field.name];
    const input = element("input", {
      list: suggested ? `suggested-${field.name}` : null,
      id: `field-${field.name}`,
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": described,
      oninput: (event) => {
        const text = event.target.value;
        this.set(field.name, text === "" && !field.required ? undefined : text);
      },
    });
    if (field.name === "output" || (field.kind === "session-name" && this.action.opensSession)) {
      let before = "";
      input.addEventListener("focus", () => {
        before = input.value.trim();
      });
      input.addEventListener("change", () => {
        if (this.editor.renamed(field, before, input.value.trim())) {
          before = input.value.trim();
        }
      });
    }
    input.value = typeof value === "string" ? value : value === undefined ? field.default ?? "" : "";
    return input;
  }

  /** What is not JSON yet stays in the bot as the text that it is; the check says what is wrong with it. */
  jsonInput(field, value, described) {
    const input = element("textarea", {
      id: `field-${field.name}`,
      rows: 6,
      spellcheck: "false",
      "aria-describedby": described,
      oninput: (event) => this.set(field.name, parsed(event.target.value)),
    });
    input.value = typeof value === "object" ? JSON.stringify(value, null, 2) : value ?? "";
    return input;
  }

  /** Shows the problems at their fields. */
  showProblems() {
    const problems = this.editor.problems();
    for (const group of this.container.querySelectorAll("[data-field]")) {
      const mine = problems.filter(({ field }) => field === group.dataset.field);
      const first = mine.find(({ warning }) => !warning) ?? mine[0];
      // The tab of an insecure string has this warning itself.
      const problem = first?.warning && group.querySelector(".panel .warning") ? undefined : first;
      const place = byId(`problem-${group.dataset.field}`);
      const text = problem?.message ?? "";
      if (place.textContent !== text) {
        place.textContent = text;
      }
      place.className = problem?.warning ? "warning" : "error";
      const isWrong = problem !== undefined && !problem.warning;
      for (const control of group.querySelectorAll("input, select, textarea")) {
        if (isWrong) {
          control.setAttribute("aria-invalid", "true");
        } else {
          control.removeAttribute("aria-invalid");
        }
      }
    }
  }
}
