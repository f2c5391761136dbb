//! Messages of runs.

bot_engine::messages! {
    run { en: "Run", de: "Ausführen" }
    runs { en: "Runs", de: "Läufe" }
    no_runs {
        en: "No bot has run yet. Open one, and press Run.",
        de: "Es ist noch kein Bot gelaufen. Öffnen Sie einen, und drücken Sie auf Ausführen.",
    }
    run_bot { en: "Bot", de: "Bot" }
    run_state { en: "State", de: "Zustand" }
    run_began { en: "Started (UTC)", de: "Begonnen (UTC)" }
    run_took { en: "Duration", de: "Dauer" }
    run_stop { en: "Stop", de: "Anhalten" }
    run_again { en: "Run again", de: "Noch einmal ausführen" }
    run_edit { en: "Edit bot", de: "Bot bearbeiten" }
    run_running { en: "Running", de: "Läuft" }
    run_working { en: "The bot is at work …", de: "Der Bot arbeitet …" }
    run_outcome_done { en: "Done", de: "Fertig" }
    run_outcome_failed { en: "Failed", de: "Fehlgeschlagen" }
    run_outcome_stopped { en: "Stopped", de: "Angehalten" }
    run_outcome_cut_off { en: "Cut off", de: "Abgebrochen" }
    run_cut_off {
        en: "The Control Room ended during this run, so it is not known how far the run came. A session that it had opened remains valid until it expires.",
        de: "Der Control Room wurde während dieses Laufs beendet, daher ist nicht bekannt, wie weit der Lauf kam. Eine Sitzung, die er geöffnet hatte, bleibt gültig, bis sie abläuft.",
    }
    run_no_script {
        en: "Without JavaScript, this page does not update itself: reload it.",
        de: "Ohne JavaScript aktualisiert sich diese Seite nicht von selbst: Laden Sie sie neu.",
    }
    run_disconnected {
        en: "No longer connected to the Control Room. The bot is not affected by that. Connecting again …",
        de: "Die Verbindung zum Control Room ist abgebrochen. Den Bot betrifft das nicht. Die Verbindung wird wieder aufgebaut …",
    }
    run_signed_out {
        en: "You are signed out. Sign in to see how the run continued.",
        de: "Sie sind abgemeldet. Melden Sie sich an, um zu sehen, wie der Lauf weiterging.",
    }
    run_log { en: "Log", de: "Protokoll" }
    run_warning { en: "Warning", de: "Warnung" }
    run_done { en: "Done", de: "Fertig" }
    run_failed { en: "Failed", de: "Fehler" }
    run_waits { en: "Waits", de: "Wartet" }
    run_note { en: "Note", de: "Hinweis" }
    run_stopped { en: "Stopped", de: "Angehalten" }
    run_time { en: "Time (UTC)", de: "Zeit (UTC)" }
    run_uses { en: "Credentials used", de: "Verwendete Anmeldedaten" }
    run_no_uses {
        en: "This run has used no credentials from lockers.",
        de: "Dieser Lauf hat keine Anmeldedaten aus Lockern verwendet.",
    }
    run_credential { en: "Credential", de: "Anmeldedaten" }
    run_use { en: "Outcome", de: "Ergebnis" }
    run_used { en: "used", de: "verwendet" }
    run_refused { en: "refused", de: "verweigert" }
    run_not_yet { en: "The bot cannot run yet", de: "Der Bot kann noch nicht laufen" }
    run_not_yet_advice(name) {
        en: "“{name}” has mistakes. Nothing has run.",
        de: "„{name}“ hat Fehler. Es ist nichts gelaufen.",
    }
    too_many_runs { en: "Too many bots are running", de: "Es laufen zu viele Bots" }
    too_many_runs_advice {
        en: "Wait until one of your runs has ended, or stop one. Nothing was started.",
        de: "Warten Sie, bis einer Ihrer Läufe zu Ende ist, oder halten Sie einen an. Es wurde nichts gestartet.",
    }
    to_runs { en: "To the runs", de: "Zu den Läufen" }

    run_opened(name, url) { en: "Session “{name}” is open at {url}.", de: "Sitzung „{name}“ ist bei {url} geöffnet." }
    run_expires(moment, remaining) {
        en: "It expires on {moment} UTC (in {remaining}).",
        de: "Sie läuft am {moment} UTC ab (in {remaining}).",
    }
    run_expiry_unknown { en: "When it expires is not known.", de: "Wann sie abläuft, ist nicht bekannt." }
    run_closed(name) { en: "Session “{name}” was closed.", de: "Sitzung „{name}“ wurde geschlossen." }
    run_closed_kept(name) {
        en: "Session “{name}” was closed; other bots still use its token.",
        de: "Sitzung „{name}“ wurde geschlossen; andere Bots verwenden ihr Token noch.",
    }
    run_closed_connection(name) {
        en: "Session “{name}” was closed; its token stays with the connection.",
        de: "Sitzung „{name}“ wurde geschlossen; ihr Token bleibt bei der Verbindung.",
    }
    run_left_ended(name) {
        en: "Session “{name}” was left open and has been closed.",
        de: "Sitzung „{name}“ blieb offen und wurde geschlossen.",
    }
    run_left_kept(name) {
        en: "Session “{name}” was left open, and stays open for other bots.",
        de: "Sitzung „{name}“ blieb offen und bleibt es für andere Bots.",
    }
    run_left_connection(name) {
        en: "Session “{name}” was left open, and has been closed; its token stays with the connection.",
        de: "Sitzung „{name}“ blieb offen und wurde geschlossen; ihr Token bleibt bei der Verbindung.",
    }
    run_left_unrevoked(name) {
        en: "Session “{name}” was left open and could not be closed; its token remains valid until it expires.",
        de: "Sitzung „{name}“ blieb offen und ließ sich nicht schließen; ihr Token bleibt gültig, bis es abläuft.",
    }
    run_replaced(name) {
        en: "Session “{name}” replaces the one of that name.",
        de: "Sitzung „{name}“ ersetzt die bisherige dieses Namens.",
    }
    run_replaced_alive(name) {
        en: "Session “{name}” replaces the one of that name, whose token remains valid until it expires.",
        de: "Sitzung „{name}“ ersetzt die bisherige dieses Namens, deren Token gilt, bis es abläuft.",
    }
    run_reopened(name) {
        en: "The server no longer accepted session “{name}”; it was opened again.",
        de: "Der Server nahm die Sitzung „{name}“ nicht mehr an; sie wurde erneut geöffnet.",
    }
    run_unknown_token {
        en: "A token may have been issued whose response did not arrive in time. It cannot be revoked and remains valid until it expires.",
        de: "Vielleicht wurde noch ein Token ausgestellt, das nicht rechtzeitig ankam. Es lässt sich nicht widerrufen und bleibt gültig, bis es abläuft.",
    }
    run_interrupted(step) { en: "Stopped at step {step}.", de: "Bei Schritt {step} angehalten." }
    run_shut_down { en: "The Control Room was shut down.", de: "Der Control Room wurde beendet." }
    run_left_out(count) {
        en: "{count} more entries are not shown.",
        de: "{count} weitere Einträge werden nicht gezeigt.",
    }
    run_waiting(tries, seconds) {
        en: "Attempt {tries} failed; the next one follows in {seconds} s.",
        de: "Versuch {tries} ist fehlgeschlagen; der nächste folgt in {seconds} s.",
    }
    run_no_control_room {
        en: "The Control Room cannot be read right now. Try again; if the problem persists, ask your operator.",
        de: "Der Control Room lässt sich gerade nicht lesen. Versuchen Sie es noch einmal; besteht das Problem weiter, fragen Sie Ihren Betreiber.",
    }
    run_no_token(name, reason) { en: "“{name}” gave no token. {reason}", de: "„{name}“ gab kein Token. {reason}" }
    run_mistake(field, problem) {
        en: "The bot has a mistake in “{field}”; open it in the editor. ({problem})",
        de: "Der Bot hat einen Fehler in „{field}“; öffnen Sie ihn im Editor. ({problem})",
    }
    run_too_slow {
        en: "There was no response in the allowed time. Try again; if the problem persists, ask your operator.",
        de: "Es kam keine Antwort in der erlaubten Zeit. Versuchen Sie es noch einmal; besteht das Problem weiter, fragen Sie Ihren Betreiber.",
    }
    run_busy {
        en: "Too many actions are running right now. Try again in a moment.",
        de: "Gerade laufen zu viele Aktionen. Versuchen Sie es gleich noch einmal.",
    }
    run_action_stopped(reason) {
        en: "The action failed unexpectedly and was stopped. Ask your operator. ({reason})",
        de: "Die Aktion ist unerwartet fehlgeschlagen und wurde angehalten. Fragen Sie Ihren Betreiber. ({reason})",
    }
    no_such_runs { en: "No run matches.", de: "Kein Lauf passt." }
    all_runs { en: "all", de: "alle" }
    run_not_ended { en: "Not ended", de: "Nicht beendet" }
    run_from { en: "From (UTC)", de: "Von (UTC)" }
    run_to { en: "To (UTC)", de: "Bis (UTC)" }
    run_download { en: "Download the log", de: "Protokoll herunterladen" }
    run_as_text { en: "Text", de: "Text" }
    run_as_json { en: "JSON", de: "JSON" }
    run_action_done { en: "Done.", de: "Erledigt." }
    run_disabled { en: "Skipped: the step is disabled.", de: "Übersprungen: Der Schritt ist deaktiviert." }
    run_outside_audience(session, component) {
        en: "The component {component} must not get the session “{session}”: it can reach hosts that the session is not for. Ask your operator.",
        de: "Die Komponente {component} darf die Sitzung „{session}“ nicht bekommen: Sie kann Hosts erreichen, für die die Sitzung nicht gilt. Fragen Sie Ihren Betreiber.",
    }
    run_bad_output(output) {
        en: "The action returned “{output}”, which does not fit its form. Ask your operator.",
        de: "Die Aktion hat „{output}“ zurückgegeben, was nicht zu ihrem Formular passt. Fragen Sie Ihren Betreiber.",
    }
    run_bad_path(path) {
        en: "“{path}” is not a valid API path. Check the values of its placeholders.",
        de: "„{path}“ ist kein gültiger API-Pfad. Prüfen Sie die Werte der Platzhalter.",
    }
    run_status(host, status) { en: "{host} answered {status}.", de: "{host} antwortete {status}." }
    run_status_401 {
        en: "The session is no longer accepted. Run the bot again.",
        de: "Die Sitzung wird nicht mehr akzeptiert. Führen Sie den Bot noch einmal aus.",
    }
    run_status_403 {
        en: "The OAuth client lacks a permission for this. Ask your Genesys admin.",
        de: "Dem OAuth-Client fehlt dafür eine Berechtigung. Fragen Sie Ihren Genesys-Admin.",
    }
    run_status_404 {
        en: "There is nothing at this path. Check it.",
        de: "Unter diesem Pfad gibt es nichts. Prüfen Sie ihn.",
    }
    run_status_429 {
        en: "There were too many requests. Try again in a minute.",
        de: "Es waren zu viele Anfragen. Versuchen Sie es in einer Minute noch einmal.",
    }
    run_retry_after(seconds) {
        en: "Wait {seconds} s, then try again.",
        de: "Warten Sie {seconds} s, und versuchen Sie es dann noch einmal.",
    }
    run_status_5xx {
        en: "Genesys Cloud has an internal problem. Try again later.",
        de: "Genesys Cloud hat ein internes Problem. Versuchen Sie es später noch einmal.",
    }
    run_status_other { en: "Check the path of the request.", de: "Prüfen Sie den Pfad der Anfrage." }
    run_correlation(id) {
        en: "Correlation id for Genesys’ support: {id}.",
        de: "Correlation-ID für den Support von Genesys: {id}.",
    }
    run_not_json(host) {
        en: "{host} did not answer like the Genesys Cloud API. Check the path, then ask your operator.",
        de: "{host} hat nicht wie die Genesys-Cloud-API geantwortet. Prüfen Sie den Pfad, dann fragen Sie Ihren Betreiber.",
    }
    run_no_name(host) {
        en: "The name {host} was not found. Ask your operator.",
        de: "Der Name {host} wurde nicht gefunden. Fragen Sie Ihren Betreiber.",
    }
    run_no_connect(host) {
        en: "{host} cannot be reached. Try again later, or ask your operator.",
        de: "{host} ist nicht zu erreichen. Versuchen Sie es später noch einmal, oder fragen Sie Ihren Betreiber.",
    }
    run_timed_out(host) {
        en: "{host} did not answer in time. Try again later.",
        de: "{host} hat nicht rechtzeitig geantwortet. Versuchen Sie es später noch einmal.",
    }
    run_broke_off(host) {
        en: "The connection to {host} was interrupted. Try again later.",
        de: "Die Verbindung zu {host} wurde unterbrochen. Versuchen Sie es später noch einmal.",
    }
    run_untrusted(host) {
        en: "{host} could not prove that it belongs to Genesys. Nothing was sent. Ask your operator.",
        de: "{host} konnte nicht nachweisen, dass er zu Genesys gehört. Es wurde nichts gesendet. Fragen Sie Ihren Betreiber.",
    }
    run_not_permitted(host) {
        en: "Connections to {host} are not allowed here. Ask your operator.",
        de: "Verbindungen zu {host} sind hier nicht erlaubt. Fragen Sie Ihren Betreiber.",
    }
    run_network(reason) {
        en: "The request to the API failed. Ask your operator. ({reason})",
        de: "Die Anfrage an die API ist fehlgeschlagen. Fragen Sie Ihren Betreiber. ({reason})",
    }
    network_busy { en: "too many connections are in use", de: "es sind zu viele Verbindungen offen" }
    network_not_http(host) {
        en: "the response of {host} is not valid HTTP",
        de: "die Antwort von {host} ist kein gültiges HTTP",
    }
    network_too_large(host) { en: "the response of {host} is too large", de: "die Antwort von {host} ist zu groß" }
    network_not_granted(host) {
        en: "such a request to {host} is not granted",
        de: "eine solche Anfrage an {host} ist nicht erlaubt",
    }
    network_not_sent { en: "the request could not be sent", de: "die Anfrage ließ sich nicht senden" }
    run_unreadable_value {
        en: "the value in the bot file is not valid",
        de: "der Wert in der Bot-Datei ist nicht gültig",
    }
}
