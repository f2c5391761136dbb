//! Messages about steps: their forms, and the problems that a check finds.

bot_engine::messages! {


    unknown_action {
        en: "This action does not exist here. Remove the step, or ask the author of the bot.",
        de: "Diese Aktion gibt es hier nicht. Entfernen Sie den Schritt, oder fragen Sie, wer den Bot erstellt hat.",
    }
    field_empty(label) { en: "{label}: the field is empty.", de: "{label}: Das Feld ist leer." }
    session_not_open(name) {
        en: "No earlier step opens the session “{name}”. Put a step that opens it before this one, such as OAuth authenticate.",
        de: "Kein früherer Schritt öffnet die Sitzung „{name}“. Setzen Sie einen Schritt davor, der sie öffnet, etwa OAuth-Authentifizierung.",
    }
    outside_audience(name, component) {
        en: "The component {component} must not get the session “{name}”, as it can reach hosts that the session is not for. The operator can restrict what the component may reach.",
        de: "Die Komponente {component} darf die Sitzung „{name}“ nicht bekommen, denn sie kann Hosts erreichen, für die die Sitzung nicht gilt. Der Betreiber kann einschränken, was die Komponente erreichen darf.",
    }
    no_variable(name) {
        en: "There is no variable “{name}”. bot-runner serve --env NAME creates one from an environment variable.",
        de: "Es gibt keine Variable „{name}“. bot-runner serve --env NAME erstellt eine aus einer Umgebungsvariablen.",
    }
    known_names(known) { en: "The known names are: {known}.", de: "Bekannt sind: {known}." }
    incomplete_credential {
        en: "Choose a locker, a credential and an attribute.",
        de: "Wählen Sie Locker, Anmeldedaten und Attribut.",
    }
    no_locker(name) {
        en: "There is no locker “{name}” that you may use.",
        de: "Es gibt keinen Locker „{name}“, den Sie verwenden dürfen.",
    }
    no_credential(name) {
        en: "The locker has no credential “{name}”.",
        de: "Der Locker hat keine Anmeldedaten „{name}“.",
    }
    no_attribute(name) {
        en: "The credential has no attribute “{name}”.",
        de: "Die Anmeldedaten haben kein Attribut „{name}“.",
    }
    no_value(name) {
        en: "{name} has no value yet. An owner of the locker sets it.",
        de: "{name} hat noch keinen Wert. Den setzt ein Besitzer des Lockers.",
    }
    no_own_value(name) {
        en: "You have set no value for {name} yet. Each user sets their own.",
        de: "Sie haben noch keinen Wert für {name} gesetzt. Jeder Benutzer setzt seinen eigenen.",
    }
    password_only(name) { en: "{name} may only go into a secret field.", de: "{name} darf nur in ein geheimes Feld eingesetzt werden." }
    no_connection(name) {
        en: "There is no OAuth connection “{name}” that you may use. Ask an administrator to create it, or to allow one of your roles to use it.",
        de: "Es gibt keine OAuth-Verbindung „{name}“, die Sie verwenden dürfen. Bitten Sie einen Administrator, sie zu erstellen oder für eine Ihrer Rollen freizugeben.",
    }
    not_shared(name) {
        en: "“{name}” has no shared token. Choose the user-specific one, or ask an administrator to turn on “Save login credentials”.",
        de: "„{name}“ hat kein gemeinsames Token. Wählen Sie das benutzerspezifische, oder bitten Sie einen Administrator, „Anmeldedaten speichern“ einzuschalten.",
    }
    not_user_specific(name) {
        en: "“{name}” has no tokens of individual users. Choose the shared token.",
        de: "„{name}“ hat keine Tokens einzelner Benutzer. Wählen Sie das gemeinsame Token.",
    }
    shared_not_signed_in(name) {
        en: "Nobody has signed in to “{name}” yet. An administrator has to sign in.",
        de: "Bei „{name}“ hat sich noch niemand angemeldet. Ein Administrator muss sich anmelden.",
    }
    own_not_signed_in(name) {
        en: "You have not signed in to “{name}” yet. Sign in under OAuth connections.",
        de: "Sie haben sich bei „{name}“ noch nicht angemeldet. Melden Sie sich unter OAuth-Verbindungen an.",
    }
    shared_sign_in_needed(name, reason) {
        en: "“{name}” needs a new sign-in. An administrator has to sign in again: {reason}",
        de: "„{name}“ braucht eine neue Anmeldung. Ein Administrator muss sich neu anmelden: {reason}",
    }
    own_sign_in_needed(name, reason) {
        en: "“{name}” needs a new sign-in of yours. Sign in again under OAuth connections: {reason}",
        de: "„{name}“ braucht eine neue Anmeldung von Ihnen. Melden Sie sich unter OAuth-Verbindungen neu an: {reason}",
    }
    path_begins {
        en: "The path begins with /api/ and has no empty segment, no . and no .., such as /api/v2/users/me.",
        de: "Der Pfad beginnt mit /api/ und hat keinen leeren Teil, kein . und kein .., etwa /api/v2/users/me.",
    }
    output_name { en: "A name has neither braces nor brackets nor dots.", de: "Ein Name hat weder Klammern noch Punkte." }
    single_brace {
        en: "There is a single { or }. Write {{ or }} for the brace itself.",
        de: "Da ist eine einzelne { oder }. Schreiben Sie {{ oder }} für die Klammer selbst.",
    }
    empty_name {
        en: "There must be a name between { and }, such as {organization.name}.",
        de: "Zwischen { und } muss ein Name stehen, etwa {organization.name}.",
    }
    credential_shown(name) {
        en: "{{{name}}} is a credential variable, and those are never shown.",
        de: "{{{name}}} ist eine Anmeldedaten-Variable, und die werden nie angezeigt.",
    }
    insecure {
        en: "Everybody who sees the bot can read an insecure string. Keep it in a credential locker instead.",
        de: "Eine unsichere Zeichenfolge kann jeder lesen, der den Bot sieht. Legen Sie sie besser in einem Anmeldedaten-Locker ab.",
    }
    no_steps_yet { en: "The bot has no steps yet.", de: "Der Bot hat noch keine Schritte." }
}
