// The actions and the flow: dropping, moving and removing steps, with a pointer or with keys.

import { byId, element, filled } from "./element.js";
import { makeDraggable } from "./drag.js";

export class Flow {
  constructor(editor) {
    this.editor = editor;
    this.list = byId("steps");
    this.keys = new WeakMap();
    this.items = new WeakMap();
    this.count = 0;
    // On a narrow screen the actions and the variables would push the flow away.
    const isWide = matchMedia("(min-width: 46rem)");
    const show = () => document.querySelectorAll("#palette details").forEach((it) => (it.open = isWide.matches));
    isWide.addEventListener("change", show);
    show();
    for (const button of document.querySelectorAll("#palette .action")) {
      const { action } = button.dataset;
      button.addEventListener("click", () => {
        this.editor.add(action, this.end());
        if (!isWide.matches) {
          show();
        }
      });
      makeDraggable(button, button.textContent, this.list, (index) => this.editor.add(action, index));
    }
    byId("search-actions").addEventListener("input", (event) => this.search(event.target.value));
  }

  /** The index of a step that is added without dragging: after the selected one. */
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
        const description = item.querySelector("button").title.toLowerCase();
        item.hidden = !`${title} ${item.textContent.toLowerCase()} ${description}`.includes(wanted);
        shown += item.hidden ? 0 : 1;
      }
      group.hidden = shown === 0;
      found += shown;
    }
    byId("no-action").textContent = found === 0 ? this.editor.texts.noAction : "";
  }

  /** Identifies a step while the page is open. */
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

  /** Scrolls to a step. */
  show(step) {
    const place = step && byId(this.key(step));
    place?.closest("li").scrollIntoView({ block: "nearest" });
  }

  draw() {
    const steps = this.editor.steps();
    const items = steps.map((step, index) => this.updated(step, index, steps.length));
    if (steps.length === 0) {
      items.push(element("li", {}, element("p", { class: "empty" }, this.editor.texts.emptyFlow)));
    }
    // An item that is about to be pressed must stay in place.
    if (items.length !== this.list.children.length || items.some((item, at) => item !== this.list.children[at])) {
      const focused = this.list.contains(document.activeElement) ? document.activeElement.id : null;
      this.list.replaceChildren(...items);
      if (focused) {
        byId(focused)?.focus();
      }
    }
    byId("keys").hidden = steps.length === 0;
  }

  /** Creates the item of a step. */
  item(step) {
    if (this.items.has(step)) {
      return this.items.get(step);
    }
    const { editor } = this;
    const key = this.key(step);
    const parts = { what: "what", summary: "soft", comment: "soft comment", problem: "error", status: "status" };
    for (const [part, name] of Object.entries(parts)) {
      parts[part] = element("span", { class: name });
    }
    const main = element(
      "button",
      {
        type: "button",
        class: "step-main",
        id: key,
        "aria-describedby": "keys",
        // With a pointer, the keys of the flow go on to work.
        onclick: ({ detail }) => editor.select(step, detail === 0),
        onkeydown: (event) => this.onKey(event, step),
      },
      ...Object.values(parts),
    );
    makeDraggable(main, editor.label(step), this.list, (to) => editor.move(step, to));
    const tool = (name, onclick) =>
      element("button", { type: "button", class: name, id: `${key}-${name}`, onclick }, element("span", { class: "hidden" }));
    const tools = {
      up: tool("up", () => this.move(step, -1, "up")),
      down: tool("down", () => this.move(step, 2, "down")),
      remove: tool("remove", () => this.remove(step)),
    };
    const card = element("div", { class: "step" }, main, element("div", { class: "tools" }, ...Object.values(tools)));
    const made = { item: element("li", {}, card), card, main, parts, tools };
    this.items.set(step, made);
    return made;
  }

  /** Updates the item of a step. */
  updated(step, index, count) {
    const { editor } = this;
    const { texts } = editor;
    const { item, card, main, parts, tools } = this.item(step);
    const label = editor.label(step);
    const problems = editor.problems(step);
    const wrong = problems.find((problem) => !problem.warning) ?? problems[0];
    const isSelected = step === editor.selected();
    const isDisabled = step.disabled === true;
    const title = filled(texts.stepLabel, { n: index + 1, label });
    show(parts.what, isDisabled ? filled(texts.disabledStep, { step: title }) : title);
    show(parts.summary, this.summary(step));
    show(parts.comment, typeof step.comment === "string" ? step.comment : "");
    card.toggleAttribute("data-disabled", isDisabled);
    show(parts.problem, wrong?.message ?? "");
    const status = editor.status(step);
    show(parts.status, status?.text ?? "");
    card.dataset.status = status?.state ?? "";
    parts.problem.className = wrong?.warning ? "warning" : "error";
    main.setAttribute("aria-pressed", String(isSelected));
    card.toggleAttribute("data-selected", isSelected);
    const words = { up: texts.moveUp, down: texts.moveDown, remove: texts.remove };
    for (const [name, button] of Object.entries(tools)) {
      const text = filled(words[name], { step: `${index + 1}. ${label}` });
      show(button.firstChild, text);
      button.title = text;
    }
    tools.up.disabled = index === 0;
    tools.down.disabled = index === count - 1;
    return item;
  }

  /** A summary of its values, without secrets. */
  summary(step) {
    const form = this.editor.forms.get(step.action);
    if (!form) {
      return String(step.action ?? "");
    }
    const shown = form.fields.filter(({ kind }) => !["secret", "credential", "choice"].includes(kind));
    const kind = step["step-name"] ? [form.label] : [];
    const values = shown.map(({ name }) => {
      const value = step[name];
      return typeof value === "string" ? value : value?.["oauth-connection"] ?? "";
    });
    return [...kind, ...values.filter((value) => value !== "")].join(" · ");
  }

  move(step, by, tool) {
    this.editor.move(step, this.editor.steps().indexOf(step) + by);
    const button = byId(`${this.key(step)}-${tool}`);
    // At the end of the flow, the pressed button is disabled: move the focus.
    (button.disabled ? byId(this.key(step)) : button).focus();
  }

  remove(step) {
    const index = this.editor.steps().indexOf(step);
    if (index < 0) {
      return;
    }
    this.editor.remove(step);
    const steps = this.editor.steps();
    const next = steps[index] ?? steps[index - 1];
    if (next) {
      this.focus(next);
    } else {
      document.querySelector("#palette summary").focus();
    }
  }

  onKey(event, step) {
    const steps = this.editor.steps();
    const index = steps.indexOf(step);
    const isArrow = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!isArrow && event.key !== "Delete") {
      return;
    }
    event.preventDefault();
    const next = steps[index + (event.key === "ArrowUp" ? -1 : 1)];
    if (event.key === "Delete") {
      this.remove(step);
    } else if (next && event.altKey) {
      this.editor.move(step, event.key === "ArrowUp" ? index - 1 : index + 2);
      this.focus(step);
    } else if (next) {
      this.focus(next);
    }
  }
}

/** Sets a text if it differs, so that screen readers do not repeat it. */
function show(place, text) {
  if (place.textContent !== text) {
    place.textContent = text;
  }
}
