// The dialog that creates a credential with the values of a step's fields, in a locker that may be new.

import { openDialog, roleBoxes } from "./dialog.js";
import { element } from "./element.js";
import { labelled, textInput } from "./field.js";
import { MAX_NAME, asName, isSameName } from "./name.js";
import * as server from "./server.js";

/**
 * Opens it for `fields`, of which one `needed` must get a value. The names of a new locker and of the credential begin with
 * `suggested`. `done` is called with the paths of the values by the names of the fields.
 */
export async function newCredential({ texts, dialogs }, { fields, needed, currentLocker, suggested }, done) {
  const offered = await server.lockers();
  const lockers = offered ?? [];
  const select = element(
    "select",
    { id: "new-locker", onchange: showLocker },
    ...lockers.map((name) => element("option", { value: name }, name)),
    element("option", { value: "" }, texts.newLocker),
  );
  select.value = lockers.find((name) => isSameName(name, currentLocker)) ?? lockers[0] ?? "";
  const locker = labelled("locker", texts.locker, select);
  const lockerName = textInput("locker-name", { maxlength: MAX_NAME, value: asName(suggested.locker) });
  const [roles, chosenRoles] = roleBoxes(dialogs.roles, texts.lockerRoles);
  const ofNewLocker = element("div", {}, labelled("locker", texts.newLockerName, lockerName), roles);

  /** A new locker has a name and roles of its own, and the mistakes are theirs. */
  function showLocker() {
    ofNewLocker.hidden = select.value !== "";
    locker.dataset.part = select.value === "" ? "" : "locker";
  }

  const credential = textInput("credential", { maxlength: MAX_NAME, value: asName(suggested.credential) });
  const rows = fields.map((field) => {
    const name = textInput(`${field.name}-name`, { maxlength: MAX_NAME, value: field.name });
    const value = textInput(`${field.name}-value`, { type: field.kind === "secret" ? "password" : "text" });
    const shown = element(
      "fieldset",
      {},
      element("legend", { class: "label" }, field.label),
      element(
        "div",
        { class: "path" },
        labelled(`${field.name}-name`, texts.attribute, name),
        labelled(`${field.name}-value`, texts.value, value),
      ),
    );
    return { field, name, value, shown };
  });

  const send = () => {
    const entered = rows.filter(({ field, value }) => field === needed || value.value.trim() !== "");
    const attributes = entered.map(({ field, name, value }) => [
      field.name,
      { name: name.value, masked: field.kind === "secret", value: value.value },
    ]);
    return server.createCredential({
      locker: select.value || lockerName.value,
      roles: select.value === "" ? chosenRoles() : null,
      credential: credential.value,
      attributes: Object.fromEntries(attributes),
    });
  };

  showLocker();
  openDialog(texts, {
    title: texts.newCredentialTitle,
    parts: [
      locker,
      ofNewLocker,
      labelled("credential", texts.credentialName, credential),
      ...rows.map(({ shown }) => shown),
      element("p", { class: "hint" }, texts.valueHint),
    ],
    notice: offered === null ? texts.notLoaded : "",
    button: texts.createCredential,
    send,
    done: ({ paths }) => done(paths),
  });
}
