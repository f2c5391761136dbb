// Saving: by itself after a pause in typing, and at once when the user wants it. After a failure it is tried again.

import { byId, element } from "./element.js";
import { showConflict } from "./conflict.js";
import { Draft } from "./draft.js";
import * as server from "./server.js";

/** The pause in typing after which the bot is saved, in ms. */
const PAUSE = 1500;

/** The waits before further tries, in ms; the last one is repeated. */
const RETRIES = [2000, 4000, 8000, 15000, 30000];

export const written = (bot) => `${JSON.stringify(bot, null, 2)}\n`;

export class Saving {
  /** `editor` has the texts, the forms, `bot()`, and `take(bot)`, which replaces it. */
  constructor(editor, { id, user, version, file }) {
    this.editor = editor;
    this.id = id;
    this.version = Number(version);
    this.saved = file;
    this.draft = new Draft(user, id, editor.forms);
    /** How many tries failed one after the other. */
    this.failures = 0;
    /** Whether only the user can decide how it goes on. */
    this.isBlocked = false;
    /** What the server refused: it is not sent again by itself. */
    this.refusedFile = null;
    /** What was sent, perhaps without an answer. */
    this.sent = [];
    this.work = null;
    this.timer = null;
    /** What is shown of the last failure. */
    this.failure = "";
    addEventListener("online", () => this.resume());
    addEventListener("focus", () => this.resume());
    addEventListener("visibilitychange", () => this.leave());
    addEventListener("pagehide", () => this.leave());
    addEventListener("beforeunload", (event) => {
      if (!this.isSaved() && !this.draft.isComplete) {
        event.preventDefault();
      }
    });
  }

  /** The bot file; without changes byte for byte as it was loaded. */
  file() {
    const text = written(this.editor.bot());
    return text === written(JSON.parse(this.saved)) ? this.saved : text;
  }

  isSaved() {
    return this.file() === this.saved;
  }

  /** Brings back what was typed on an earlier visit. */
  async restore() {
    await this.draft.ready;
    if (this.isSaved()) {
      const found = this.draft.of(JSON.parse(this.saved));
      if (found === null) {
        this.draft.drop();
      } else {
        const stored = { version: this.version, file: this.saved };
        this.isBlocked = found.version !== stored.version;
        this.version = found.version;
        this.editor.take(found.bot);
        if (this.isBlocked) {
          this.conflict(stored);
        } else {
          this.notice(this.editor.texts.draftRestored);
        }
      }
    }
    this.show();
  }

  /** The bot has changed. */
  changed() {
    if (this.isSaved()) {
      this.draft.drop();
      this.failed("");
    } else {
      this.draft.keep(this.editor.bot(), this.version);
    }
    this.show();
    this.schedule(PAUSE);
  }

  schedule(delay) {
    clearTimeout(this.timer);
    if (!this.isBlocked && !this.isSaved() && this.file() !== this.refusedFile) {
      this.timer = setTimeout(() => this.save(), delay);
    }
  }

  /** Tries again at once: the connection or the user is back. */
  resume() {
    if (this.failures > 0) {
      this.schedule(0);
    }
  }

  /** Saves before the page is closed. There may be no time for an answer: the draft stays until one came. */
  leave() {
    if (document.hidden && !this.isBlocked && !this.work && !this.isSaved()) {
      this.save({ isLeaving: true });
    }
  }

  /** Saves because the user wants it; resolves to whether the bot is saved with all that was typed meanwhile. */
  async keep() {
    if (this.work && !(await this.work) && this.isBlocked) {
      return false;
    }
    let isDone;
    do {
      isDone = await this.save({ isKept: true });
    } while (isDone && !this.isSaved());
    return isDone;
  }

  /** Saves, unless that is in progress; resolves to whether it succeeded. */
  save(how = {}) {
    clearTimeout(this.timer);
    this.work ??= this.send(how).finally(() => {
      this.work = null;
      this.show();
      this.schedule(this.failures > 0 ? RETRIES[Math.min(this.failures, RETRIES.length) - 1] : PAUSE);
    });
    this.show();
    return this.work;
  }

  async send(how) {
    const { texts } = this.editor;
    const text = this.file();
    this.sent = [...this.sent.slice(-1), text];
    const answer = await server.save(this.id, this.version, text, how);
    const { status } = answer;
    this.isBlocked = [403, 404, 409].includes(status);
    this.refusedFile = [400, 413, 422].includes(status) ? text : null;
    this.failures = status === 200 || this.isBlocked || this.refusedFile !== null ? 0 : this.failures + 1;
    switch (status) {
      case 200:
        this.taken(text, answer.version);
        return true;
      case 404: {
        // With what is typed until the button is pressed.
        const asNew = () => this.saveAs(this.file());
        this.failed(texts.gone, element("button", { type: "button", onclick: asNew }, texts.asCopy));
        return false;
      }
      case 409:
        // Our own save, whose answer was lost.
        if (this.sent.includes(answer.file)) {
          this.isBlocked = false;
          this.taken(answer.file, answer.version);
          return true;
        }
        this.conflict(answer);
        return false;
      default:
        this.refused(answer);
        return false;
    }
  }

  /** The server has this file. */
  taken(file, version) {
    this.saved = file;
    this.version = version;
    this.failed("");
    if (this.isSaved()) {
      this.draft.drop();
    } else {
      this.draft.keep(this.editor.bot(), version);
    }
  }

  /** Lets the user choose between this version and the stored one. Until then nothing is saved by itself. */
  conflict(theirs) {
    const { texts } = this.editor;
    if (byId("conflict").open) {
      return;
    }
    this.isBlocked = true;
    const mine = this.file();
    showConflict(texts, mine, theirs.file, {
      mine: () => {
        this.version = theirs.version;
        return this.keep();
      },
      theirs: () => {
        this.isBlocked = false;
        this.taken(theirs.file, theirs.version);
        this.editor.take(JSON.parse(theirs.file));
      },
      copy: () => {
        const bot = JSON.parse(mine);
        this.saveAs(written({ ...bot, name: this.editor.copyName(bot.name) }));
      },
      later: () => this.failed(texts.savingPaused),
    });
  }

  /** Creates a bot from a file and opens it. After an error, everything stays as it is. */
  async saveAs(text) {
    await this.work;
    clearTimeout(this.timer);
    this.work = (async () => {
      const before = this.file();
      const answer = await server.create(text);
      if (answer.status !== 200) {
        this.refused(answer);
        return false;
      }
      // What was typed meanwhile is in neither bot: the browser asks before it leaves.
      if (this.file() === before) {
        this.saved = before;
        this.draft.drop();
      }
      location.assign(`/bots/${answer.id}`);
      return false;
    })().finally(() => {
      this.work = null;
      this.show();
    });
    this.show();
    return this.work;
  }

  /** Shows why nothing was saved. */
  refused({ status, message }) {
    const { texts } = this.editor;
    const kept = this.draft.isKept ? texts.keptInBrowser : texts.keptInTab;
    switch (status) {
      case 401:
        return this.failed(`${texts.signedOut} ${kept}`, element("a", { href: "/sign-in", target: "_blank" }, texts.signIn));
      case 403:
        return this.failed(texts.otherUser);
      case 400:
      case 413:
        return this.failed(texts.notAccepted);
      case 409:
      case 422:
        return this.failed(message);
      default:
        return this.failed(`${texts.saveFailed} ${kept}`);
    }
  }

  /** Shows a failure, or removes it. The same one is announced once. */
  failed(text, ...more) {
    if (text !== this.failure) {
      this.failure = text;
      byId("failure").replaceChildren(...(text ? [text, " ", ...more] : []));
    }
  }

  notice(text) {
    byId("notice").textContent = text;
  }

  show() {
    const { texts } = this.editor;
    byId("state").textContent = this.work ? texts.saving : this.isSaved() ? texts.saved : texts.unsaved;
  }
}
