// The editor of a bot. It keeps the bot file as it is, changes only what the user changes, and saves that.

import { asText, isForSteps, stepsIn } from "./clipboard.js";
import { byId, element, filled } from "./element.js";
import { Flow } from "./flow.js";
import { Form } from "./form.js";
import { History } from "./history.js";
import { comparable } from "./name.js";
import { showConflict } from "./conflict.js";
import * as server from "./server.js";

/** The pause in typing after which the bot is checked, in ms. */
const PAUSE = 300;

const { id, user, ...data } = byId("editor").dataset;
const texts = JSON.parse(data.texts);
const forms = new Map(JSON.parse(data.forms).map((form) => [form.name, form]));

let bot = JSON.parse(data.file);
let version = Number(data.version);
let saved = data.file;
let selected = bot.steps[0] ?? null;
let problems = [];

/** The fields that were touched of the steps that were added on this page. Their mistakes are not shown before. */
const touched = new WeakMap();
let isTried = false;

const isShown = ({ of, field }) => isTried || (touched.get(of)?.has(field) ?? true);

const problemsOf = (step) => problems.filter((problem) => problem.of === step && isShown(problem));

/** The bot file; without changes byte for byte as it was loaded. */
function file() {
  const text = `${JSON.stringify(bot, null, 2)}\n`;
  return text === written(saved) ? saved : text;
}

const written = (text) => `${JSON.stringify(JSON.parse(text), null, 2)}\n`;

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
    notice(texts.nothingToPaste);
    return;
  }
  notice("");
  insert(steps, after());
  flow.focus(selected);
}

const sayCopied = (step) => say(filled(texts.copiedStep, { label: label(step) }));

const toClipboard = (step) => navigator.clipboard.writeText(asText(step)).then(() => sayCopied(step));

const noClipboard = () => notice(texts.noClipboard);

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

function notice(text, ...more) {
  byId("notice").replaceChildren(...(text ? [text, " ", ...more] : []));
}

const isSaved = () => file() === saved;

function showState() {
  byId("state").textContent = isSaved() ? texts.saved : texts.unsaved;
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
  showState();
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

async function check() {
  const mine = changes;
  const found = await server.check(file());
  // An outdated answer is about an earlier state of the bot.
  if (mine !== changes) {
    return;
  }
  const mistakes = byId("mistakes");
  mistakes.ariaBusy = "false";
  if (found === null) {
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

/** Replaces the bot file. */
function take(text, newVersion) {
  bot = JSON.parse(text);
  saved = text;
  version = newVersion;
  selected = bot.steps[0] ?? null;
  byId("bot-name").value = bot.name;
  form.draw();
  changed();
}

let saving = null;

/** Saves, after a save that is in progress; resolves to whether this bot is saved. */
function begin(work) {
  byId("state").textContent = texts.saving;
  saving ??= work().finally(() => {
    saving = null;
    showState();
  });
  return saving;
}

const save = () =>
  begin(async () => {
    const text = file();
    const answer = await server.save(id, version, text);
    switch (answer.status) {
      case 200:
        saved = text;
        version = answer.version;
        notice("");
        return true;
      case 404: {
        // With what is typed until the button is pressed.
        const asNew = () => leave(file());
        notice(texts.gone, element("button", { type: "button", onclick: asNew }, texts.asCopy));
        return false;
      }
      case 409:
        showConflict(texts, text, answer.file, {
          mine: () => {
            version = answer.version;
            return save();
          },
          theirs: () => take(answer.file, answer.version),
          copy: () => leave(written(JSON.stringify({ ...bot, name: copyName(bot.name) }))),
        });
        return false;
      default:
        refused(answer);
        return false;
    }
  });

/** Creates a bot from a file and opens it. After an error, everything stays as it is. */
const leave = (text) =>
  begin(async () => {
    const before = file();
    const answer = await server.create(text);
    if (answer.status !== 200) {
      refused(answer);
      return false;
    }
    // What was typed meanwhile is in neither bot: the browser asks before it leaves.
    if (file() === before) {
      saved = before;
    }
    location.assign(`/bots/${answer.id}`);
    return false;
  });

/** Shows why nothing was saved. */
function refused(answer) {
  switch (answer.status) {
    case 401:
      return notice(texts.signedOut, element("a", { href: "/sign-in", target: "_blank" }, texts.signIn));
    case 403:
      return notice(texts.otherUser);
    case 409:
    case 422:
      return notice(answer.message);
    default:
      return notice(texts.saveFailed);
  }
}

function copyName(name) {
  const room = 100 - [...filled(texts.copyOf, { name: "" })].length;
  return filled(texts.copyOf, { name: [...name].slice(0, room).join("") });
}

byId("save").addEventListener("click", save);
// Saves before a run, so that the run has everything that was typed.
byId("run-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  isTried = true;
  let isDone = (await saving) ?? true;
  while (isDone && !isSaved()) {
    isDone = await save();
  }
  if (isDone) {
    form.elements["form-token"].value = server.formToken;
    form.submit();
  }
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
    save();
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
window.addEventListener("beforeunload", (event) => {
  if (!isSaved()) {
    event.preventDefault();
  }
});
byId("keys").textContent = texts.keys;
form.draw();
flow.draw();
drawTools();
showState();
check();
