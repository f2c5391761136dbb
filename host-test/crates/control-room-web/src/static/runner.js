// Runs the bot, or tests it up to a step with what is on screen: shows how its steps go, and what they return.

import { byId, element, filled } from "./element.js";
import { Follower } from "./follow.js";
import { Inputs } from "./inputs.js";
import { isSameName } from "./name.js";
import { names } from "./references.js";
import * as server from "./server.js";
import { branch, tree } from "./tree.js";

/** A second, in ms: the interval at which waits are counted down. */
const SECOND = 1000;

/** Whether something of an output is left; there may have been no room for it. */
const hasValue = (output) => Boolean(output) && !(output.isCut && output.json === null);

export class Runner {
  /**
   * `editor` has the texts, the forms, the variables, `steps()` and `selected()`; `file(steps)` is the bot file with these steps only,
   * `save()` resolves to whether the bot is saved, `version()` is the saved version, `changes()` counts its changes, `draw()` draws the steps and this,
   * `state()` is the bot at this moment, `select(step)` shows a step, `goTo(problem)` a mistake, and `say` announces a text.
   */
  constructor(editor, id) {
    this.editor = editor;
    this.id = id;
    this.inputs = new Inputs(editor.texts);
    /** What the steps returned when they were tested last. It stays in the memory of the page. */
    this.outputs = new WeakMap();
    /** The steps of the bot as it ran whose `outputs` are complete. */
    this.complete = new WeakSet();
    /** The inputs that were given last, as JSON. */
    this.given = "";
    /** The buttons that start something, by its kind. */
    this.buttons = { run: byId("run"), test: byId("test-run") };
    this.reset("run", null);
    this.message = "";
    this.isStarting = false;
    this.isRunning = false;
    /** Whether events of the run arrive. */
    this.isConnected = false;
    /** The result that is drawn. */
    this.drawn = null;
    byId("run-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.start("run");
    });
    byId("test-run").addEventListener("click", () => this.start("test"));
    byId("test-step").addEventListener("click", () => this.start("test", true));
    for (const kind of Object.keys(this.buttons)) {
      byId(`${kind}-stop`).addEventListener("click", () => this.stop());
    }
  }

  /** Resets what is known of the last run or test. */
  reset(kind, ran) {
    Object.assign(this, { kind, steps: [], results: new Map(), notes: [], run: null, outcome: null, isStopping: false, leftOut: new Set() });
    /** The bot as it ran. */
    this.ran = ran;
    this.compared = null;
  }

  /** Runs the bot, or tests it up to the selected step, or only that. A second click starts nothing, and neither does another button. */
  start(kind, isSingle = false) {
    if (this.isStarting || this.isRunning) {
      return;
    }
    this.isSingle = isSingle;
    const variables = this.editor.variables.inputs();
    if (variables.length > 0) {
      this.askInputs(kind, variables);
    } else {
      this.send(kind, {});
    }
  }

  /** Asks for the inputs of the bot; `wrong` are the messages about those that were not accepted. */
  askInputs(kind, variables, wrong = new Map()) {
    const send = () => this.send(kind, this.inputs.values(variables));
    this.inputs.ask(variables, wrong, this.editor.texts[kind], send);
  }

  /** The steps that run, and the file with them. */
  onScreen(kind) {
    const { editor } = this;
    const all = editor.steps();
    const steps = kind === "test" ? all.slice(0, all.indexOf(editor.selected()) + 1) : [...all];
    const alone = this.isSingle ? this.alone() : null;
    const leftOut = new Set(alone === null ? [] : steps.filter((step) => !alone.steps.includes(step)));
    const sent = steps.map((step) => (leftOut.has(step) ? { ...step, disabled: true } : step));
    return { steps, leftOut, file: editor.file(sent), outputs: alone?.outputs, state: editor.state() };
  }

  /**
   * What the selected step needs to be tested without the others: the steps that open its sessions, and outputs that were kept
   * from a test or a run. `missing` are the steps whose outputs are not there, or have secrets that it uses.
   */
  alone() {
    const { editor } = this;
    const { forms } = editor;
    const all = editor.steps();
    const step = editor.selected();
    const before = all.slice(0, all.indexOf(step)).filter((it) => it.disabled !== true);
    const fields = (it) => forms.get(it.action)?.fields.filter(({ kind }) => kind === "session-name") ?? [];
    const sessions = (it) => fields(it).map((field) => it[field.name] ?? field.default).filter((name) => typeof name === "string");
    const changes = (it, name) => {
      const { opensSession, closesSession } = forms.get(it.action) ?? {};
      return (opensSession || closesSession) && sessions(it).some((other) => isSameName(other, name));
    };
    const last = sessions(step).map((name) => before.findLast((it) => changes(it, name)));
    const steps = [...last.filter((it) => forms.get(it?.action)?.opensSession), step];
    const outputs = {};
    const missing = [];
    const named = before.filter(({ output }) => typeof output === "string" && output.trim() !== "");
    for (const [name, source] of new Map(named.map((it) => [it.output.trim(), it]))) {
      const users = steps.filter((it) => names(it, forms, name));
      if (users.length === 0 || steps.includes(source)) {
        continue;
      }
      const secrets = forms.get(source.action)?.outputs.filter(({ kind }) => kind === "secret") ?? [];
      const usesSecret = secrets.some((it) => JSON.stringify(users).includes(`${name}.${it.name}`));
      if (usesSecret || !this.isCurrent(source) || !this.complete.has(source)) {
        missing.push(source);
      } else {
        outputs[name] = this.outputs.get(source);
      }
    }
    return { steps, outputs, missing, isShorter: steps.length <= before.length };
  }

  /** Discards outputs that may be stale: they depend on the inputs, the variables, and the steps before. */
  keepCurrent(inputs) {
    const given = JSON.stringify(inputs);
    const isCurrent = (step) => given === this.given && this.complete.has(step);
    this.complete = new WeakSet([...this.unchanged()].filter(isCurrent));
    this.given = given;
  }

  /** Starts a run or a test; `agreed` has the steps of a test to which the user has agreed, and what it was asked about. */
  async send(kind, inputs, agreed = null) {
    const { editor } = this;
    const { texts } = editor;
    this.keepCurrent(inputs);
    this.reset(kind, editor.state());
    this.isStarting = true;
    this.show(texts.starts);
    // A run has everything that was typed.
    if (kind === "run" && !(await editor.save())) {
      this.isStarting = false;
      return this.show(texts.notSaved);
    }
    const sent = agreed?.sent ?? this.onScreen(kind);
    this.ran = sent.state;
    const answer = await (kind === "run" ? server.run(this.id, inputs, editor.version()) : server.test(this.id, inputs, sent, agreed));
    this.isStarting = false;
    switch (answer.status) {
      case 200:
        return this.begin(answer.run, sent);
      case 401:
        return this.show(texts.startSignedOut);
      case 400:
      case 403:
      case 404:
      case 413:
        return this.show(texts.notStarted);
      case 409:
        // The bot was saved elsewhere; the next save says so.
        if (kind === "run") {
          return this.show(texts.notSaved);
        }
        this.show("");
        return this.ask(answer.changes, () => this.send(kind, inputs, { sent, steps: answer.changes, linkedHash: answer.linkedHash }));
      case 422: {
        this.show(answer.message ?? "");
        if (answer.inputs) {
          const { variables } = JSON.parse(sent.file);
          const wrong = answer.inputs.map(({ variable, message }) => [variables[variable - 1]?.name.trim(), message]);
          return this.askInputs(kind, editor.variables.inputs(), new Map(wrong));
        }
        const [problem] = answer.problems;
        return editor.goTo({ ...problem, of: sent.steps[problem?.step - 1] });
      }
      case 429:
        return this.show(answer.message);
      default:
        return this.show(texts[`${kind}Failed`]);
    }
  }

  /** Asks before the steps of a test that can change something in Genesys Cloud. What was asked about is what runs. */
  ask(changes, agree) {
    const { texts } = this.editor;
    const dialog = byId("question");
    const choice = (id, text, choose, name) => {
      const onclick = () => {
        dialog.close();
        choose();
      };
      return element("button", { type: "button", id, class: name, onclick }, text);
    };
    dialog.replaceChildren(
      element("h2", { id: "question-title" }, texts.testChanges),
      element("p", {}, texts.testChangesAdvice),
      element("ul", { class: "mistakes" }, ...changes.map((step) => element("li", {}, step))),
      element(
        "div",
        { class: "row" },
        choice("question-cancel", texts.cancel, () => {}),
        choice("test-anyway", texts.testAnyway, agree, "danger"),
      ),
    );
    dialog.addEventListener("close", () => dialog.replaceChildren(), { once: true });
    dialog.showModal();
  }

  begin(run, { steps, leftOut }) {
    const { texts } = this.editor;
    Object.assign(this, { run, steps, leftOut, isRunning: true, isConnected: true });
    this.timer = setInterval(() => this.editor.draw(), SECOND);
    const connection = (state) => this.showConnection(state);
    const page = { connection, entry: (entry) => this.entry(entry), ended: (end) => this.ended(end) };
    new Follower(run, 0, page).connect();
    this.show(texts.running);
  }

  /** Shows at once that the bot is stopping; a running step still has a moment to finish. */
  async stop() {
    const { texts } = this.editor;
    this.isStopping = true;
    this.show(texts.stops);
    const state = await server.stop(this.run);
    if (state !== "connected" && this.isRunning) {
      this.isStopping = false;
      this.showConnection(state);
    }
  }

  /** Shows what is known of the run while it is active: `connected`, `disconnected` or `signed-out`. */
  showConnection(state) {
    const { texts } = this.editor;
    this.isConnected = state === "connected";
    const states = { disconnected: texts.disconnected, "signed-out": texts.runSignedOut };
    this.show(states[state] ?? (this.isStopping ? texts.stops : texts.running));
  }

  /** An entry of the log of the run. */
  entry(entry) {
    const { editor } = this;
    const step = this.steps[entry.step - 1];
    if (entry.kind === "failed" && !step) {
      this.notes.push(entry.text);
    } else if (step && !this.leftOut.has(step) && !["warning", "note"].includes(entry.kind)) {
      this.results.set(step, { ...entry, until: performance.now() + (entry.wait ?? 0) });
      if (hasValue(entry.output)) {
        this.outputs.set(step, entry.output.json);
        if (entry.output.isCut) {
          this.complete.delete(step);
        } else {
          this.complete.add(step);
        }
      }
    }
    if (entry.kind === "failed") {
      editor.say(entry.text);
      // Not while somebody fills in another step.
      if (editor.steps().includes(step) && !byId("fields").contains(document.activeElement)) {
        editor.select(step);
      }
    }
    editor.draw();
  }

  ended({ outcome, word, took }) {
    this.outcome = outcome;
    if (outcome === "done") {
      // A long log is cut.
      const isUnknown = (step) => !this.results.has(step) && !this.leftOut.has(step);
      this.steps.filter(isUnknown).forEach((step) => this.results.set(step, { kind: outcome, word }));
    }
    this.end(took ? `${word} · ${took}` : word);
  }

  end(message) {
    clearInterval(this.timer);
    this.isRunning = false;
    this.show(message);
  }

  /** Shows what the run or the test is doing, or how it ended. */
  show(message) {
    this.message = message;
    this.editor.draw();
  }

  /** The steps that are as they ran, with all before them. */
  unchanged() {
    const changes = this.editor.changes();
    if (this.compared !== changes) {
      this.compared = changes;
      const { frame, steps } = this.editor.state();
      const ran = this.ran?.frame === frame ? this.ran.steps : [];
      const isSame = ([step, text], at) => ran[at]?.[0] === step && ran[at][1] === text;
      const first = steps.findIndex((it, at) => !isSame(it, at));
      this.same = new Set(steps.slice(0, first < 0 ? steps.length : first).map(([step]) => step));
    }
    return this.same;
  }

  /** Whether what is known of a step is of the step as it is now. */
  isCurrent(step) {
    return this.isStarting || this.isRunning || this.unchanged().has(step);
  }

  /** What the flow shows of a step: a state and its name; null for nothing. */
  status(step) {
    const { texts } = this.editor;
    if (!this.isCurrent(step)) {
      return null;
    }
    const result = this.results.get(step);
    const ran = this.steps.filter((it) => !this.leftOut.has(it));
    const next = ran.find((it) => !this.results.has(it) || this.results.get(it).kind === "waiting");
    if (this.isRunning && !this.isConnected && step === next) {
      return null;
    }
    const left = this.isRunning && result?.kind === "waiting" ? Math.ceil((result.until - performance.now()) / SECOND) : 0;
    if (left > 0) {
      return { state: "waiting", text: filled(texts.waits, { n: left }) };
    }
    if (this.isRunning && step === next) {
      return { state: "running", text: texts.running };
    }
    if (result && step.disabled === true) {
      return { state: "skipped", text: result.text || result.word };
    }
    return result ? { state: result.kind, text: [result.word, result.took].filter(Boolean).join(" · ") } : null;
  }

  draw() {
    const { texts, forms, selected } = this.editor;
    const step = selected();
    byId("test").hidden = step === null;
    byId("test-run").textContent = forms.get(step?.action)?.opensSession ? texts.testSignIn : texts.testToHere;
    this.drawAlone(step);
    Object.keys(this.buttons).forEach((kind) => this.drawProgress(kind));
    const result = (this.isCurrent(step) && this.results.get(step)) || null;
    if (this.drawn !== result) {
      this.drawn = result;
      byId("result").replaceChildren(...(result === null ? [] : this.result(step, result)));
      if (result !== null && !byId("fields").contains(document.activeElement)) {
        byId("form-pane").scrollTop = 0;
      }
    }
    if (byId("notes").children.length !== this.notes.length) {
      byId("notes").replaceChildren(...this.notes.map((text) => element("li", {}, text)));
    }
  }

  /** Draws the button that tests the selected step without the others, or what is missing for that. */
  drawAlone(step) {
    const { texts, forms } = this.editor;
    const button = byId("test-step");
    const alone = step !== null && step.disabled !== true && forms.has(step.action) ? this.alone() : null;
    const isOffered = alone !== null && alone.isShorter;
    const hadFocus = document.activeElement === button;
    button.hidden = !isOffered || alone.missing.length > 0 || this.isRunning;
    if (hadFocus && button.hidden) {
      byId("test-run").focus();
    }
    const all = this.editor.steps();
    const label = (it) => filled(texts.stepLabel, { n: all.indexOf(it) + 1, label: this.editor.label(it) });
    const missing = isOffered ? alone.missing.map(label) : [];
    const needs = missing.length > 0 ? filled(texts.testStepNeeds, { steps: missing.join(", ") }) : "";
    if (byId("test-missing").textContent !== needs) {
      byId("test-missing").textContent = needs;
    }
  }

  /** Draws the buttons of one kind, and beside them how it goes, if it was the last one. */
  drawProgress(kind) {
    const isLast = kind === this.kind;
    const [start, stop, state, log] = [this.buttons[kind], ...["stop", "state", "log"].map((part) => byId(`${kind}-${part}`))];
    const hadFocus = [start, stop].includes(document.activeElement);
    start.hidden = this.isRunning && isLast;
    start.disabled = this.isRunning && !isLast;
    stop.hidden = !start.hidden;
    if (hadFocus) {
      (start.hidden ? stop : start).focus();
    }
    const isOutdated = this.message !== "" && !this.steps.every((step) => this.isCurrent(step));
    const message = isOutdated ? `${this.message} · ${this.editor.texts.outdated}` : this.message;
    const shown = isLast ? message : "";
    if (state.textContent !== shown) {
      state.textContent = shown;
    }
    state.dataset.outcome = (shown && this.outcome) ?? "";
    log.hidden = !isLast || this.run === null;
    log.href = `/runs/${this.run}`;
  }

  /** What happened at a step, and what it returned. */
  result(step, { kind, text, output }) {
    const { texts, forms } = this.editor;
    const said = text ? [element("p", { class: kind === "failed" ? "error" : "text" }, text)] : [];
    if (!output) {
      return said;
    }
    const secrets = (forms.get(step.action)?.outputs ?? []).filter((it) => it.kind === "secret");
    return [
      ...said,
      element(
        "details",
        { open: true },
        element("summary", {}, texts.output),
        hasValue(output) ? tree(texts, texts.output, output.json) : null,
        secrets.length > 0 ? branch(texts, secrets.map((it) => [it.name, texts.secretOutput, null])) : null,
        output.isCut ? element("p", { class: "hint" }, texts.outputCut) : null,
      ),
    ];
  }
}
