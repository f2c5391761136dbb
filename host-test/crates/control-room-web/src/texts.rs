//! What the pages say, in English and in German: both or none, which the compiler sees to. The German words
//! are those of the product's documentation.

use serde::Serialize;

macro_rules! texts {
    ($(#[$meta:meta])* $name:ident, $english:ident, $german:ident;
     $($key:ident: $en:literal, $de:literal;)*) => {
        $(#[$meta])*
        pub(super) struct $name { $(pub(super) $key: &'static str,)* }
        pub(super) static $english: $name = $name { $($key: $en,)* };
        pub(super) static $german: $name = $name { $($key: $de,)* };
    };
}

texts! {
    /// Of the pages, as the server makes them.
    Texts, ENGLISH, GERMAN;

    skip: "Skip to content", "Zum Inhalt springen";
    navigation: "Pages", "Seiten";
    simulation: "Genesys Cloud (simulation)", "Genesys Cloud (Simulation)";
    bots: "Bots", "Bots";
    sign_out: "Sign out", "Abmelden";
    cancel: "Cancel", "Abbrechen";

    credentials: "Credentials", "Anmeldedaten";
    connections: "OAuth connections", "OAuth-Verbindungen";
    users: "Users", "Benutzer";
    copy: "Copy", "Kopieren";
    copied: "Copied", "Kopiert";
    remove: "Remove", "Entfernen";
    description: "Description", "Beschreibung";
    optional: "optional", "optional";
    bad_description: "A description has at most 255 characters, and no line breaks.", "Eine Beschreibung hat höchstens 255 Zeichen und keine Zeilenumbrüche.";
    list_empty_search: "Nothing has this in its name.", "Nichts hat das in seinem Namen.";
    in_all: "{total} in all", "{total} insgesamt";

    sign_in: "Sign in", "Anmelden";
    sign_in_to: "Sign in to the Control Room", "Beim Control Room anmelden";
    user_name: "User name", "Benutzername";
    password: "Password", "Kennwort";
    wrong_password: "The user name or the password is not right.", "Benutzername oder Kennwort ist nicht richtig.";
    wait: "Too many attempts. Wait {n} s, then try again.", "Zu viele Versuche. Warten Sie {n} s, und versuchen Sie es dann noch einmal.";
    nobody_yet: "Nobody can sign in yet. Open the link that bot-runner serve has printed.", "Noch kann sich niemand anmelden. Öffnen Sie den Link, den bot-runner serve ausgegeben hat.";

    first_run: "The first user", "Der erste Benutzer";
    first_run_advice: "Choose with what name and password you sign in from now on. This link works once.", "Wählen Sie, mit welchem Namen und Kennwort Sie sich von jetzt an anmelden. Dieser Link gilt einmal.";
    password_hint: "At least {n} characters; a few words are a good password.", "Mindestens {n} Zeichen; ein paar Wörter sind ein gutes Kennwort.";
    password_again: "Password, once more", "Kennwort, noch einmal";
    make_first_user: "Create user and sign in", "Benutzer erstellen und anmelden";
    bad_name: "A name has 1 to 50 characters, and neither a slash nor a character that nobody can see.", "Ein Name hat 1 bis 50 Zeichen und weder Schrägstriche noch unsichtbare Zeichen.";
    passwords_differ: "The two passwords are not the same.", "Die beiden Kennwörter sind nicht gleich.";
    password_too_short: "A password has at least {n} characters.", "Ein Kennwort hat mindestens {n} Zeichen.";
    password_too_long: "A password has at most {n} characters.", "Ein Kennwort hat höchstens {n} Zeichen.";

    search: "Search", "Suchen";
    search_bots: "Search bots by name", "Bots nach Namen suchen";
    new_bot: "Create bot", "Bot erstellen";
    new_bot_name: "Name of the new bot", "Name des neuen Bots";
    import: "Import", "Importieren";
    import_bot: "Import a bot file", "Bot-Datei importieren";
    import_advice: "Choose a file, or paste its text. Mistakes in its steps are shown in the editor.", "Wählen Sie eine Datei, oder fügen Sie ihren Text ein. Fehler in ihren Schritten zeigt der Editor.";
    choose_file: "Bot file", "Bot-Datei";
    file_text: "Text of the bot file", "Text der Bot-Datei";
    name: "Name", "Name";
    changed: "Changed (UTC)", "Geändert (UTC)";
    actions_of: "What can be done", "Was sich tun lässt";
    duplicate: "Duplicate", "Duplizieren";
    export: "Export", "Exportieren";
    delete: "Delete", "Löschen";
    copy_of: "{name} (copy)", "{name} (Kopie)";
    no_bots: "You have no bots yet. Create one, or import a bot file.", "Sie haben noch keine Bots. Erstellen Sie einen, oder importieren Sie eine Bot-Datei.";
    counted: "{from} to {to} of {total}", "{from} bis {to} von {total}";
    previous: "Previous page", "Vorige Seite";
    next: "Next page", "Nächste Seite";
    pages: "Pages of the list", "Seiten der Liste";
    delete_question: "Delete the bot “{name}”?", "Den Bot „{name}“ löschen?";
    delete_advice: "It cannot be brought back. Export it first if you may want it again.", "Er lässt sich nicht zurückholen. Exportieren Sie ihn vorher, wenn Sie ihn vielleicht noch brauchen.";
    bad_bot_name: "A name has 1 to 100 characters, and no line breaks.", "Ein Name hat 1 bis 100 Zeichen und keine Zeilenumbrüche.";
    not_json: "This is not JSON: {reason}", "Das ist kein JSON: {reason}";
    file_too_large: "A bot file has at most 1 MiB.", "Eine Bot-Datei hat höchstens 1 MiB.";
    no_steps: "A bot file has a list called “steps”, of 1000 objects at most.", "Eine Bot-Datei hat eine Liste namens „steps“ mit höchstens 1000 Objekten.";

    not_found: "There is nothing here", "Hier ist nichts";
    not_found_advice: "The address is wrong, or what was here is gone.", "Die Adresse ist falsch, oder was hier war, gibt es nicht mehr.";
    forbidden: "This page is out of date", "Diese Seite ist veraltet";
    forbidden_advice: "You have signed in or out since it was shown, or another site has sent this. Nothing was changed. Go back, reload the page, and try again.", "Sie haben sich seither an- oder abgemeldet, oder eine andere Website hat dies gesendet. Es wurde nichts geändert. Gehen Sie zurück, laden Sie die Seite neu, und versuchen Sie es noch einmal.";
    too_large: "This is too large", "Das ist zu groß";
    too_large_advice: "Less can be sent at once. Nothing was changed.", "Auf einmal kann nur weniger gesendet werden. Es wurde nichts geändert.";
    malformed: "This was not understood", "Das wurde nicht verstanden";
    malformed_advice: "It does not come from one of these pages. Nothing was changed.", "Es kommt nicht von einer dieser Seiten. Es wurde nichts geändert.";
    too_many_bots: "You have as many bots as you may have", "Sie haben so viele Bots, wie Sie haben dürfen";
    too_many_bots_advice: "Delete some of the 10,000 first.", "Löschen Sie zuerst einige der 10.000.";
    broken: "The Control Room cannot be used right now", "Der Control Room ist gerade nicht zu benutzen";
    broken_advice: "Try again. If it stays so, ask your operator, who finds the reason in the log.", "Versuchen Sie es noch einmal. Bleibt es so, fragen Sie Ihren Betreiber, der den Grund im Protokoll findet.";
    too_slow: "This takes too long", "Das dauert zu lange";
    too_slow_advice: "It was given up. Look whether it was done, then try again later.", "Es wurde aufgegeben. Sehen Sie nach, ob es getan ist, und versuchen Sie es später noch einmal.";
    to_bots: "To the bots", "Zu den Bots";

    actions: "Actions", "Aktionen";
    search_actions: "Search actions", "Aktionen suchen";
    flow: "Bot flow", "Bot-Ablauf";
    start: "Start", "Start";
    step_form: "Step", "Schritt";
    bot_name: "Name of the bot", "Name des Bots";
    save: "Save", "Speichern";
    no_script: "The editor needs JavaScript. Without it, export the bot file, change it, and import it.", "Der Editor braucht JavaScript. Ohne können Sie die Bot-Datei exportieren, ändern und importieren.";

    api_group: "API", "API";
    api_request: "API request", "API-Anfrage";
    api_request_description: "Gets a path of the Genesys Cloud API with the session's token.", "Ruft einen Pfad der Genesys-Cloud-API mit dem Token der Sitzung ab.";
    session_name: "Session name", "Sitzungsname";
    session_name_help: "The name given in OAuth authenticate.", "Der Name aus OAuth-Authentifizierung.";
    path: "Path", "Pfad";
    path_help: "Begins with /api/, such as /api/v2/users/me. {name} stands for a variable or an output.", "Beginnt mit /api/, etwa /api/v2/users/me. {name} steht für eine Variable oder eine Ausgabe.";
    output: "Output", "Ausgabe";
    output_help: "The name under which later steps find the answer.", "Der Name, unter dem spätere Schritte die Antwort finden.";
    messages_group: "Messages", "Meldungen";
    log: "Log message", "Meldung protokollieren";
    log_description: "Shows a text while the bot runs.", "Zeigt einen Text, während der Bot läuft.";
    message: "Message", "Meldung";
    message_help: "{name.member} stands for what an earlier step put out.", "{name.member} steht für das, was ein früherer Schritt ausgegeben hat.";

    token_type: "Token", "Token";
    token_type_help: "The one of all who may use the connection, or that of the user for whom the bot runs.", "Das aller, die die Verbindung verwenden dürfen, oder das des Benutzers, für den der Bot läuft.";
    token_shared: "Shared", "Gemeinsames";
    token_user_specific: "User-specific", "Benutzerspezifisches";
    session: "Session", "Sitzung";
    session_help: "Bots with the same authentication share a session and spare Genesys requests. One of its own ends with the bot.", "Bots mit derselben Authentifizierung teilen sich eine Sitzung und ersparen Genesys Anfragen. Eine eigene endet mit dem Bot.";
    session_shared: "Shared with other bots", "Mit anderen Bots geteilt";
    session_own: "The bot's own", "Eigene des Bots";

    unknown_action: "There is no such action here. Remove the step, or ask who made the bot.", "Diese Aktion gibt es hier nicht. Entfernen Sie den Schritt, oder fragen Sie, wer den Bot gemacht hat.";
    field_empty: "{label}: the field is empty.", "{label}: Das Feld ist leer.";
    session_not_open: "No step before opens the session “{name}”. Put OAuth authenticate before this step.", "Kein Schritt davor öffnet die Sitzung „{name}“. Setzen Sie OAuth-Authentifizierung vor diesen Schritt.";
    no_variable: "There is no variable “{name}”. bot-runner serve --env NAME makes one of an environment variable.", "Es gibt keine Variable „{name}“. bot-runner serve --env NAME macht eine aus einer Umgebungsvariablen.";
    incomplete_credential: "Choose a locker, a credential and an attribute.", "Wählen Sie Locker, Anmeldedaten und Attribut.";
    no_locker: "There is no locker “{name}” that you may use.", "Es gibt keinen Locker „{name}“, den Sie verwenden dürfen.";
    no_credential: "The locker has no credential “{name}”.", "Der Locker hat keine Anmeldedaten „{name}“.";
    no_attribute: "The credential has no attribute “{name}”.", "Die Anmeldedaten haben kein Attribut „{name}“.";
    no_value: "{name} has no value yet. An owner of the locker sets it.", "{name} hat noch keinen Wert. Den setzt ein Besitzer des Lockers.";
    no_own_value: "You have set no value for {name} yet. Each user sets their own.", "Sie haben noch keinen Wert für {name} gesetzt. Jeder Benutzer setzt seinen eigenen.";
    password_only: "{name} may only go into a secret field.", "{name} darf nur in ein geheimes Feld.";
    no_connection: "There is no OAuth connection “{name}” that you may use. An administrator creates it, or allows it to one of your roles.", "Es gibt keine OAuth-Verbindung „{name}“, die Sie verwenden dürfen. Ein Administrator erstellt sie oder erlaubt sie einer Ihrer Rollen.";
    not_shared: "“{name}” keeps no shared token. Choose the user-specific one, or an administrator switches on “Save login credentials”.", "„{name}“ bewahrt kein gemeinsames Token auf. Wählen Sie das benutzerspezifische, oder ein Administrator schaltet „Anmeldedaten speichern“ ein.";
    not_user_specific: "“{name}” has a token of its own and none for each user. Choose the shared one.", "„{name}“ hat ein eigenes Token und keines für jeden Benutzer. Wählen Sie das gemeinsame.";
    shared_not_signed_in: "Nobody has signed in to “{name}” yet. An administrator has to sign in.", "Bei „{name}“ hat sich noch niemand angemeldet. Ein Administrator muss sich anmelden.";
    own_not_signed_in: "You have not signed in to “{name}” yet. Sign in under OAuth connections.", "Sie haben sich bei „{name}“ noch nicht angemeldet. Melden Sie sich unter OAuth-Verbindungen an.";
    shared_sign_in_needed: "“{name}” needs a new sign-in. An administrator has to sign in again: {reason}", "„{name}“ braucht eine neue Anmeldung. Ein Administrator muss sich neu anmelden: {reason}";
    own_sign_in_needed: "“{name}” needs a new sign-in of yours. Sign in again under OAuth connections: {reason}", "„{name}“ braucht eine neue Anmeldung von Ihnen. Melden Sie sich unter OAuth-Verbindungen neu an: {reason}";
    path_begins: "The path begins with /api/, such as /api/v2/users/me.", "Der Pfad beginnt mit /api/, etwa /api/v2/users/me.";
    output_name: "A name has neither braces nor dots.", "Ein Name hat weder Klammern noch Punkte.";
    single_brace: "There is a single { or }. Write {{ or }} for the brace itself.", "Da ist eine einzelne { oder }. Schreiben Sie {{ oder }} für die Klammer selbst.";
    empty_name: "Between { and } stands a name, such as {organization.name}.", "Zwischen { und } steht ein Name, etwa {organization.name}.";
    unknown_name: "{{name}} is neither a variable nor the output of an earlier step.", "{{name}} ist weder eine Variable noch die Ausgabe eines früheren Schritts.";
    credential_shown: "{{name}} is a credential variable, and those are never shown.", "{{name}} ist eine Anmeldedaten-Variable, und die werden nie angezeigt.";
    insecure: "Everybody who sees the bot can read an insecure string. Better keep it in a credential locker.", "Eine unsichere Zeichenfolge kann jeder lesen, der den Bot sieht. Besser liegt sie in einem Anmeldedaten-Locker.";
    no_steps_yet: "The bot has no steps yet.", "Der Bot hat noch keine Schritte.";

    run: "Run", "Ausführen";
    runs: "Runs", "Läufe";
    no_runs: "No bot has run yet. Open one, and press Run.", "Es ist noch kein Bot gelaufen. Öffnen Sie einen, und drücken Sie auf Ausführen.";
    run_bot: "Bot", "Bot";
    run_state: "State", "Zustand";
    run_began: "Started (UTC)", "Begonnen (UTC)";
    run_took: "Duration", "Dauer";
    run_stop: "Stop", "Anhalten";
    run_again: "Run again", "Noch einmal ausführen";
    run_edit: "Edit bot", "Bot bearbeiten";
    run_running: "Running", "Läuft";
    run_working: "The bot is at work …", "Der Bot arbeitet …";
    run_outcome_done: "Done", "Fertig";
    run_outcome_failed: "Failed", "Fehlgeschlagen";
    run_outcome_stopped: "Stopped", "Angehalten";
    run_outcome_cut_off: "Cut off", "Abgebrochen";
    run_cut_off: "The Control Room ended in the middle of this run, so it is not known how far it came. A session that it had opened lives on until it expires.", "Der Control Room endete mitten in diesem Lauf, deshalb ist nicht bekannt, wie weit er kam. Eine Sitzung, die er geöffnet hatte, lebt weiter, bis sie abläuft.";
    run_no_script: "Without JavaScript this page does not go on by itself: reload it.", "Ohne JavaScript geht diese Seite nicht von selbst weiter: Laden Sie sie neu.";
    run_disconnected: "No longer connected to the Control Room. The bot is not affected by that. Connecting again …", "Die Verbindung zum Control Room ist abgebrochen. Den Bot betrifft das nicht. Die Verbindung wird wieder aufgebaut …";
    run_signed_out: "You are signed out. Sign in to see how the run went on.", "Sie sind abgemeldet. Melden Sie sich an, um zu sehen, wie der Lauf weiterging.";
    run_log: "What happened", "Was geschah";
    run_warning: "Warning", "Warnung";
    run_done: "Done", "Fertig";
    run_failed: "Failed", "Fehler";
    run_waits: "Waits", "Wartet";
    run_note: "Note", "Hinweis";
    run_stopped: "Stopped", "Angehalten";
    run_time: "Time (UTC)", "Zeit (UTC)";
    run_uses: "Credentials used", "Verwendete Anmeldedaten";
    run_no_uses: "This run has used no credentials from lockers.", "Dieser Lauf hat keine Anmeldedaten aus Lockern verwendet.";
    run_credential: "Credential", "Anmeldedaten";
    run_use: "Outcome", "Ergebnis";
    run_used: "used", "verwendet";
    run_refused: "refused", "verweigert";
    run_not_yet: "The bot cannot run yet", "Der Bot kann noch nicht laufen";
    run_not_yet_advice: "“{name}” has mistakes. Nothing has run.", "„{name}“ hat Fehler. Es ist nichts gelaufen.";
    too_many_runs: "Too many bots are running", "Es laufen zu viele Bots";
    too_many_runs_advice: "Wait until one of your runs has ended, or stop one. Nothing was started.", "Warten Sie, bis einer Ihrer Läufe zu Ende ist, oder halten Sie einen an. Es wurde nichts gestartet.";
    to_runs: "To the runs", "Zu den Läufen";

    run_opened: "Session “{name}” is open at {url}.", "Sitzung „{name}“ ist bei {url} geöffnet.";
    run_expires: "It expires on {at} UTC (in {in}).", "Sie läuft am {at} UTC ab (in {in}).";
    run_expiry_unknown: "When it expires is not known.", "Wann sie abläuft, ist nicht bekannt.";
    run_closed: "Session “{name}” was ended.", "Sitzung „{name}“ wurde beendet.";
    run_closed_kept: "Session “{name}” was closed; other bots still use its token.", "Sitzung „{name}“ wurde geschlossen; andere Bots verwenden ihr Token noch.";
    run_closed_connection: "Session “{name}” was closed; its token stays with the connection.", "Sitzung „{name}“ wurde geschlossen; ihr Token bleibt bei der Verbindung.";
    run_left_ended: "Session “{name}” was left open, and has been ended.", "Sitzung „{name}“ blieb offen und wurde beendet.";
    run_left_kept: "Session “{name}” was left open, and is kept for other bots.", "Sitzung „{name}“ blieb offen und wird für andere Bots behalten.";
    run_left_connection: "Session “{name}” was left open, and has been closed; its token stays with the connection.", "Sitzung „{name}“ blieb offen und wurde geschlossen; ihr Token bleibt bei der Verbindung.";
    run_left_alive: "Session “{name}” was left open and could not be ended; its token lives on until it expires.", "Sitzung „{name}“ blieb offen und ließ sich nicht beenden; ihr Token gilt, bis es abläuft.";
    run_replaced: "Session “{name}” replaces the one of that name.", "Sitzung „{name}“ ersetzt die bisherige dieses Namens.";
    run_replaced_alive: "Session “{name}” replaces the one of that name, whose token lives on until it expires.", "Sitzung „{name}“ ersetzt die bisherige dieses Namens, deren Token gilt, bis es abläuft.";
    run_opened_again: "Genesys Cloud no longer accepted session “{name}”; it was opened once more.", "Genesys Cloud nahm die Sitzung „{name}“ nicht mehr an; sie wurde noch einmal geöffnet.";
    run_unknown_token: "A token may have been given for which there was no time to wait. It cannot be ended, and lives on until it expires.", "Vielleicht wurde noch ein Token ausgestellt, auf das keine Zeit war zu warten. Es lässt sich nicht beenden und gilt, bis es abläuft.";
    run_interrupted: "Stopped at step {n}.", "Bei Schritt {n} angehalten.";
    run_shut_down: "The Control Room was shut down.", "Der Control Room wurde beendet.";
    run_left_out: "{n} more entries are not shown.", "{n} weitere Einträge werden nicht gezeigt.";
    run_waiting: "Try {tries} failed; the next one is in {seconds} s.", "Versuch {tries} ist fehlgeschlagen; der nächste folgt in {seconds} s.";
    run_no_control_room: "The Control Room cannot be read right now. Try again; if it stays so, ask your operator.", "Der Control Room lässt sich gerade nicht lesen. Versuchen Sie es noch einmal; bleibt es so, fragen Sie Ihren Betreiber.";
    run_no_token: "“{name}” gave no token. {reason}", "„{name}“ gab kein Token. {reason}";
    run_no_connection: "There is no such OAuth connection that you may use. Choose another one in the step.", "Es gibt keine solche OAuth-Verbindung, die Sie verwenden dürfen. Wählen Sie im Schritt eine andere.";
    run_mistake: "The bot has a mistake in “{field}”; open it in the editor. ({problem})", "Der Bot hat einen Fehler in „{field}“; öffnen Sie ihn im Editor. ({problem})";
    run_too_slow: "There was no answer in the time allowed. Try again; if it stays so, ask your operator.", "Es kam keine Antwort in der erlaubten Zeit. Versuchen Sie es noch einmal; bleibt es so, fragen Sie Ihren Betreiber.";
    run_busy: "Too many actions are running right now. Try again in a moment.", "Gerade laufen zu viele Aktionen. Versuchen Sie es gleich noch einmal.";
    run_action_stopped: "The action broke down and was stopped. Ask your operator. ({reason})", "Die Aktion hat versagt und wurde angehalten. Fragen Sie Ihren Betreiber. ({reason})";
    run_bad_path: "“{path}” is no path of the API. Check what is put into it.", "„{path}“ ist kein Pfad der API. Prüfen Sie, was darin eingesetzt wird.";
    run_status: "{host} answered {status}.", "{host} antwortete {status}.";
    run_status_401: "The session is not accepted any more. Run the bot again.", "Die Sitzung wird nicht mehr angenommen. Führen Sie den Bot noch einmal aus.";
    run_status_403: "The OAuth client lacks a permission for this. Ask your Genesys admin.", "Dem OAuth-Client fehlt dafür eine Berechtigung. Fragen Sie Ihren Genesys-Admin.";
    run_status_404: "There is nothing at this path. Check it.", "Unter diesem Pfad gibt es nichts. Prüfen Sie ihn.";
    run_status_429: "It was asked too often. Try again in a minute.", "Es wurde zu oft gefragt. Versuchen Sie es in einer Minute noch einmal.";
    run_status_5xx: "Genesys Cloud has a problem of its own. Try again later.", "Genesys Cloud hat selbst ein Problem. Versuchen Sie es später noch einmal.";
    run_status_other: "Check the path of the request.", "Prüfen Sie den Pfad der Anfrage.";
    run_correlation: "Correlation id for Genesys’ support: {id}.", "Correlation-ID für den Support von Genesys: {id}.";
    run_not_json: "{host} did not answer like the Genesys Cloud API. Check the path, then ask your operator.", "{host} hat nicht wie die Genesys-Cloud-API geantwortet. Prüfen Sie den Pfad, dann fragen Sie Ihren Betreiber.";
    run_no_name: "The name {host} was not found. Ask your operator.", "Der Name {host} wurde nicht gefunden. Fragen Sie Ihren Betreiber.";
    run_no_connect: "{host} cannot be reached. Try again later, or ask your operator.", "{host} ist nicht zu erreichen. Versuchen Sie es später noch einmal, oder fragen Sie Ihren Betreiber.";
    run_timed_out: "{host} did not answer in time. Try again later.", "{host} hat nicht rechtzeitig geantwortet. Versuchen Sie es später noch einmal.";
    run_broke_off: "The connection to {host} broke off in the middle. Try again later.", "Die Verbindung zu {host} brach mittendrin ab. Versuchen Sie es später noch einmal.";
    run_untrusted: "{host} could not prove that it belongs to Genesys. Nothing was sent. Ask your operator.", "{host} konnte nicht nachweisen, dass er zu Genesys gehört. Es wurde nichts gesendet. Fragen Sie Ihren Betreiber.";
    run_not_permitted: "Connections to {host} are not allowed here. Ask your operator.", "Verbindungen zu {host} sind hier nicht erlaubt. Fragen Sie Ihren Betreiber.";
    run_network: "The API could not be asked. Ask your operator. ({reason})", "Die API konnte nicht gefragt werden. Fragen Sie Ihren Betreiber. ({reason})";
}

texts! {
    /// Of the editor's scripts.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    ScriptTexts, SCRIPT_ENGLISH, SCRIPT_GERMAN;

    empty_flow: "Drop an action here, or press one in the list.", "Ziehen Sie eine Aktion hierher, oder drücken Sie auf eine in der Liste.";
    no_step: "Choose a step to fill in its form.", "Wählen Sie einen Schritt, um sein Formular auszufüllen.";
    no_action: "No action has this in its name.", "Keine Aktion hat das in ihrem Namen.";
    unknown_action: "Unknown action", "Unbekannte Aktion";
    unknown_advice: "This step is kept as it is.", "Dieser Schritt bleibt, wie er ist.";
    move_up: "Move up: {step}", "Nach oben: {step}";
    move_down: "Move down: {step}", "Nach unten: {step}";
    remove: "Remove: {step}", "Entfernen: {step}";
    step_label: "{n}. {label}", "{n}. {label}";
    added: "{label} is step {n} now.", "{label} ist jetzt Schritt {n}.";
    removed: "{label} was removed.", "{label} wurde entfernt.";
    undo: "Undo", "Rückgängig";
    keys: "Alt with the arrows moves a step, Delete removes it.", "Alt mit den Pfeiltasten verschiebt einen Schritt, Entf entfernt ihn.";
    one_mistake: "1 mistake", "1 Fehler";
    mistakes: "{n} mistakes", "{n} Fehler";
    no_mistakes: "No mistakes", "Keine Fehler";
    saved: "Saved", "Gespeichert";
    unsaved: "Not saved yet", "Noch nicht gespeichert";
    saving: "Saving …", "Wird gespeichert …";
    save_failed: "It was not saved: the Control Room did not answer. Your work is still here; try again.", "Nicht gespeichert: Der Control Room hat nicht geantwortet. Ihre Arbeit ist noch da; versuchen Sie es noch einmal.";
    signed_out: "It was not saved: you are signed out. Sign in again in another tab, then save here.", "Nicht gespeichert: Sie sind abgemeldet. Melden Sie sich in einem anderen Tab wieder an, und speichern Sie dann hier.";
    other_user: "It was not saved: somebody else has signed in to this browser.", "Nicht gespeichert: In diesem Browser hat sich jemand anderes angemeldet.";
    gone: "It was not saved: the bot was deleted meanwhile. Save it as a new bot, or export it.", "Nicht gespeichert: Der Bot wurde inzwischen gelöscht. Speichern Sie ihn als neuen Bot, oder exportieren Sie ihn.";
    bad_name: "It was not saved: a name has 1 to 100 characters, and no line breaks.", "Nicht gespeichert: Ein Name hat 1 bis 100 Zeichen und keine Zeilenumbrüche.";
    sign_in: "Sign in", "Anmelden";
    credential: "Credential", "Anmeldedaten";
    variable: "Variable", "Variable";
    insecure: "Insecure string", "Unsichere Zeichenfolge";
    source_of: "Where the value comes from: {label}", "Woher der Wert kommt: {label}";
    locker: "Locker", "Locker";
    attribute: "Attribute", "Attribut";
    choose: "Choose …", "Auswählen …";
    search_credential: "Type to search", "Zum Suchen tippen";
    no_lockers: "There is no locker that you may use. Ask an administrator for one.", "Es gibt keinen Locker, den Sie verwenden dürfen. Bitten Sie einen Administrator darum.";
    no_connections: "There is no OAuth connection that you may use. Ask an administrator for one.", "Es gibt keine OAuth-Verbindung, die Sie verwenden dürfen. Bitten Sie einen Administrator darum.";
    offered_connection: "{name}: {state} ({provider})", "{name}: {state} ({provider})";
    variable_help: "The value of a credential variable is never shown.", "Der Wert einer Anmeldedaten-Variablen wird nie angezeigt.";
    insecure_help: "Unencrypted: it stands in the bot, and everybody who sees the bot can read it.", "Die Zeichenfolge steht unverschlüsselt im Bot, und jeder, der den Bot sieht, kann sie lesen.";
    optional: "optional", "optional";
    conflict: "Somebody has saved this bot meanwhile", "Jemand hat diesen Bot inzwischen gespeichert";
    conflict_advice: "Nothing is lost: choose what to keep. What differs is marked.", "Es ist nichts verloren: Wählen Sie, was bleiben soll. Was sich unterscheidet, ist markiert.";
    mine: "Your version", "Ihre Version";
    theirs: "The saved version", "Die gespeicherte Version";
    keep_mine: "Save mine over it", "Meine darüber speichern";
    take_theirs: "Take the saved one", "Die gespeicherte nehmen";
    as_copy: "Save mine as a copy", "Meine als Kopie speichern";
    go_on: "Go on editing", "Weiter bearbeiten";
    copy_of: "{name} (copy)", "{name} (Kopie)";
}

pub(super) use texts;
