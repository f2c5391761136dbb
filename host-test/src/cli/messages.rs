//! What the command says to those who run bots. What happened in a step, actions and the engine say themselves.

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
        de: "--gateway {gateway}: Der Hostname wurde nicht gefunden: {error}",
    }
    attempt_failed(tries) { en: "attempt {tries} failed", de: "Versuch {tries} misslang" }
    retrying_in(seconds, reason) {
        en: ", retrying in {seconds} s: {reason}",
        de: ", der nächste folgt in {seconds} s: {reason}",
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
        en: "if these are variables, define them with --variable or --env",
        de: "wenn das Variablen sind, legen Sie sie mit --variable oder --env an",
    }
    simulated {
        en: "This was a simulation of Genesys Cloud inside this program: nothing has left this machine. Next:",
        de: "Das war eine Simulation von Genesys Cloud in diesem Programm: nichts hat diesen Rechner verlassen. Als Nächstes:",
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
    connect_with { en: "To connect to it:", de: "So verbinden Sie sich damit:" }
    connect_without_ca {
        en: "To connect to it, a command needs its CA certificate: start again with --ca-out FILE.",
        de: "Wer sich damit verbindet, braucht sein CA-Zertifikat: starten Sie noch einmal mit --ca-out DATEI.",
    }
    session_opened(name, url) { en: "session \"{name}\" at {url}", de: "Sitzung „{name}“ bei {url}" }
    expires_in(time) { en: ", expires in {time}", de: ", läuft in {time} ab" }
    expiry_unknown { en: ", expiry unknown", de: ", Ablauf unbekannt" }
    token_not_revoked(why) {
        en: "the token could not be revoked: {why}",
        de: "das Token ließ sich nicht widerrufen: {why}",
    }
    no_user(name) { en: "there is no user \"{name}\"", de: "es gibt keinen Benutzer „{name}“" }
    variable_not_set(name) { en: "--env {name}: it is not set", de: "--env {name}: sie ist nicht gesetzt" }
    no_grant(name) {
        en: "the component {name} has no grant, and is left out; `bot-runner component show {name}` shows what it asks for, and `component grant {name}` grants it",
        de: "die Komponente {name} hat keine Freigabe und wird ausgelassen; `bot-runner component show {name}` zeigt, was sie verlangt, und `component grant {name}` gibt es frei",
    }
    /// A prompt for what the terminal does not show.
    hidden(what) { en: "{what} (hidden): ", de: "{what} (verborgen): " }
}
