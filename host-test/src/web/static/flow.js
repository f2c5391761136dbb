// The actions and the flow: dropping, moving and removing steps, with a pointer or with keys.

import { byId, element, filled } from "./element.js";
import { makeDraggable } from "./drag.js";

export class Flow {
  constructor(editor) {
    this.editor = editor;
    this.list = byId("steps");
    this.keys = new WeakMap();
    this.count = 0;
    for (const button of document.querySelectorAll("#palette .action")) {
      const { action } = button.dataset;
      button.addEventListener("click", () => this.editor.add(action, this.end()));
      makeDraggable(button, button.textContent, this.list, (index) => this.editor.add(action, index));
    }
    byId("search-actions").addEventListener("input", (event) => this.search(event.target.value));
    // On a narrow screen the actions would push the flow away.
    document.querySelector("#palette details").open = matchMedia("(min-width: 46rem)").matches;
  }

  /** Where a step goes that is not dropped: behind the selected one. */
  end() {
    const steps = this.editor.steps();
    const selected = steps.indexOf(this.editor.selected());
    return selected < 0 ? steps.length : selected + 1;
  }

  search(text) {
    const wanted = text.trim().toLowerCase();
    let found = 0;
    for (const group of document.querySelectorAll("#palette .group")) {
      const title = group.querySelector("h3").textContent.toLowerCase();
      let shown = 0;
      for (const item of group.querySelectorAll("li")) {
        item.hidden = !`${title} ${item.textContent.toLowerCase()}`.includes(wanted);
        shown += item.hidden ? 0 : 1;
      }
      group.hidden = shown === 0;
      found += shown;
    }
    byId("no-action").textContent = found === 0 ? this.editor.texts.noAction : "";
  }

  /** What tells a step from the others while the page is open. */
  key(step) {
    if (!this.keys.has(step)) {
      this.count += 1;
      this.keys.set(step, `step-${this.count}`);
    }
    return this.keys.get(step);
  }

  focus(step) {
    byId(this.key(step))?.focus();
  }

  draw() {
    const focused = this.list.contains(document.activeElement) ? document.activeElement.id : null;
    const steps = this.editor.steps();
    const items = steps.map((step, index) => this.item(step, index, steps.length));
    if (steps.length === 0) {
      items.push(element("li", {}, element("p", { class: "empty" }, this.editor.texts.emptyFlow)));
    }
    this.list.replaceChildren(...items);
    byId("keys").hidden = steps.length === 0;
    if (focused) {
      byId(focused)?.focus();
    }
  }

  item(step, index, count) {
    const { editor } = this;
    const { texts } = editor;
    const key = this.key(step);
    const label = editor.label(step);
    const named = (text) => filled(text, { step: `${index + 1}. ${label}` });
    const problems = editor.problems(step);
    const wrong = problems.find((problem) => !problem.warning) ?? problems[0];
    const main = element(
      "button",
      {
        type: "button",
        class: "step-main",
        id: key,
        "aria-pressed": String(step === editor.selected()),
        "aria-describedby": "keys",
        onclick: () => editor.select(step, true),
        onkeydown: (event) => this.onKey(event, step, index, count),
      },
      element("span", { class: "what" }, filled(texts.stepLabel, { n: index + 1, label })),
      element("span", { class: "soft" }, this.summary(step)),
      wrong ? element("span", { class: wrong.warning ? "warning" : "error" }, wrong.message) : null,
    );
    makeDraggable(main, label, this.list, (to) => editor.move(step, to));
    const tool = (name, text, disabled, onclick) =>
      element(
        "button",
        { type: "button", class: name, id: `${key}-${name}`, title: named(text), disabled, onclick },
        element("span", { class: "hidden" }, named(text)),
      );
    const tools = element(
      "div",
      { class: "tools" },
      tool("up", texts.moveUp, index === 0, () => this.move(step, index - 1, "up")),
      tool("down", texts.moveDown, index === count - 1, () => this.move(step, index + 2, "down")),
      tool("remove", texts.remove, false, () => this.remove(step, index)),
    );
    const selected = step === editor.selected();
    return element("li", {}, element("div", { class: "step", "data-selected": selected }, main, tools));
  }

  /** A few of its values, none of them a secret. */
  summary(step) {
    const form = this.editor.forms.get(step.action);
    if (!form) {
      return String(step.action ?? "");
    }
    const shown = form.fields.filter(({ kind }) => !["secret", "credential", "choice"].includes(kind));
    const values = shown.map(({ name }) => {
      const value = step[name];
      return typeof value === "string" ? value : value?.["oauth-connection"] ?? "";
    });
    return values.filter((value) => value !== "").join(" · ");
  }

  move(step, index, tool) {
    this.editor.move(step, index);
    const button = byId(`${this.key(step)}-${tool}`);
    // At the end of the flow, the button that was pressed can do no more.
    (button.disabled ? byId(this.key(step)) : button).focus();
  }

  remove(step, index) {
    this.editor.remove(step);
    const steps = this.editor.steps();
    const next = steps[index] ?? steps[index - 1];
    if (next) {
      this.focus(next);
    } else {
      document.querySelector("#palette summary").focus();
    }
  }

  onKey(event, step, index, count) {
    const done = () => event.preventDefault();
    if (event.key === "Delete") {
      done();
      this.remove(step, index);
    } else if (event.altKey && event.key === "ArrowUp") {
      done();
      if (index > 0) {
        this.editor.move(step, index - 1);
        this.focus(step);
      }
    } else if (event.altKey && event.key === "ArrowDown") {
      done();
      if (index < count - 1) {
        this.editor.move(step, index + 2);
        this.focus(step);
      }
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      done();
      const steps = this.editor.steps();
      const next = steps[index + (event.key === "ArrowUp" ? -1 : 1)];
      if (next) {
        this.focus(next);
      }
    }
  }
}
