// The form of the selected step, drawn from the description of its action.

import { connectionPicker } from "./connection.js";
import { byId, element } from "./element.js";
import { sourceField } from "./source.js";

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

  set(name, value) {
    const step = this.editor.step();
    if (value === undefined) {
      delete step[name];
    } else {
      step[name] = value;
    }
    this.editor.changed(name);
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
    this.editor.changed(name);
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
    if (field.kind === "credential" || field.kind === "secret" || (field.kind === "text" && isSourced)) {
      group.append(sourceField(this.editor, field, value, described, (changed) => this.set(field.name, changed)));
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
      const [select, hint] = connectionPicker(this.editor, field, value, described, set);
      group.append(...draw(select), hint);
    } else {
      group.append(...draw(this.input(field, value, described)));
      if (field.kind === "session-name") {
        const names = this.editor.sessions().map((name) => element("option", { value: name }));
        group.append(element("datalist", { id: "sessions" }, ...names));
      }
    }
    group.append(
      element("p", { class: "hint", id: `help-${field.name}` }, field.help),
      element("p", { id: `problem-${field.name}`, "aria-live": "polite" }),
    );
    return group;
  }

  input(field, value, described) {
    const input = element("input", {
      id: `field-${field.name}`,
      autocomplete: "off",
      spellcheck: "false",
      list: field.kind === "session-name" ? "sessions" : null,
      "aria-describedby": described,
      oninput: (event) => {
        const text = event.target.value;
        this.set(field.name, text === "" && !field.required ? undefined : text);
      },
    });
    input.value = typeof value === "string" ? value : value === undefined ? field.default ?? "" : "";
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
      for (const control of group.querySelectorAll("input, select")) {
        if (isWrong) {
          control.setAttribute("aria-invalid", "true");
        } else {
          control.removeAttribute("aria-invalid");
        }
      }
    }
  }
}
