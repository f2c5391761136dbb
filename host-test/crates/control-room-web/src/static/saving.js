// Saving: by itself after a pause in typing, and at once when the user wants it. After a failure it is tried again.

import { byId, element } from "./element.js";
import { showConflict } from "./conflict.js";
import { Draft } from "./draft.js";
import * as server from "./server.js";

/** The pause in typing after which the bot is saved, in ms. */
const PAUSE = 1500;

/** The waits before further tries, in ms; the last one is repeated. */
const RETRIES = [2000, 4000, 8000, 15000, 30000];

/** The longest body that a browser sends while the page is closed (Fetch, "keepalive"). */
const MAX_KEEPALIVE = 60000;

export const written = (bot) => `${JSON.stringify(bot, null, 2)}\n`;

export class Saving {
  /** `editor` has the texts, the forms, `bot()`, and `take(bot)`, which replaces it. */
  constructor(editor, { id, user, version, file }) {
    this.editor = editor;
    this.id = id;
    this.version = Number(version);
    this.saved = file;
    this.draft = new Draft(user, id, editor.forms);
    /** The wait that follows is `RETRIES[failures]`. */
    this.failures = 0;
    /** Whether only the user can decide how it goes on. */
    this.isBlocked = false;
    this.work = null;
    this.timer = null;
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
  restore() {
    const saved = JSON.parse(this.saved);
    const found = this.draft.of(saved);
    if (found === null) {
      this.draft.drop();
    } else if (found.version === this.version) {
      this.editor.take(found.bot);
      this.notice(this.editor.texts.draftRestored);
    } else {
      this.conflict(written(found.bot), { version: this.version, file: this.saved }, () => this.editor.take(found.bot));
    }
    this.show();
  }

  /** The bot has changed. */
  changed() {
    this.draft.keep(this.editor.bot(), this.version);
    this.show();
    this.schedule(PAUSE);
  }

  schedule(delay) {
    clearTimeout(this.timer);
    if (!this.isBlocked && !this.isSaved()) {
      this.timer = setTimeout(() => this.save(), delay);
    }
  }

  /** Tries again at once: the connection or the user is back. */
  resume() {
    if (this.failures > 0) {
      this.schedule(0);
    }
  }

  /** Saves before the page is closed. There is no time for an answer: the draft stays until one came. */
  leave() {
    const body = this.file();
    if (document.hidden && !this.isBlocked && !this.work && body !== this.saved && body.length < MAX_KEEPALIVE) {
      this.save();
    }
  }

  /** Saves because the user wants it; resolves to whether the bot is saved with all that was typed meanwhile. */
  async keep() {
    await this.work;
    let isDone = await this.save(true);
    while (isDone && !this.isSaved()) {
      isDone = await this.save(true);
    }
    return isDone;
  }

  /** Saves, unless that is in progress; resolves to whether it succeeded. */
  save(isKept = false) {
    clearTimeout(this.timer);
    this.work ??= this.send(isKept).finally(() => {
      this.work = null;
      this.show();
      this.schedule(this.failures > 0 ? RETRIES[Math.min(this.failures, RETRIES.length) - 1] : PAUSE);
    });
    this.show();
    return this.work;
  }

  async send(isKept) {
    const { texts } = this.editor;
    const text = this.file();
    const answer = await server.save(this.id, this.version, text, isKept);
    this.isBlocked = ![200, 0, 401, 422].includes(answer.status);
    this.failures = [0, 401].includes(answer.status) ? this.failures + 1 : 0;
    switch (answer.status) {
      case 200:
        this.saved = text;
        this.version = answer.version;
        if (this.isSaved()) {
          this.draft.drop();
        }
        this.failed("");
        return true;
      case 404: {
        // With what is typed until the button is pressed.
        const asNew = () => this.saveAs(this.file());
        this.failed(texts.gone, element("button", { type: "button", onclick: asNew }, texts.asCopy));
        return false;
      }
      case 409:
        this.conflict(text, answer);
        return false;
      default:
        this.refused(answer);
        return false;
    }
  }

  /** Lets the user choose between two versions. `before` is done before this one is kept. */
  conflict(mine, theirs, before = () => {}) {
    const { texts } = this.editor;
    this.isBlocked = true;
    showConflict(texts, mine, theirs.file, {
      mine: () => {
        before();
        this.version = theirs.version;
        return this.keep();
      },
      theirs: () => {
        this.saved = theirs.file;
        this.version = theirs.version;
        this.isBlocked = false;
        this.draft.drop();
        this.editor.take(JSON.parse(theirs.file));
      },
      copy: () => {
        const bot = JSON.parse(mine);
        this.saveAs(written({ ...bot, name: this.editor.copyName(bot.name) }));
      },
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
    const place = `/sign-in?${new URLSearchParams({ to: location.pathname })}`;
    switch (status) {
      case 401:
        return this.failed(texts.signedOut, element("a", { href: place, target: "_blank" }, texts.signIn));
      case 403:
        return this.failed(texts.otherUser);
      case 409:
      case 422:
        return this.failed(message);
      default:
        return this.failed(texts.saveFailed);
    }
  }

  /** Shows a failure, or removes it. The same one is announced once. */
  failed(text, ...more) {
    const shown = this.failure ?? "";
    this.failure = text;
    if (text !== shown) {
      this.notice(text, ...more);
    }
  }

  notice(text, ...more) {
    byId("notice").replaceChildren(...(text ? [text, " ", ...more] : []));
  }

  show() {
    const { texts } = this.editor;
    byId("state").textContent = this.work ? texts.saving : this.isSaved() ? texts.saved : texts.unsaved;
  }
}
