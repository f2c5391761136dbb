// The editor of a bot. It keeps the bot file as it is, changes only what the user changes, and saves that.

import { asText, isForSteps, stepsIn } from "./clipboard.js";
import { byId, element, filled } from "./element.js";
import { Flow } from "./flow.js";
import { Form } from "./form.js";
import { History } from "./history.js";
import { comparable } from "./name.js";
import { Saving } from "./saving.js";
import * as server from "./server.js";

/** The pause in typing after which the bot is checked, in ms. */
const PAUSE = 300;

/** The wait before a check is tried again that had no answer, in ms. */
const CHECK_AGAIN = 5000;

const data = byId("editor").dataset;
const texts = JSON.parse(data.texts);
const forms = new Map(JSON.parse(data.forms).map((form) => [form.name, form]));

let bot = JSON.parse(data.file);
let selected = bot.steps[0] ?? null;
let problems = [];

/** The fields that were touched of the steps that were added on this page. Their mistakes are not shown before. */
const touched = new WeakMap();
let isTried = false;

const isShown = ({ of, field }) => isTried || (touched.get(of)?.has(field) ?? true);

const problemsOf = (step) => problems.filter((problem) => problem.of === step && isShown(problem));

/** What a person sees as the name of a step: a file may have anything there. */
function label(step) {
  const name = step["step-name"];
  return typeof name === "string" && name.trim() !== "" ? name : (forms.get(step.action)?.label ?? texts.unknownAction);
}

/** The bot at this moment. The steps stay the same objects, which the page knows them by. */
const state = () => ({
  frame: JSON.stringify({ ...bot, steps: [] }),
  steps: bot.steps.map((step) => [step, JSON.stringify(step)]),
  selected,
});

/** Restores a state, and selects the step that differs from the one that is left. */
function restore({ frame, steps, selected: before }, left) {
  const texts = new Map(left.steps);
  const changed = steps.find(([step, text]) => texts.get(step) !== text)?.[0];
  bot = JSON.parse(frame);
  bot.steps = steps.map(([step, text]) => {
    for (const name of Object.keys(step)) {
      delete step[name];
    }
    return Object.assign(step, JSON.parse(text));
  });
  selected = [changed, selected, before, bot.steps[0]].find((step) => bot.steps.includes(step)) ?? null;
  byId("bot-name").value = bot.name;
  byId("undone").replaceChildren();
  const focused = document.activeElement.id;
  form.draw();
  drawChange();
  flow.show(selected);
  if (focused) {
    byId(focused)?.focus();
  }
}

const flow = new Flow({
  texts,
  forms,
  steps: () => bot.steps,
  selected: () => selected,
  problems: problemsOf,
  label,
  select(step, focusForm) {
    select(step);
    if (focusForm) {
      form.focus();
    }
  },
  add(action, index) {
    const step = { action };
    for (const field of forms.get(action).fields) {
      if (field.default !== null && field.shownWhen === null && !field.leftOut) {
        step[field.name] = field.default;
      }
    }
    touched.set(step, new Set());
    insert([step], index);
    form.focus();
  },
  move(step, index) {
    const from = bot.steps.indexOf(step);
    bot.steps.splice(from, 1);
    bot.steps.splice(index > from ? index - 1 : index, 0, step);
    say(filled(texts.added, { label: label(step), n: bot.steps.indexOf(step) + 1 }));
    changed();
  },
  remove(step) {
    const index = bot.steps.indexOf(step);
    bot.steps.splice(index, 1);
    const gone = filled(texts.removed, { label: label(step) });
    say(gone);
    if (selected === step) {
      selected = bot.steps[index] ?? bot.steps[index - 1] ?? null;
    }
    form.draw();
    changed();
    const back = () => {
      history.undo();
      flow.focus(step);
    };
    byId("undone").replaceChildren(gone, element("button", { type: "button", onclick: back }, texts.undo));
  },
});

const form = new Form({
  texts,
  forms,
  variables: JSON.parse(data.variables),
  step: () => selected,
  sessions() {
    const before = bot.steps.slice(0, bot.steps.indexOf(selected));
    const names = before.map((step) => {
      const action = forms.get(step.action);
      const field = action?.opensSession && action.fields.find(({ kind }) => kind === "session-name");
      return field && (step[field.name] ?? field.default);
    });
    const first = new Map();
    for (const name of names.filter((it) => typeof it === "string" && it !== "")) {
      const key = comparable(name);
      first.set(key, first.get(key) ?? name);
    }
    return [...first.values()];
  },
  problems: () => problemsOf(selected),
  changed: (field) => {
    touch(field);
    changed(`${bot.steps.indexOf(selected)} ${field}`);
  },
  touch,
});

const history = new History(state, restore);

const saving = new Saving({ texts, forms, bot: () => bot, take, copyName }, data);

function select(step) {
  selected = step;
  flow.draw();
  form.draw();
  drawTools();
  flow.show(step);
}

/** The user has filled in or left a field of the selected step. */
function touch(field) {
  const fields = touched.get(selected);
  if (fields && !fields.has(field)) {
    fields.add(field);
    flow.draw();
    form.showProblems();
  }
}

/** Inserts steps and selects the first of them. */
function insert(steps, index) {
  bot.steps.splice(index, 0, ...steps);
  [selected] = steps;
  say(filled(texts.added, { label: label(selected), n: index + 1 }));
  changed();
  form.draw();
}

const after = () => (selected === null ? bot.steps.length : bot.steps.indexOf(selected) + 1);

const copied = (step) => JSON.parse(JSON.stringify(step));

function paste(text) {
  const steps = stepsIn(text);
  if (steps === null) {
    say(texts.nothingToPaste);
    saving.notice(texts.nothingToPaste);
    return;
  }
  saving.notice("");
  insert(steps, after());
  flow.focus(selected);
}

const sayCopied = (step) => say(filled(texts.copiedStep, { label: label(step) }));

const toClipboard = (step) => navigator.clipboard.writeText(asText(step)).then(() => sayCopied(step));

const noClipboard = () => saving.notice(texts.noClipboard);

/** What the buttons above the flow do. */
const tools = {
  undo: () => history.undo(),
  redo: () => history.redo(),
  duplicate: () => insert([copied(selected)], after()),
  copy: () => toClipboard(selected).catch(noClipboard),
  cut: () => {
    const step = selected;
    toClipboard(step).then(() => flow.remove(step), noClipboard);
  },
  paste: () => navigator.clipboard.readText().then(paste, noClipboard),
  disable: () => {
    if (selected.disabled === true) {
      delete selected.disabled;
    } else {
      selected.disabled = true;
    }
    form.draw();
    changed();
  },
};

function drawTools() {
  byId("tool-undo").disabled = history.past.length === 0;
  byId("tool-redo").disabled = history.future.length === 0;
  for (const name of ["duplicate", "copy", "cut", "disable"]) {
    byId(`tool-${name}`).disabled = selected === null;
  }
  byId("tool-disable").setAttribute("aria-pressed", String(selected?.disabled === true));
}

/** Announces a change to screen readers. */
function say(text) {
  byId("said").textContent = text;
}

let timer = null;
let changes = 0;

/** The bot has changed: records it, draws it at once, and checks it after a pause in typing. */
function changed(what = null) {
  byId("undone").replaceChildren();
  history.record(what);
  drawChange();
}

/** Draws a change. The problems are out of date until the next check. */
function drawChange() {
  changes += 1;
  drawTools();
  byId("mistakes").ariaBusy = "true";
  flow.draw();
  saving.changed();
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

async function check() {
  const mine = changes;
  const found = await server.check(saving.file());
  // An outdated answer is about an earlier state of the bot.
  if (mine !== changes) {
    return;
  }
  const mistakes = byId("mistakes");
  mistakes.ariaBusy = "false";
  if (found === null) {
    mistakes.textContent = texts.notChecked;
    mistakes.toggleAttribute("data-wrong", false);
    byId("problems").hidden = true;
    timer = setTimeout(check, CHECK_AGAIN);
    return;
  }
  // By the steps, not by their numbers: these change with the next edit.
  problems = found.map((problem) => ({ ...problem, of: bot.steps[problem.step - 1] ?? null }));
  const wrong = problems.filter((problem) => !problem.warning);
  const words = { 0: texts.noMistakes, 1: texts.oneMistake };
  const ofBot = wrong.find(({ step }) => step === null);
  const count = words[wrong.length] ?? filled(texts.mistakes, { n: wrong.length });
  mistakes.textContent = (wrong.length === 1 && ofBot?.message) || count;
  mistakes.toggleAttribute("data-wrong", wrong.length > 0);
  byId("problem-list").replaceChildren(...wrong.map(link));
  byId("problems").hidden = wrong.length === 0;
  flow.draw();
  form.showProblems();
}

/** A problem as a link to its field. */
function link(problem) {
  const { of: step } = problem;
  const go = () => {
    if (bot.steps.includes(step)) {
      isTried = true;
      select(step);
      form.focus(problem.field);
    } else {
      byId("bot-name").focus();
    }
  };
  const place = step ? `${filled(texts.stepLabel, { n: problem.step, label: label(step) })}: ` : "";
  return element("li", {}, element("button", { type: "button", class: "quiet", onclick: go }, `${place}${problem.message}`));
}

/** Replaces the bot. */
function take(other) {
  bot = other;
  selected = bot.steps[0] ?? null;
  byId("bot-name").value = bot.name;
  form.draw();
  changed();
}

function copyName(name) {
  const room = 100 - [...filled(texts.copyOf, { name: "" })].length;
  return filled(texts.copyOf, { name: [...name].slice(0, room).join("") });
}

byId("save").addEventListener("click", () => saving.keep());
// Saves before a run, so that the run has everything that was typed.
let isStarting = false;
byId("run-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  isTried = true;
  // A second click starts no second run.
  if (!isStarting) {
    isStarting = true;
    if (await saving.keep()) {
      form.elements["form-token"].value = server.formToken;
      form.submit();
    }
    isStarting = false;
  }
});
byId("versions").addEventListener("click", async (event) => {
  event.preventDefault();
  if (saving.isSaved() || (await saving.keep())) {
    location.assign(event.target.href);
  }
});
// What is on screen, saved or not.
byId("export").addEventListener("click", (event) => {
  event.preventDefault();
  const url = URL.createObjectURL(new Blob([saving.file()], { type: "application/json" }));
  element("a", { href: url, download: `${bot.name}.json` }).click();
  URL.revokeObjectURL(url);
});
for (const [name, run] of Object.entries(tools)) {
  byId(`tool-${name}`).addEventListener("click", run);
}
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) {
    return;
  }
  const key = event.key.toLowerCase();
  if (key === "s") {
    event.preventDefault();
    saving.keep();
  } else if ((key === "z" || key === "y") && event.target.type !== "search") {
    event.preventDefault();
    if (key === "z" && !event.shiftKey) {
      history.undo();
    } else {
      history.redo();
    }
  }
});
for (const name of ["copy", "cut"]) {
  document.addEventListener(name, (event) => {
    if (selected !== null && isForSteps(event.target)) {
      event.preventDefault();
      event.clipboardData.setData("text/plain", asText(selected));
      sayCopied(selected);
      if (name === "cut") {
        flow.remove(selected);
      }
    }
  });
}
document.addEventListener("paste", (event) => {
  if (isForSteps(event.target)) {
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain"));
  }
});
byId("bot-name").addEventListener("input", (event) => {
  bot.name = event.target.value;
  changed("name");
});
byId("keys").textContent = texts.keys;
form.draw();
flow.draw();
drawTools();
check();
saving.restore();
