// The editor of a bot. It keeps the bot file as it is, changes only what the user changes, and saves that.

import "./copy.js";
import { asText, isForSteps, stepsIn } from "./clipboard.js";
import { byId, element, filled } from "./element.js";
import { Flow } from "./flow.js";
import { Form } from "./form.js";
import { History } from "./history.js";
import { comparable, isSameName } from "./name.js";
import { whenReleased } from "./pointer.js";
import { followOutput, followSession, isPlaceable } from "./references.js";
import { Runner } from "./runner.js";
import { Saving, written } from "./saving.js";
import * as server from "./server.js";
import { BotVariables } from "./variables.js";

/** The pause in typing after which the bot is checked, in ms. */
const PAUSE = 300;

/** The wait before a failed check is tried again, in ms. */
const CHECK_AGAIN = 5000;

const data = byId("editor").dataset;
const texts = JSON.parse(data.texts);
const forms = new Map(JSON.parse(data.forms).map((form) => [form.name, form]));

/** The data of the dialogs that create something; null for users who may not create anything. */
const dialogs = data.dialogs ? JSON.parse(data.dialogs) : null;

let bot = JSON.parse(data.file);
let selected = bot.steps[0] ?? null;
let problems = [];

/** The touched fields of each step, and the steps of bots that somebody tried to run. Only their mistakes are shown. */
const touched = new WeakMap();
const tried = new WeakSet();

const isShown = ({ of, step, field, warning }) =>
  warning || (step === null ? bot.steps.length > 0 : tried.has(of) || Boolean(touched.get(of)?.has(field)));

const problemsOf = (step) => problems.filter((problem) => problem.of === step && isShown(problem));

const isEnabled = ({ disabled }) => disabled !== true;

/** The names of the sessions that are open after these steps, in the order in which they are opened. */
function openSessions(steps) {
  const open = new Map();
  for (const step of steps.filter(isEnabled)) {
    const { fields = [], opensSession, closesSession } = forms.get(step.action) ?? {};
    const field = fields.find(({ kind }) => kind === "session-name");
    const name = field && (step[field.name] ?? field.default);
    if (typeof name !== "string" || name === "") {
      continue;
    }
    const key = comparable(name);
    if (closesSession) {
      open.delete(key);
    } else if (opensSession) {
      open.set(key, open.get(key) ?? name);
    }
  }
  return [...open.values()];
}

/** The name of a step on the page. A bot file may have a name that cannot be shown. */
function label(step) {
  const name = step["step-name"];
  return typeof name === "string" && name.trim() !== "" ? name : (forms.get(step.action)?.label ?? texts.unknownAction);
}

/** The bot at this moment. It refers to the step objects themselves, because the page identifies steps by them. */
const state = () => ({
  frame: JSON.stringify({ ...bot, steps: [] }),
  steps: bot.steps.map((step) => [step, JSON.stringify(step)]),
  selected,
});

/** Restores a state, and selects the step in which it differs from the state that is left. */
function restore({ frame, steps, selected: before }, left) {
  const texts = new Map(left.steps);
  const changed = steps.find(([step, text]) => texts.get(step) !== text)?.[0];
  bot = JSON.parse(frame);
  bot.steps = steps.map(([step, text]) => {
    for (const name of Object.keys(step)) {
      delete step[name];
    }
    // A file may have members with any name, even `__proto__`.
    for (const [name, value] of Object.entries(JSON.parse(text))) {
      Object.defineProperty(step, name, { value, writable: true, enumerable: true, configurable: true });
    }
    return step;
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
  status: (step) => runner.status(step),
  label,
  select(step, focusForm) {
    select(step);
    if (focusForm) {
      form.focus();
    }
  },
  add(action, index) {
    const step = { action };
    const { fields, opensSession } = forms.get(action);
    const open = openSessions(bot.steps.slice(0, index)).at(-1);
    for (const field of fields) {
      if (field.default !== null && field.shownWhen === null && !field.leftOut) {
        step[field.name] = field.default;
      }
      if (field.kind === "session-name" && open !== undefined && !opensSession) {
        step[field.name] = open;
      }
    }
    insert([step], index);
    form.focus();
  },
  move(step, index) {
    const from = bot.steps.indexOf(step);
    bot.steps.splice(from, 1);
    bot.steps.splice(index > from ? index - 1 : index, 0, step);
    say(filled(texts.added, { label: label(step), n: bot.steps.indexOf(step) + 1 }));
    touchFrom(Math.min(from, bot.steps.indexOf(step)));
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
    touchFrom(index);
    form.draw();
    changed();
    const back = () => {
      history.undo();
      flow.focus(step);
    };
    byId("undone").replaceChildren(gone, element("button", { type: "button", onclick: back }, texts.undo));
  },
});

const variables = new BotVariables({
  texts,
  forms,
  dialogs,
  bot: () => bot,
  label,
  takenNames: () => [...takenNames(), ...JSON.parse(data.variables)],
  problems: (number) => problems.filter(({ variable }) => variable === number),
  changed() {
    form.draw();
    changed();
  },
});

const form = new Form({
  texts,
  forms,
  hostVariables: JSON.parse(data.variables),
  suggestions: JSON.parse(data.suggestions),
  variables,
  newVariable(field, enter) {
    const step = selected;
    const used = (name) => {
      // If a test has failed meanwhile, its step is selected instead.
      if (selected === step) {
        enter(name);
      } else {
        changed();
      }
      form.draw();
      form.focus(field.name);
    };
    variables.open(null, { type: field.kind === "secret" ? "credential" : "text", used });
  },
  renamed,
  dialogs,
  botName: () => bot.name,
  step: () => selected,
  sessions: () => openSessions(before()),
  hasOutputs: () => before().some(({ action }) => forms.get(action)?.fields.some(({ name }) => name === "output")),
  outputs() {
    const named = before().filter(({ output }) => typeof output === "string" && output.trim() !== "");
    // A later output replaces an earlier one of the same name.
    const last = new Map(named.map((step) => [step.output.trim(), step]));
    return [...last].map(([name, step]) => ({
      name,
      title: filled(texts.stepLabel, { n: bot.steps.indexOf(step) + 1, label: label(step) }),
      declared: forms.get(step.action)?.outputs ?? [],
      value: runner.outputs.get(step),
    }));
  },
  problems: () => problemsOf(selected),
  changed: (field, isWhole) => {
    if (isWhole) {
      touch(field);
    }
    changed(`${bot.steps.indexOf(selected)} ${field}`);
  },
  filled: (fields) => {
    fields.forEach(touch);
    changed();
  },
  check,
  touch,
});

const history = new History(state, restore);

const runner = new Runner(
  {
    texts,
    forms,
    variables,
    label,
    steps: () => bot.steps,
    selected: () => selected,
    file: (steps) => written({ ...bot, steps }),
    version: () => saving.version,
    changes: () => changes,
    state,
    save: () => saving.keep(),
    draw() {
      flow.draw();
      runner.draw();
    },
    select,
    goTo,
    say,
  },
  data.id,
);

const saving = new Saving({ texts, forms, bot: () => bot, take, copyName }, data);

const before = () => bot.steps.slice(0, bot.steps.indexOf(selected)).filter(isEnabled);

function select(step) {
  if (selected !== step) {
    byId("form-pane").scrollTop = 0;
  }
  selected = step;
  flow.draw();
  form.draw();
  drawTools();
  flow.show(step);
}

/** The user has filled in or left a field of the selected step. */
function touch(field) {
  const fields = touched.get(selected) ?? new Set();
  touched.set(selected, fields);
  if (!fields.has(field)) {
    fields.add(field);
    whenReleased(() => {
      flow.draw();
      form.showProblems();
    });
  }
}

/** The steps before these have changed, so fields from here on may be wrong now: all of them count as touched. */
function touchFrom(index) {
  for (const step of bot.steps.slice(index)) {
    const fields = touched.get(step) ?? new Set();
    Object.keys(step).forEach((name) => fields.add(name));
    touched.set(step, fields);
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
    touchFrom(after());
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
  runner.draw();
}

/** Announces a change to screen readers. */
function say(text) {
  byId("said").textContent = text;
}

let timer = null;
let changes = 0;

/** The bot has changed: records it, draws it at once, and checks it after a pause in typing. */
function changed(what = null, follows = false) {
  byId("undone").replaceChildren();
  history.record(what, follows);
  drawChange();
}

/** The names that an output or a variable has already, without the output of a step. */
const takenNames = (step = null) => [
  ...variables.names(),
  ...bot.steps.filter((it) => it !== step && typeof it.output === "string").map((it) => it.output.trim()),
];

/**
 * The output or the session of the selected step has a new name: later steps follow, unless the name is taken. Returns whether
 * they follow.
 */
function renamed(field, from, to) {
  const taken = field.name === "output" ? takenNames(selected) : openSessions(before());
  if (from === "" || !isPlaceable(to) || taken.some((name) => isSameName(name, to))) {
    return false;
  }
  const later = bot.steps.slice(bot.steps.indexOf(selected) + 1);
  const count = (field.name === "output" ? followOutput : followSession)(later, forms, from, to);
  if (count > 0) {
    say(count === 1 ? texts.followedOne : filled(texts.followed, { n: count }));
    changed(`${bot.steps.indexOf(selected)} ${field.name}`, true);
  }
  return true;
}

/** Draws a change. The problems are out of date until the next check. */
function drawChange() {
  changes += 1;
  drawTools();
  byId("mistakes").ariaBusy = "true";
  flow.draw();
  variables.draw();
  saving.changed();
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

async function check() {
  const mine = changes;
  const found = await server.check(saving.file());
  // If the bot has changed since, the answer is about an earlier state, and is ignored.
  whenReleased(() => mine === changes && showMistakes(found));
}

/** Shows what a check has found; null if nothing was checked. */
function showMistakes(found) {
  const mistakes = byId("mistakes");
  mistakes.ariaBusy = "false";
  // Problems refer to steps, not to numbers, which change with the next edit. An unknown step is null.
  problems = (found ?? []).map((problem) => ({ ...problem, of: bot.steps[problem.step - 1] ?? null }));
  const wrong = problems.filter((problem) => !problem.warning);
  const words = { 0: texts.noMistakes, 1: texts.oneMistake };
  const ofBot = wrong.find(({ step, variable }) => step === null && variable === null);
  const count = words[wrong.length] ?? filled(texts.mistakes, { n: wrong.length });
  mistakes.textContent = found === null ? texts.notChecked : (wrong.length === 1 && ofBot?.message) || count;
  colourMistakes();
  byId("problem-list").replaceChildren(...wrong.map(link));
  byId("problems").hidden = wrong.length === 0;
  flow.draw();
  variables.draw();
  form.showProblems();
  if (found === null) {
    timer = setTimeout(check, CHECK_AGAIN);
  }
}

/** The number of mistakes has the colour of one as soon as one is shown at a field. */
function colourMistakes() {
  byId("mistakes").toggleAttribute("data-wrong", problems.some((it) => !it.warning && isShown(it)));
}

/** Shows a mistake at its field. */
function goTo({ of: step, field, variable }) {
  if (document.querySelector("dialog[open]")) {
    return;
  }
  const named = variable && bot.variables?.[variable - 1];
  if (variables.all().includes(named)) {
    variables.open(named);
  } else if (bot.steps.includes(step)) {
    bot.steps.forEach((it) => tried.add(it));
    colourMistakes();
    select(step);
    form.focus(field);
  } else {
    byId("bot-name").focus();
  }
}

/** A problem as a link to its field. */
function link(problem) {
  const { of: step, variable } = problem;
  const go = () => goTo(problem);
  const named = variable && filled(texts.variableTitle, { name: bot.variables?.[variable - 1]?.name ?? variable });
  const place = step ? `${filled(texts.stepLabel, { n: problem.step, label: label(step) })}: ` : named ? `${named}: ` : "";
  return element("li", {}, element("button", { type: "button", class: "quiet", onclick: go }, `${place}${problem.message}`));
}

/** Replaces the bot. */
function take(other) {
  byId("variable").close();
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
byId("versions").addEventListener("click", async (event) => {
  event.preventDefault();
  if (saving.isSaved() || (await saving.keep())) {
    location.assign(event.target.href);
  }
});
// Exports what is on screen, saved or not.
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
  const text = event.clipboardData.getData("text/plain");
  if (isForSteps(event.target, stepsIn(text) !== null)) {
    event.preventDefault();
    paste(text);
  }
});
byId("bot-name").addEventListener("input", (event) => {
  bot.name = event.target.value;
  changed("name");
});
byId("keys").textContent = texts.keys;
const problemList = byId("problems");
addEventListener("pointerdown", ({ target }) => {
  if (!problemList.contains(target)) {
    problemList.open = false;
  }
});
problemList.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    problemList.open = false;
    problemList.querySelector("summary").focus();
  }
});
form.draw();
flow.draw();
variables.draw();
drawTools();
check();
saving.restore();
