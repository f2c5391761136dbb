// The editor of a bot. It keeps the bot file as it is, changes only what the user changes, and saves that.

import { byId, element, filled } from "./element.js";
import { Flow } from "./flow.js";
import { Form } from "./form.js";
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
let selected = null;
let problems = [];

/** The bot file; without changes byte for byte as it was loaded. */
function file() {
  const text = `${JSON.stringify(bot, null, 2)}\n`;
  return text === written(saved) ? saved : text;
}

const written = (text) => `${JSON.stringify(JSON.parse(text), null, 2)}\n`;

const label = (step) => forms.get(step.action)?.label ?? texts.unknownAction;

const flow = new Flow({
  texts,
  forms,
  steps: () => bot.steps,
  selected: () => selected,
  problems: (step) => problems.filter((problem) => problem.step === bot.steps.indexOf(step) + 1),
  label,
  select(step, focusForm) {
    selected = step;
    flow.draw();
    form.draw();
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
    bot.steps.splice(index, 0, step);
    say(filled(texts.added, { label: label(step), n: index + 1 }));
    selected = step;
    form.draw();
    changed();
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
      byId("undo").replaceChildren();
      bot.steps.splice(Math.min(index, bot.steps.length), 0, step);
      selected = step;
      form.draw();
      changed();
      flow.focus(step);
    };
    byId("undo").replaceChildren(gone, element("button", { type: "button", onclick: back }, texts.undo));
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
    return [...new Set(names.filter(Boolean))];
  },
  problems: () => problems.filter((problem) => problem.step === bot.steps.indexOf(selected) + 1),
  changed: () => changed(),
});

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

/** The bot has changed: draws it at once, and checks it after a pause in typing. The problems are out of date until then. */
function changed() {
  changes += 1;
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
  problems = found;
  const wrong = problems.filter((problem) => !problem.warning);
  const words = { 0: texts.noMistakes, 1: texts.oneMistake };
  const ofBot = wrong.find(({ step }) => step === null);
  const count = words[wrong.length] ?? filled(texts.mistakes, { n: wrong.length });
  mistakes.textContent = (wrong.length === 1 && ofBot?.message) || count;
  mistakes.toggleAttribute("data-wrong", wrong.length > 0);
  flow.draw();
  form.showProblems();
}

/** Replaces the bot file. */
function take(text, newVersion) {
  bot = JSON.parse(text);
  saved = text;
  version = newVersion;
  selected = bot.steps[0] ?? null;
  byId("bot-name").value = bot.name;
  byId("undo").replaceChildren();
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
  let isDone = (await saving) ?? true;
  while (isDone && !isSaved()) {
    isDone = await save();
  }
  if (isDone) {
    form.elements["form-token"].value = server.formToken;
    form.submit();
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
byId("bot-name").addEventListener("input", (event) => {
  bot.name = event.target.value;
  changed();
});
window.addEventListener("beforeunload", (event) => {
  if (!isSaved()) {
    event.preventDefault();
  }
});
byId("keys").textContent = texts.keys;
selected = bot.steps[0] ?? null;
form.draw();
flow.draw();
showState();
check();
