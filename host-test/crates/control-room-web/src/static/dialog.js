// The dialog in which an administrator creates something for a field of a step. What was typed stays until it is created or
// the dialog is closed, and is gone then.

import { byId, element } from "./element.js";
import { part, showMistakes } from "./field.js";

/** Check boxes for the roles that may use what is created, and a function that returns the chosen ones. */
export function roleBoxes(roles, legend) {
  const boxes = roles.map(({ name, isChosen }) => element("input", { type: "checkbox", value: name, checked: isChosen }));
  const choices = boxes.map((box) => element("label", { class: "choice" }, box, ` ${box.value}`));
  const title = element("legend", { class: "label" }, legend);
  const group = element("fieldset", { class: "choices", "aria-describedby": "new-roles-mistake" }, title, ...choices);
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return [part("roles", "new-roles", group), chosen];
}

function failureOf(texts, status) {
  switch (status) {
    case 422:
      return "";
    case 401:
      return texts.creationSignedOut;
    case 400:
    case 403:
    case 404:
    case 413:
      return texts.creationRefused;
    default:
      return texts.creationFailed;
  }
}

/** Opens the dialog. `send` resolves to the server's answer, which `done` gets once something is created. */
export function openDialog(texts, { title, parts, notice, button, send, done }) {
  const dialog = byId("creation");
  // A second click opens no second one.
  if (dialog.open) {
    return;
  }
  let isSending = false;
  const failure = element("p", { class: "error", role: "alert" }, notice);
  const onsubmit = async (event) => {
    event.preventDefault();
    if (isSending) {
      return;
    }
    isSending = true;
    const answer = await send();
    isSending = false;
    if (answer.status === 200) {
      if (form.isConnected) {
        dialog.close();
      }
      done(answer);
    } else {
      failure.textContent = failureOf(texts, answer.status);
      showMistakes(form, answer.mistakes ?? {});
    }
  };
  const form = element(
    "form",
    { novalidate: true, onsubmit },
    element("h2", { id: "creation-title" }, title),
    ...parts,
    failure,
    element(
      "div",
      { class: "row" },
      element("button", { class: "primary", id: "new-create" }, button),
      element("button", { type: "button", id: "new-cancel", onclick: () => dialog.close() }, texts.cancel),
    ),
  );
  dialog.oncancel = (event) => {
    // What is being created is not given up half-way.
    if (isSending) {
      event.preventDefault();
    }
  };
  dialog.addEventListener("close", () => dialog.replaceChildren(), { once: true });
  dialog.replaceChildren(form);
  dialog.showModal();
}
