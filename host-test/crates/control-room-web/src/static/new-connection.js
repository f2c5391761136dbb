// The dialog that creates an OAuth connection with Genesys Cloud, in which a person then signs in.

import { openDialog, roleBoxes } from "./dialog.js";
import { element } from "./element.js";
import { labelled, textInput } from "./field.js";
import { MAX_NAME, asName } from "./name.js";
import * as server from "./server.js";

/** Opens it. `isShared` says whose token the step uses; `done` is called with the name of the connection. */
export function newConnection({ texts, dialogs, botName }, environment, isShared, done) {
  const name = textInput("name", { maxlength: MAX_NAME, value: asName(botName()) });
  const region = textInput("environment", { value: environment, autofocus: environment === "" });
  const id = textInput("client-id");
  const secret = textInput("client-secret", { type: "password" });
  const [roles, chosenRoles] = roleBoxes(dialogs.roles, texts.connectionRoles);
  const callback = textInput("callback-url", { value: dialogs.callbackUrl, readonly: true });
  const copy = element(
    "button",
    { type: "button", "data-copy": callback.id, "data-copied": texts.copied, "aria-label": `${texts.copy}: ${texts.callbackUrl}` },
    texts.copy,
  );

  const send = () =>
    server.createConnection({
      connection: {
        name: name.value,
        provider: "genesys",
        environment: region.value,
        grant: "code-pkce",
        "client-id": id.value,
        "client-secret": secret.value,
        // Without it, there is no shared token.
        "save-login": isShared ? "on" : null,
      },
      roles: chosenRoles(),
    });

  openDialog(texts, {
    title: texts.newConnectionTitle,
    parts: [
      labelled("name", texts.connectionName, name),
      labelled("environment", texts.environment, region, texts.environmentHint),
      element("label", { for: callback.id }, texts.callbackUrl),
      element("div", { class: "copy" }, callback, copy),
      element("p", { class: "hint" }, texts.callbackHint),
      labelled("client-id", texts.clientId, id),
      labelled("client-secret", texts.clientSecret, secret, texts.clientSecretHint),
      roles,
      element("p", { class: "hint" }, isShared ? texts.tokenShared : texts.tokenOwn),
    ],
    notice: "",
    button: texts.createConnection,
    send,
    done: (answer) => done(answer.name),
  });
}
