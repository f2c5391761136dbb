// What was typed and not saved yet, kept in the browser: it survives a closed tab and a lost server. Secrets are left out.
// One tab owns the draft of a bot; others neither read nor change it.

/** The members of a step that say what it is. */
const KNOWN = ["action", "step-name", "comment", "disabled"];

/** Where a value may come from without being one. */
const REFERENCES = ["credential", "variable", "oauth-connection"];

/** Whether a value names where it comes from, and contains nothing else. */
function isReference(value) {
  const members = Object.entries(value ?? {});
  return members.length === 1 && REFERENCES.includes(members[0][0]) && typeof members[0][1] === "string";
}

/** Whether a field of a step can be kept: it is not for secrets, or has a reference. */
function canKeep(forms, action, name, value) {
  const field = forms.get(action)?.fields.find((field) => field.name === name);
  const isPlain = field && field.kind !== "secret" && field.kind !== "credential";
  return KNOWN.includes(name) || isReference(value) || (isPlain && (field.json || typeof value === "string"));
}

/** A copy of a step without what may be a secret, and the names of the fields that were left out. */
function withoutSecrets(step, forms) {
  const leftOut = Object.keys(step).filter((name) => !canKeep(forms, step.action, name, step[name]));
  const kept = Object.fromEntries(Object.entries(step).filter(([name]) => !leftOut.includes(name)));
  return { kept, leftOut };
}

/** The variables without values of credential variables that are no references, and whether all of them are kept. */
function variablesWithoutSecrets(variables) {
  if (!Array.isArray(variables)) {
    return { kept: variables, isComplete: variables === undefined };
  }
  const isSecret = (it) => it?.type === "credential" && it.default !== undefined && !isReference(it.default);
  const kept = variables.map((it) => (isSecret(it) ? { ...it, default: undefined } : it));
  return { kept, isComplete: !variables.some(isSecret) };
}

/** A draft with the secrets of the saved bot, where exactly one of its steps is the same but for them. */
function withSecretsOf(saved, { bot, leftOut }, forms) {
  const others = saved.steps.map((step) => [JSON.stringify(withoutSecrets(step, forms).kept), step]);
  const steps = bot.steps.map((step, index) => {
    const same = others.filter(([text]) => text === JSON.stringify(step));
    const secrets = (leftOut[index] ?? []).map((name) => [
      name,
      same.length === 1 && name in same[0][1] ? same[0][1][name] : { "insecure-string": "" },
    ]);
    return { ...step, ...Object.fromEntries(secrets) };
  });
  return { ...bot, steps };
}

export class Draft {
  constructor(user, id, forms) {
    this.key = `draft/${user}/${id}`;
    this.forms = forms;
    /** Whether the bot is kept, without its secrets. */
    this.isKept = false;
    /** Whether all of the bot is kept. */
    this.isComplete = false;
    this.isMine = false;
    /** Resolves when it is known whether this tab owns the draft. It does until it is closed. */
    this.ready = new Promise((known) => {
      const take = (lock) => {
        this.isMine = lock !== null;
        known();
        return lock && new Promise(() => {});
      };
      if (navigator.locks) {
        navigator.locks.request(this.key, { ifAvailable: true }, take).catch(known);
      } else {
        take({});
      }
    });
  }

  /** Keeps a bot that is based on a version. */
  keep(bot, version) {
    const steps = bot.steps.map((step) => withoutSecrets(step, this.forms));
    const variables = variablesWithoutSecrets(bot.variables);
    const draft = {
      version,
      bot: { ...bot, variables: variables.kept, steps: steps.map(({ kept }) => kept) },
      leftOut: steps.map(({ leftOut }) => leftOut),
    };
    this.isKept = false;
    this.isComplete = false;
    if (this.isMine) {
      try {
        localStorage.setItem(this.key, JSON.stringify(draft));
        this.isKept = true;
        this.isComplete = variables.isComplete && draft.leftOut.every((names) => names.length === 0);
      } catch {
        // The browser has no room for it, or keeps nothing.
      }
    }
  }

  drop() {
    if (this.isMine) {
      try {
        localStorage.removeItem(this.key);
      } catch {
        // Nothing was kept.
      }
    }
  }

  /** The draft of an earlier visit, if it differs from the saved bot: the bot, and the version that it is based on. */
  of(saved) {
    try {
      const draft = this.isMine ? JSON.parse(localStorage.getItem(this.key)) : null;
      if (!Array.isArray(draft?.bot?.steps) || !Array.isArray(draft.leftOut) || typeof draft.bot.name !== "string") {
        return null;
      }
      const bot = withSecretsOf(saved, draft, this.forms);
      // The members may be in another order.
      const same = withSecretsOf(saved, { bot: saved, leftOut: [] }, this.forms);
      return JSON.stringify(bot) === JSON.stringify(same) ? null : { version: draft.version, bot };
    } catch {
      return null;
    }
  }
}
