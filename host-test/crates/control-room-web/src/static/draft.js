// What was typed and not saved yet, kept in the browser: it survives a closed tab and a lost server. Secrets are left out.

/** The fields of a step that hold no secret, whatever they contain. */
const isPlain = (forms, action, name) => {
  const kind = forms.get(action)?.fields.find((field) => field.name === name)?.kind;
  return kind !== undefined && kind !== "secret" && kind !== "credential";
};

/** Whether a value of a step was typed into a field that may be a secret. */
const isTyped = (value) => typeof value === "string" || typeof value?.["insecure-string"] === "string";

/** The members of a step that say what it is. */
const KNOWN = ["action", "step-name", "comment"];

/** A copy of a bot without what may be a secret, and the number of values that were left out. */
function withoutSecrets(bot, forms) {
  let count = 0;
  const steps = bot.steps.map((step) => {
    const kept = { ...step };
    for (const [name, value] of Object.entries(step)) {
      if (isTyped(value) && !KNOWN.includes(name) && !isPlain(forms, step.action, name)) {
        kept[name] = { "insecure-string": "" };
        count += value === "" || value["insecure-string"] === "" ? 0 : 1;
      }
    }
    return kept;
  });
  return { bot: { ...bot, steps }, count };
}

/** Puts the secrets of a saved bot into the same steps of a draft that was made without them. */
function withSecretsOf(draft, saved) {
  const steps = draft.steps.map((step, index) => {
    const other = saved.steps[index];
    const filled = { ...step };
    for (const [name, value] of Object.entries(step)) {
      if (value?.["insecure-string"] === "" && other?.action === step.action && isTyped(other[name])) {
        filled[name] = other[name];
      }
    }
    return filled;
  });
  return { ...draft, steps };
}

export class Draft {
  constructor(user, id, forms) {
    this.key = `draft/${user}/${id}`;
    this.forms = forms;
    /** Whether all of the bot is kept. */
    this.isComplete = false;
  }

  /** Keeps a bot that is based on a version. */
  keep(bot, version) {
    const { bot: kept, count } = withoutSecrets(bot, this.forms);
    try {
      localStorage.setItem(this.key, JSON.stringify({ version, bot: kept }));
      this.isComplete = count === 0;
    } catch {
      // The browser has no room for it, or keeps nothing.
      this.isComplete = false;
    }
  }

  drop() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  }

  /** The draft of an earlier visit, if it differs from the saved bot: the bot, and the version that it is based on. */
  of(saved) {
    try {
      const { version, bot } = JSON.parse(localStorage.getItem(this.key)) ?? {};
      if (!Array.isArray(bot?.steps) || typeof bot.name !== "string") {
        return null;
      }
      const found = withSecretsOf(bot, saved);
      return JSON.stringify(found) === JSON.stringify(saved) ? null : { version, bot: found };
    } catch {
      return null;
    }
  }
}
