//! What the command says to those who run bots. The texts about steps come from the actions and the engine.

bot_engine::messages! {
    failed { en: "failed", de: "Fehler" }
    error { en: "error", de: "Fehler" }
    warning { en: "warning", de: "Warnung" }
    warned_at(step, field, advice) {
        en: "step {step}, {field}: {advice}",
        de: "Schritt {step}, {field}: {advice}",
    }
    gateway_not_found(gateway, error) {
        en: "--gateway {gateway}: the host name is not found: {error}",
        de: "--gateway {gateway}: der Hostname wurde nicht gefunden: {error}",
    }
    not_a_log_format(variable) {
        en: "{variable} must be text or json",
        de: "{variable} muss text oder json sein",
    }
    interrupted { en: "interrupted", de: "unterbrochen" }
    bots_failed(failed, all) {
        en: "{failed} of {all} bots failed",
        de: "{failed} von {all} Bots mit Fehler",
    }
    not_run(count) { en: ", {count} not run", de: ", {count} nicht gelaufen" }
    one_session_closed { en: "1 shared session has been closed", de: "1 geteilte Sitzung wurde geschlossen" }
    sessions_closed(count) {
        en: "{count} shared sessions have been closed",
        de: "{count} geteilte Sitzungen wurden geschlossen",
    }
    one_session_not_closed {
        en: "1 shared session could not be closed; its token is valid until it expires",
        de: "1 geteilte Sitzung konnte nicht geschlossen werden; ihr Token gilt, bis es abläuft",
    }
    sessions_not_closed(count) {
        en: "{count} shared sessions could not be closed; each token is valid until it expires",
        de: "{count} geteilte Sitzungen konnten nicht geschlossen werden; jedes Token gilt, bis es abläuft",
    }
    sessions(requested, opened, reused, seconds) {
        en: "sessions: {requested} requested, {opened} opened, {reused} reused, in {seconds} s",
        de: "Sitzungen: {requested} angefordert, {opened} geöffnet, {reused} wiederverwendet, in {seconds} s",
    }
    bot_runs(runs) { en: ": {runs} runs, ", de: ": {runs} Läufe, " }
    runs_failed(count) { en: "{count} failed", de: "{count} mit Fehler" }
    durations(median, longest) {
        en: "; median {median}, longest {longest}",
        de: "; im Median {median}, höchstens {longest}",
    }
    times(count, message) { en: "{count} times: {message}", de: "{count}-mal: {message}" }
    at_step(step) { en: "step {step}", de: "Schritt {step}" }
    bot_file(path) { en: "the bot file {path}", de: "die Bot-Datei {path}" }
    no_problems { en: "no problems", de: "keine Probleme" }
    one_problem { en: "1 problem", de: "1 Problem" }
    problems(count) { en: "{count} problems", de: "{count} Probleme" }
    not_checked(names, advice) { en: "not checked: {names}; {advice}", de: "nicht geprüft: {names}; {advice}" }
    name_a_user {
        en: "name a user with --as, or the source of credentials with --credentials or --credentials-env",
        de: "nennen Sie mit --as einen Benutzer oder mit --credentials oder --credentials-env die Quelle der Anmeldedaten",
    }
    define_variables {
        en: "if these are variables, add them to the bot, or define them with --variable or --env",
        de: "wenn das Variablen sind, legen Sie sie im Bot oder mit --variable oder --env an",
    }
    simulated {
        en: "This was a simulation of Genesys Cloud inside this program: nothing has left this machine. Next:",
        de: "Das war eine Simulation von Genesys Cloud in diesem Programm: Nichts hat diesen Rechner verlassen. Als Nächstes:",
    }
    next_pages {
        en: "builds bots in the browser, against the same simulation",
        de: "erstellt Bots im Browser, mit derselben Simulation",
    }
    next_bot {
        en: "makes a bot for your own organization, from a few questions",
        de: "legt nach ein paar Fragen einen Bot für Ihre eigene Organisation an",
    }
    next_cloud {
        en: "checks the connection from this machine to the real Genesys Cloud",
        de: "prüft den Weg von diesem Rechner zur echten Genesys Cloud",
    }
    not_a_gateway(name) {
        en: "the environment variable {name} must have the form HOST:PORT",
        de: "die Umgebungsvariable {name} muss die Form HOST:PORT haben",
    }
    not_a_timeout(name, most) {
        en: "the environment variable {name} must be a number of seconds from 1 to {most}",
        de: "die Umgebungsvariable {name} muss eine Anzahl von Sekunden zwischen 1 und {most} sein",
    }
    connect_with { en: "To connect to it:", de: "So verbinden Sie sich damit:" }
    connect_without_ca {
        en: "To connect to it, a command needs its CA certificate: start again with --ca-out FILE.",
        de: "Wer sich damit verbindet, braucht das CA-Zertifikat dieser Simulation: Starten Sie noch einmal mit --ca-out DATEI.",
    }
    token_not_revoked(why) {
        en: "the token could not be revoked: {why}",
        de: "das Token ließ sich nicht widerrufen: {why}",
    }
    variable_not_set(name) { en: "--env {name}: the environment variable is not set", de: "--env {name}: die Umgebungsvariable ist nicht gesetzt" }
    /// `files` are the options that name the component and the folder.
    no_grant(name, files) {
        en: "the component {name} has no grant, and is left out; `bot-runner component show {name} {files}` shows what it asks for, and `bot-runner component grant {name} {files}` grants it",
        de: "die Komponente {name} hat keine Freigabe und wird ausgelassen; `bot-runner component show {name} {files}` zeigt, was sie verlangt, und `bot-runner component grant {name} {files}` gibt sie frei",
    }
    empty_list { en: "(nothing to show)", de: "(nichts anzuzeigen)" }
    /// A prompt for what the terminal does not show.
    hidden(what) { en: "{what} (hidden): ", de: "{what} (verborgen): " }
    output_lost(error) {
        en: "standard output cannot be written: {error}",
        de: "die Standardausgabe lässt sich nicht schreiben: {error}",
    }
    interrupted_again {
        en: "interrupted again; tokens that were not revoked are valid until they expire",
        de: "noch einmal unterbrochen; Tokens, die nicht widerrufen wurden, gelten, bis sie ablaufen",
    }
    run_broke_off { en: "the run ended unexpectedly", de: "der Lauf ist unerwartet abgebrochen" }
    too_few_files {
        en: "too few files may be open at once; raise the limit (ulimit -n)",
        de: "es dürfen zu wenige Dateien zugleich offen sein; erhöhen Sie die Grenze (ulimit -n)",
    }
    too_few_threads {
        en: "too few threads may run; raise the limit (ulimit -u)",
        de: "es dürfen zu wenige Threads laufen; erhöhen Sie die Grenze (ulimit -u)",
    }
    cannot_start { en: "the command cannot start", de: "der Befehl kann nicht starten" }
    variable_not_utf8(name) {
        en: "the environment variable {name} is not UTF-8",
        de: "die Umgebungsvariable {name} ist nicht in UTF-8",
    }
    configuration(path) { en: "the configuration in {path}", de: "die Konfiguration in {path}" }
    invalid_setting(path, line, why) {
        en: "{path}, line {line}: {why}",
        de: "{path}, Zeile {line}: {why}",
    }
    no_client { en: "the HTTP client cannot be set up", de: "der HTTP-Client lässt sich nicht einrichten" }
    embedded_has_gateway {
        en: "--genesys embedded brings its own gateway and CA; leave out --gateway and --ca-file",
        de: "--genesys embedded bringt ein eigenes Gateway und eine eigene CA mit; lassen Sie --gateway und --ca-file weg",
    }
    no_simulation {
        en: "the embedded Genesys Cloud cannot be started",
        de: "die eingebettete Genesys Cloud lässt sich nicht starten",
    }
    no_region(name) { en: "Genesys Cloud has no region {name}", de: "Genesys Cloud hat keine Region {name}" }
    no_sign_in {
        en: "the sign-in to the connection of the demonstration failed",
        de: "die Anmeldung bei der Verbindung der Demonstration ist fehlgeschlagen",
    }
    /// The place is [`in_folder`] or [`in_memory`].
    control_room(place) { en: "the Control Room {place}", de: "der Control Room {place}" }
    in_folder(folder) { en: "in {folder}", de: "in {folder}" }
    in_memory { en: "in memory", de: "im Arbeitsspeicher" }
    no_control_room(place) {
        en: "there is no Control Room {place}; `bot-runner vault locker create` and `bot-runner user create` create one, and --data selects another folder",
        de: "es gibt keinen Control Room {place}; `bot-runner vault locker create` und `bot-runner user create` legen einen an, und --data wählt einen anderen Ordner",
    }
    two_places {
        en: "both a data folder and a database are set, by BOT_RUNNER_DATA and BOT_RUNNER_DATABASE or in the configuration file; set one of them",
        de: "Datenordner und Datenbank sind beide festgelegt, mit BOT_RUNNER_DATA und BOT_RUNNER_DATABASE oder in der Konfigurationsdatei; legen Sie nur eines davon fest",
    }
    client_secret { en: "the client secret", de: "der geheime Clientschlüssel" }
    value_of(attribute) { en: "the value of {attribute}", de: "der Wert von {attribute}" }
    password_of(user) { en: "the password of {user}", de: "das Kennwort von {user}" }
    value_as_argument {
        en: "a value must not be an argument, as the list of processes would show it; type it at the prompt or pass it on standard input",
        de: "ein Wert darf kein Argument sein, da ihn die Liste der Prozesse zeigen würde; geben Sie ihn auf die Rückfrage hin ein, oder übergeben Sie ihn auf der Standardeingabe",
    }
    no_record_of_locker(name) {
        en: "there is no locker \"{name}\", and no record of one",
        de: "es gibt keinen Locker „{name}“ und keinen Eintrag über einen solchen",
    }
    no_copy {
        en: "interrupted; no copy was written",
        de: "unterbrochen; es wurde keine Kopie geschrieben",
    }
    name_the_provider {
        en: "name the provider with --environment, or with both of its URLs",
        de: "nennen Sie den Anbieter mit --environment oder mit seinen beiden URLs",
    }
    missing_option(option, variable) {
        en: "{option} is missing; pass it, or set {variable}",
        de: "{option} fehlt; geben Sie die Option an, oder setzen Sie {variable}",
    }
    is_empty(what) { en: "{what} is empty", de: "{what} ist leer" }
    again(what) { en: "{what} again", de: "{what} noch einmal" }
    passwords_differ { en: "the two passwords differ", de: "die beiden Kennwörter sind verschieden" }
    no_terminal { en: "cannot read from the terminal", de: "vom Terminal lässt sich nicht lesen" }
    no_answer { en: "no answer was given", de: "es kam keine Antwort" }
    nobody_to_ask {
        en: "nothing was removed, as there is no terminal to ask at; pass --yes",
        de: "nichts wurde entfernt, da es kein Terminal für die Rückfrage gibt; geben Sie --yes an",
    }
    nothing_removed { en: "nothing was removed", de: "nichts wurde entfernt" }
    secret_on_input { en: "the secret on standard input", de: "das Geheimnis auf der Standardeingabe" }
    secret_in(path) { en: "the secret in {path}", de: "das Geheimnis in {path}" }
    secret_too_large(what, kib) {
        en: "{what} is larger than {kib} KiB",
        de: "{what} ist größer als {kib} KiB",
    }
    too_large(mib) {
        en: "the file is larger than {mib} MiB",
        de: "die Datei ist größer als {mib} MiB",
    }
    is_not_utf8 { en: "the file is not in UTF-8", de: "die Datei ist nicht in UTF-8" }
    utf_16(what) {
        en: "{what} is in UTF-16; save it in UTF-8",
        de: "{what} ist in UTF-16; speichern Sie es in UTF-8",
    }
    not_utf8(what) { en: "{what} is not in UTF-8", de: "{what} ist nicht in UTF-8" }
    invisible(what, code_point) {
        en: "{what} contains the invisible character {code_point}; remove it",
        de: "{what} enthält das unsichtbare Zeichen {code_point}; entfernen Sie es",
    }
    expected_client { en: "--client: expected ID:SECRET-FILE", de: "--client: erwartet wird ID:DATEI-MIT-GEHEIMNIS" }
    expected_user { en: "--user: expected NAME:PASSWORD-FILE", de: "--user: erwartet wird NAME:DATEI-MIT-KENNWORT" }
    expected_definition { en: "expected NAME=TEXT", de: "erwartet wird NAME=TEXT" }
    needs_tls {
        en: "--listen: pass a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1",
        de: "--listen: geben Sie mit --tls-cert und --tls-key ein Zertifikat an, oder nehmen Sie 127.0.0.1",
    }
}
