//! What the commands for the Control Room say: `user`, `password`, `audit`, `control-room`, and `serve`.

use bot_engine::Language;

bot_engine::messages! {
    none { en: "none", de: "keine" }
    bot { en: "bot", de: "Bot" }
    bots { en: "bots", de: "Bots" }
    run { en: "run", de: "Lauf" }
    runs { en: "runs", de: "Läufe" }
    value { en: "value", de: "Wert" }
    values { en: "values", de: "Werte" }
    sign_in { en: "sign-in", de: "Anmeldung" }
    sign_ins { en: "sign-ins", de: "Anmeldungen" }
    user { en: "user", de: "Benutzer" }
    users { en: "users", de: "Benutzer" }
    item { en: "item", de: "Eintrag" }
    items { en: "items", de: "Einträge" }
    removal_question {
        en: "This cannot be undone. Remove it? [y/N]",
        de: "Das lässt sich nicht rückgängig machen. Entfernen? [j/N]",
    }

    first_user_created(user) {
        en: "created the user {user}, who is an administrator, as the first user",
        de: "Benutzer {user} erstellt; als erster Benutzer ist er Administrator",
    }
    user_created(user) {
        en: "created the user {user}; `user grant` gives them a role",
        de: "Benutzer {user} erstellt; `user grant` vergibt eine Rolle",
    }
    user_removal(user, bots, runs, values, sign_ins) {
        en: "This removes the user {user} with {bots}, {runs}, {values} and {sign_ins} of their own.",
        de: "Das entfernt den Benutzer {user} und alles, was ihm gehört: {bots}, {runs}, {values} und {sign_ins}.",
    }
    user_removed(user) { en: "removed the user {user}", de: "Benutzer {user} entfernt" }
    granted(user, role) { en: "{user} has the role {role}", de: "{user} hat die Rolle {role}" }
    revoked(user, role) {
        en: "{user} no longer has the role {role}",
        de: "{user} hat die Rolle {role} nicht mehr",
    }
    role_created(role) { en: "created the role {role}", de: "Rolle {role} erstellt" }
    role_removal(role, users, items) {
        en: "This removes the role {role} from {users}, and with it the use of {items} (lockers and connections).",
        de: "Das entfernt die Rolle {role}; betroffen sind {users} und der Zugriff auf {items} (Locker und Verbindungen).",
    }
    role_removed(role) { en: "removed the role {role}", de: "Rolle {role} entfernt" }
    roles(roles) { en: "roles: {roles}", de: "Rollen: {roles}" }
    lockers(lockers) { en: "lockers: {lockers}", de: "Locker: {lockers}" }
    password_set(user) {
        en: "{user} can now sign in with this password",
        de: "{user} kann sich jetzt mit diesem Kennwort anmelden",
    }

    used { en: "used", de: "verwendet" }
    done { en: "done", de: "erledigt" }
    refused { en: "refused", de: "verweigert" }
    by_bot(user, bot, step) {
        en: "by {user}, bot {bot}, {step}",
        de: "von {user}, Bot {bot}, {step}",
    }
    by(user) { en: "by {user}", de: "von {user}" }
    by_nobody_known { en: "by somebody without a user name", de: "von jemandem ohne Benutzernamen" }
    by_operator { en: "by the operator", de: "vom Betreiber" }
    earlier_records(number) {
        en: "for earlier records: --before {number}",
        de: "frühere Einträge zeigt --before {number}",
    }
    earlier_events(number) {
        en: "for earlier events: --before {number}",
        de: "frühere Ereignisse zeigt --before {number}",
    }
    time_of_record { en: "a time in the audit log", de: "eine Zeit im Audit-Protokoll" }

    key_rotated {
        en: "encrypted all secrets with a new key; the old key file is kept beside the new one",
        de: "alle Geheimnisse mit einem neuen Schlüssel verschlüsselt; die alte Schlüsseldatei bleibt neben der neuen liegen",
    }
    copied(file) {
        en: "wrote a copy to {file}; it does not contain the key that is needed to read it",
        de: "Kopie in {file} geschrieben; der Schlüssel, ohne den sie sich nicht lesen lässt, ist nicht darin",
    }
    restored(folder, file) {
        en: "restored the Control Room in {folder} from {file}",
        de: "Control Room in {folder} aus {file} wiederhergestellt",
    }
    needs_key(key) {
        en: "from now on the Control Room needs the key in {key}; set CONTROL_ROOM_KEY_FILE={key} for every command",
        de: "von jetzt an braucht der Control Room den Schlüssel in {key}; setzen Sie CONTROL_ROOM_KEY_FILE={key} für jeden Befehl",
    }
    moved(rows, url, former) {
        en: "moved the Control Room to {url} ({rows} rows); the former database is now {former}: delete it once everything works",
        de: "Control Room nach {url} verschoben ({rows} Zeilen); die bisherige Datenbank ist jetzt {former}: löschen Sie sie, sobald alles funktioniert",
    }
    needs_database(url, key) {
        en: "from now on, specify the database and its key file: BOT_RUNNER_DATABASE={url} CONTROL_ROOM_KEY_FILE={key}",
        de: "geben Sie künftig die Datenbank und ihre Schlüsseldatei an: BOT_RUNNER_DATABASE={url} CONTROL_ROOM_KEY_FILE={key}",
    }

    serving(url) { en: "The Control Room: {url}", de: "Der Control Room: {url}" }
    nobody_administrates {
        en: "Nobody is an administrator; `bot-runner user grant USER administrator` makes one.",
        de: "Niemand hat die Rolle administrator; `bot-runner user grant BENUTZER administrator` vergibt sie.",
    }
    first_run(url) {
        en: "Nobody can sign in yet. Open this link to create the first user; it works once:\n{url}",
        de: "Noch kann sich niemand anmelden. Öffnen Sie diesen Link, um den ersten Benutzer zu erstellen; er gilt einmal:\n{url}",
    }
    serving_simulation(address) {
        en: "The embedded Genesys Cloud: https://{address}",
        de: "Die eingebettete Genesys Cloud: https://{address}",
    }
    admin_of_simulation(url, user, password) {
        en: "Its Admin > Integrations > OAuth: {url}\nSign in there as {user} with the password {password}",
        de: "Dort Admin > Integrationen > OAuth: {url}\nMelden Sie sich dort als {user} mit dem Kennwort {password} an",
    }
}

/// A number of things: `1 value`, `2 values`.
pub(crate) fn counted(
    count: u64,
    [one, many]: [fn(Language) -> &'static str; 2],
    language: Language,
) -> String {
    let things = if count == 1 { one } else { many };
    format!("{count} {}", things(language))
}
