// Where steps name variables, outputs and sessions, and how they follow when one gets another name.

import { isSameName } from "./name.js";

/** Whether a placeholder can contain a name. */
export const isPlaceable = (name) => /^[^.[\]{}\p{Cc}]+$/u.test(name) && name.trim() === name;

/** The path with its first name replaced, if that is `from`. */
function renamedPath(path, from, to) {
  const [first] = path.split(/[.[]/);
  return first.trim() === from ? path.replace(first, () => first.replace(from, () => to)) : path;
}

/** A text whose placeholders follow. Doubled braces stand for themselves. */
const renamedText = (text, from, to) =>
  text.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (all, path) => (path === undefined ? all : `{${renamedPath(path, from, to)}}`));

/** A value of a field that follows. In JSON, all texts have placeholders. */
function renamedValue(value, from, to, hasPlaceholders) {
  const nested = (it) => renamedValue(it, from, to, hasPlaceholders);
  if (typeof value === "string") {
    return hasPlaceholders ? renamedText(value, from, to) : value;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(nested);
  }
  const isVariable = (name, member) => name === "variable" && !hasPlaceholders && typeof member === "string";
  const renamed = ([name, member]) => [name, isVariable(name, member) ? renamedPath(member, from, to) : nested(member)];
  return Object.fromEntries(Object.entries(value).map(renamed));
}

/** Replaces the name of a variable or an output in a step; returns whether the step used it. */
export function follow(step, forms, from, to) {
  const before = JSON.stringify(step);
  for (const field of forms.get(step.action)?.fields ?? []) {
    if (field.name in step) {
      step[field.name] = renamedValue(step[field.name], from, to, field.json || field.takesPlaceholders);
    }
  }
  return JSON.stringify(step) !== before;
}

/** Whether a step names a variable or an output. */
export const names = (step, forms, name) => follow(JSON.parse(JSON.stringify(step)), forms, name, `${name}_`);

/** Lets the steps follow an output, up to one that has an output of the former name; how many named it. */
export function followOutput(steps, forms, from, to) {
  const end = steps.findIndex(({ output }) => typeof output === "string" && output.trim() === from);
  return steps.slice(0, end < 0 ? steps.length : end + 1).filter((step) => follow(step, forms, from, to)).length;
}

/** The same for a session, up to a step that opens one of the former name. */
export function followSession(steps, forms, from, to) {
  let count = 0;
  for (const step of steps) {
    const form = forms.get(step.action);
    const field = form?.fields.find(({ kind }) => kind === "session-name");
    const name = field && (step[field.name] ?? field.default);
    if (typeof name === "string" && isSameName(name, from)) {
      if (form.opensSession) {
        break;
      }
      step[field.name] = to;
      count += 1;
    }
  }
  return count;
}
