// The fields of dialogs: each has a label, perhaps a hint, and a place for its mistake.

import { element } from "./element.js";

/** Part of a form, with a place for its mistake. `name` is what mistakes are reported by; `id` is that of its control. */
export const part = (name, id, ...children) =>
  element("div", { "data-part": name }, ...children, element("p", { class: "error", id: `${id}-mistake` }));

/** A control with its label. */
export function labelled(name, label, control, hint = null) {
  const { id } = control;
  control.setAttribute("aria-describedby", hint === null ? `${id}-mistake` : `${id}-hint ${id}-mistake`);
  const help = hint === null ? [] : [element("p", { class: "hint", id: `${id}-hint` }, hint)];
  return part(name, id, element("label", { for: id }, label), control, ...help);
}

/** A field for a text. */
export const textInput = (name, attributes = {}) =>
  element("input", { id: `new-${name}`, autocomplete: attributes.type === "password" ? "new-password" : "off", autocapitalize: "none", spellcheck: "false", ...attributes });

/** Shows all mistakes, each at its part, and leads to the first one. */
export function showMistakes(form, mistakes) {
  let first = null;
  for (const place of form.querySelectorAll("[data-part]")) {
    const mistake = (place.closest("[hidden]") ? null : mistakes[place.dataset.part]) ?? "";
    place.querySelector(".error").textContent = mistake;
    for (const control of place.querySelectorAll("input, select, textarea")) {
      if (mistake === "") {
        control.removeAttribute("aria-invalid");
      } else {
        control.setAttribute("aria-invalid", "true");
        first ??= control;
      }
    }
  }
  first?.focus();
}
