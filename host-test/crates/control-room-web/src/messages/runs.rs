//! Messages of runs.

bot_engine::messages! {
    run { en: "Run", de: "Ausführen" }
    inputs_of(name) { en: "Run “{name}”", de: "„{name}“ ausführen" }
    inputs_advice {
        en: "Enter the inputs of the bot. They are for this run only.",
        de: "Geben Sie die Eingaben des Bots an. Sie gelten nur für diesen Lauf.",
    }
    input_missing { en: "Enter a value.", de: "Geben Sie einen Wert ein." }
    input_number {
        en: "Enter a number, such as 25 or 0.5.",
        de: "Geben Sie eine Zahl ein, etwa 25 oder 0,5.",
    }
    input_stored {
        en: "If you leave the field empty, the value in the locker is used.",
        de: "Bleibt das Feld leer, gilt der Wert im Locker.",
    }
    choose { en: "Choose …", de: "Auswählen …" }
    yes { en: "Yes", de: "Ja" }
    no { en: "No", de: "Nein" }
    run_variable(name) { en: "Variable “{name}”:", de: "Variable „{name}“:" }
    runs { en: "Runs", de: "Läufe" }
    no_runs {
        en: "No bot has run yet. Open one, and press Run.",
        de: "Es ist noch kein Bot gelaufen. Öffnen Sie einen, und drücken Sie auf Ausführen.",
    }
    run_bot { en: "Bot", de: "Bot" }
    run_user { en: "User", de: "Benutzer" }
    run_all_users { en: "all users", de: "alle Benutzer" }
    run_no_logs {
        en: "Without logs: only the user of a run sees its log.",
        de: "Ohne Protokolle: Das Protokoll eines Laufs sieht nur sein Benutzer.",
    }
    run_text { en: "Text in the log", de: "Text im Protokoll" }
    run_state { en: "State", de: "Zustand" }
    run_began { en: "Started", de: "Begonnen" }
    run_took { en: "Duration", de: "Dauer" }
    run_stop { en: "Stop", de: "Anhalten" }
    run_again { en: "Run again", de: "Noch einmal ausführen" }
    run_edit { en: "Edit bot", de: "Bot bearbeiten" }
    run_running { en: "Running", de: "Läuft" }
    run_working { en: "The bot is at work …", de: "Der Bot arbeitet …" }
    run_unknown { en: "Unknown", de: "Unbekannt" }
    run_outcome_done { en: "Done", de: "Fertig" }
    run_outcome_failed { en: "Failed", de: "Fehlgeschlagen" }
    run_outcome_stopped { en: "Stopped", de: "Angehalten" }
    run_outcome_lost { en: "Lost", de: "Verloren" }
    workers { en: "Workers", de: "Worker" }
    no_workers {
        en: "There are no workers. `bot-runner worker` starts one.",
        de: "Es sind keine Worker vorhanden. `bot-runner worker` startet einen.",
    }
    worker_queue { en: "Queue", de: "Warteschlange" }
    worker_queue_empty { en: "Nothing is queued.", de: "Es ist nichts eingereiht." }
    worker_pool { en: "Pool", de: "Pool" }
    worker_waiting { en: "Waiting", de: "Wartend" }
    worker_running { en: "Running", de: "Laufend" }
    worker_slots { en: "Runs at once", de: "Läufe gleichzeitig" }
    worker_version { en: "Version", de: "Version" }
    worker_started { en: "Started", de: "Gestartet" }
    worker_seen { en: "Last seen", de: "Zuletzt gesehen" }
    run_queued { en: "Queued", de: "In der Warteschlange" }
    run_worker { en: "Worker", de: "Worker" }
    run_lost_at(step) {
        en: "The worker of this run died, or lost its connection to the database, after step {step} had begun. It is not known whether that step was completed, so the run is not started again. Check in Genesys Cloud what it changed.",
        de: "Der Worker dieses Laufs ist ausgefallen oder hat die Datenbank nicht mehr erreicht, nachdem Schritt {step} begonnen hatte. Ob dieser Schritt abgeschlossen wurde, ist nicht bekannt, daher beginnt der Lauf nicht neu. Prüfen Sie in Genesys Cloud, was er geändert hat.",
    }
    run_lost_again {
        en: "The workers of this run kept dying before any step that changes something, or a backup from before the end of the run was restored. The run is not started again. If a backup was restored, check in Genesys Cloud what the run changed.",
        de: "Die Worker dieses Laufs sind immer wieder vor einem Schritt ausgefallen, der etwas ändert, oder es wurde eine Sicherung wiederhergestellt, die vor dem Ende des Laufs erstellt wurde. Er beginnt nicht noch einmal. Wurde eine Sicherung wiederhergestellt, prüfen Sie in Genesys Cloud, was der Lauf geändert hat.",
    }
    run_worker_ended {
        en: "The worker was shut down. The run had begun a step that changes something, so it is not started again.",
        de: "Der Worker wurde beendet. Da der Lauf einen Schritt begonnen hat, der etwas ändert, beginnt er nicht neu.",
    }
    run_other_component(component) {
        en: "The worker does not have the component “{component}” with which the bot was queued, or another version of it. Ask your operator.",
        de: "Der Worker hat die Komponente „{component}“ nicht, mit der der Bot eingereiht wurde, oder eine andere Version davon. Fragen Sie Ihren Betreiber.",
    }
    run_not_permitted {
        en: "The user of this run can no longer sign in, or what was queued cannot be read.",
        de: "Der Benutzer dieses Laufs kann sich nicht mehr anmelden, oder was eingereiht wurde, ist nicht lesbar.",
    }
    run_outcome_cut_off { en: "Cut off", de: "Abgebrochen" }
    run_cut_off {
        en: "The Control Room ended during this run, so it is not known how far the run got. A session that it had opened remains valid until it expires.",
        de: "Der Control Room wurde während dieses Laufs beendet, daher ist nicht bekannt, wie weit der Lauf kam. Eine Sitzung, die er geöffnet hatte, bleibt gültig, bis sie abläuft.",
    }
    run_no_script {
        en: "Without JavaScript, this page does not update itself: reload it.",
        de: "Ohne JavaScript aktualisiert sich diese Seite nicht von selbst: Laden Sie sie neu.",
    }
    run_disconnected {
        en: "No longer connected to the Control Room, so the state of the bot is unknown. Reconnecting …",
        de: "Die Verbindung zum Control Room ist abgebrochen, daher ist der Zustand des Bots unbekannt. Die Verbindung wird wieder aufgebaut …",
    }
    run_signed_out {
        en: "You are signed out. Sign in to see how the run continued.",
        de: "Sie sind abgemeldet. Melden Sie sich an, um zu sehen, wie der Lauf weiterging.",
    }
    runs_disconnected {
        en: "This list is not current: it cannot be loaded.",
        de: "Diese Liste ist nicht aktuell: Sie lässt sich nicht laden.",
    }
    runs_signed_out {
        en: "This list is not current: you are signed out.",
        de: "Diese Liste ist nicht aktuell: Sie sind abgemeldet.",
    }
    run_log { en: "Log", de: "Protokoll" }
    run_warning { en: "Warning", de: "Warnung" }
    run_done { en: "Done", de: "Fertig" }
    run_failed { en: "Failed", de: "Fehler" }
    run_waits { en: "Waits", de: "Wartet" }
    run_note { en: "Note", de: "Hinweis" }
    run_stopped { en: "Stopped", de: "Angehalten" }
    run_time { en: "Time", de: "Zeit" }
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
    run_mistakes {
        en: "Nothing has run: the bot has mistakes. Correct them first.",
        de: "Es ist nichts gelaufen: Der Bot hat Fehler. Berichtigen Sie diese zuerst.",
    }
    too_many_runs { en: "Too many runs", de: "Zu viele Läufe" }
    too_many_runs_advice {
        en: "Too many of your bots are running or queued. Wait until a run has ended, or stop one. Nothing was started.",
        de: "Zu viele Ihrer Bots laufen oder sind eingereiht. Warten Sie, bis ein Lauf zu Ende ist, oder halten Sie einen an. Es wurde nichts gestartet.",
    }
    to_runs { en: "To the runs", de: "Zu den Läufen" }

    run_shut_down { en: "The Control Room was shut down.", de: "Der Control Room wurde beendet." }
    run_left_out(count) {
        en: "{count} more entries are not shown.",
        de: "{count} weitere Einträge werden nicht gezeigt.",
    }
    run_mistake(field, problem) {
        en: "The bot has a mistake in “{field}”; open it in the editor. ({problem})",
        de: "Der Bot hat einen Fehler in „{field}“; öffnen Sie ihn im Editor. ({problem})",
    }
    no_such_runs { en: "No runs match the filter.", de: "Keine Läufe entsprechen dem Filter." }
    all_runs { en: "all", de: "alle" }
    run_not_ended { en: "Not ended", de: "Nicht beendet" }
    run_from { en: "From", de: "Von" }
    run_to { en: "To", de: "Bis" }
    test { en: "Test", de: "Test" }
    test_of(name, step) { en: "{name} (test to step {step})", de: "{name} (Test bis Schritt {step})" }
    test_of_steps(step) {
        en: "Runs the steps up to step {step}, as they were in the editor.",
        de: "Führt die Schritte bis Schritt {step} aus, wie sie im Editor standen.",
    }
    test_mistakes {
        en: "Nothing has run: the steps up to the selected one have mistakes. Correct them first.",
        de: "Es ist nichts gelaufen: Die Schritte bis zum gewählten haben Fehler. Berichtigen Sie diese zuerst.",
    }
    run_download { en: "Download the log", de: "Protokoll herunterladen" }
    run_as_text { en: "Text", de: "Text" }
    run_as_json { en: "JSON", de: "JSON" }
}
