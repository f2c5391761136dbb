// Picks an output of an earlier step for a field.

import { element } from "./element.js";
import { branch, tree } from "./tree.js";

/**
 * A list that opens, of these variables and of the outputs of earlier steps, if there can be any; `pick` is called with the
 * path of the chosen one. Secret outputs can be chosen only for a field that may get a secret.
 */
export function valuePicker(editor, field, pick, { variables = [], takesSecrets = false } = {}) {
  const { texts } = editor;
  if (!editor.hasOutputs() && variables.length === 0) {
    return [];
  }
  const list = element("div", {});
  const choose = (path) => {
    picker.open = false;
    pick(path);
  };
  const draw = () => {
    if (picker.open) {
      const steps = editor.outputs();
      const parts = steps.flatMap((step) => [element("p", { class: "soft" }, step.title), ...outputs(texts, step, choose, takesSecrets)]);
      if (variables.length > 0) {
        const named = variables.map((name) => [name, texts.variable, name]);
        parts.unshift(element("p", { class: "soft" }, texts.variables), branch(texts, named, choose));
      }
      list.replaceChildren(...(parts.length > 0 ? parts : [element("p", { class: "hint" }, texts.noOutputs)]));
    }
  };
  const name = element("span", { class: "hidden" }, ` – ${field.label}`);
  const summary = element("summary", { id: `field-${field.name}-pick` }, texts.pickOutput, name);
  const picker = element("details", { class: "picker", ontoggle: draw }, summary, list);
  return [picker];
}

/** Of a step that was tested, what it returned; otherwise what its form says. */
function outputs(texts, { name, declared, value }, pick, takesSecrets) {
  const path = (output) => `${name}.${output.name}`;
  const secrets = declared.filter(({ kind }) => kind === "secret");
  const hidden = secrets.map((it) => [it.name, texts.secretOutput, takesSecrets ? path(it) : null]);
  const parts = hidden.length > 0 ? [branch(texts, hidden, pick)] : [];
  if (value !== undefined) {
    return [tree(texts, name, value, name, pick), ...parts];
  }
  const shown = declared.filter(({ kind }) => kind !== "secret").map((it) => [it.name, it.label, path(it)]);
  const known = declared.length > 0 ? shown : [[name, texts.wholeOutput, name]];
  return [branch(texts, known, pick), ...parts, element("p", { class: "hint" }, texts.notTested)];
}
