//! Messages of the list of bots and of the editor.

bot_engine::messages! {
    search { en: "Search", de: "Suchen" }
    search_bots { en: "Search bots by name", de: "Bots nach Namen suchen" }
    new_bot { en: "Create bot", de: "Bot erstellen" }
    new_bot_name { en: "Name of the new bot", de: "Name des neuen Bots" }
    import { en: "Import", de: "Importieren" }
    import_bot { en: "Import a bot file", de: "Bot-Datei importieren" }
    import_advice {
        en: "Choose a file, or paste its text. Mistakes in its steps are shown in the editor.",
        de: "Wählen Sie eine Datei, oder fügen Sie ihren Text ein. Fehler in ihren Schritten zeigt der Editor.",
    }
    choose_file { en: "Bot file", de: "Bot-Datei" }
    file_text { en: "Text of the bot file", de: "Text der Bot-Datei" }
    name { en: "Name", de: "Name" }
    changed { en: "Changed", de: "Geändert" }
    actions_of { en: "Available actions", de: "Verfügbare Aktionen" }
    duplicate { en: "Duplicate", de: "Duplizieren" }
    export { en: "Export", de: "Exportieren" }
    test_step { en: "Test this step", de: "Diesen Schritt testen" }
    delete { en: "Delete", de: "Löschen" }
    copy_of(name) { en: "{name} (copy)", de: "{name} (Kopie)" }
    first_steps { en: "First steps", de: "Erste Schritte" }
    first_steps_advice {
        en: "What you have done is ticked off. The list disappears once one of your bots has run successfully, also in a test.",
        de: "Erledigtes wird abgehakt. Die Liste verschwindet, sobald einer Ihrer Bots erfolgreich gelaufen ist, auch in einem Test.",
    }
    first_step_1 { en: "Sign in to the Control Room.", de: "Melden Sie sich beim Control Room an." }
    first_step_2 { en: "Create a bot.", de: "Erstellen Sie einen Bot." }
    first_step_3 {
        en: "Place Genesys > Authentication > OAuth authenticate under Start.",
        de: "Platzieren Sie Genesys > Authentifizierung > OAuth-Authentifizierung unter Start.",
    }
    first_step_4 { en: "Choose the authentication type.", de: "Wählen Sie den Authentifizierungstyp." }
    first_step_5 {
        en: "With client credentials: enter the URL of the environment, the client ID and the client secret.",
        de: "Mit Client-Anmeldedaten: Geben Sie die URL der Umgebung, die Client-ID und den geheimen Clientschlüssel ein.",
    }
    first_step_6 {
        en: "With an OAuth connection: an administrator adds an OAuth client in Genesys Cloud and creates the connection with it. Then sign in to it.",
        de: "Mit einer OAuth-Verbindung: Ein Administrator fügt in Genesys Cloud einen OAuth-Client hinzu und erstellt damit die Verbindung. Melden Sie sich dann bei ihr an.",
    }
    first_step_7 { en: "Choose the connection.", de: "Wählen Sie die Verbindung." }
    first_step_8 {
        en: "Enter the session name, or keep “Default”.",
        de: "Geben Sie den Sitzungsnamen ein, oder behalten Sie „Default“ bei.",
    }
    first_step_9 { en: "Run the bot.", de: "Führen Sie den Bot aus." }
    step_done { en: "done", de: "erledigt" }
    step_not_needed { en: "not needed for the chosen type", de: "für den gewählten Typ nicht nötig" }
    first_bot { en: "Create an example bot", de: "Beispiel-Bot erstellen" }
    first_bot_name { en: "Hello Genesys", de: "Hallo Genesys" }
    first_bot_message { en: "Hello, {organization.name}!", de: "Hallo, {organization.name}!" }
    no_bots {
        en: "You have no bots yet. Create one, or import a bot file.",
        de: "Sie haben noch keine Bots. Erstellen Sie einen, oder importieren Sie eine Bot-Datei.",
    }
    counted(first, last, total) { en: "{first} to {last} of {total}", de: "{first} bis {last} von {total}" }
    previous { en: "Previous page", de: "Vorige Seite" }
    next { en: "Next page", de: "Nächste Seite" }
    pages { en: "Pages of the list", de: "Seiten der Liste" }
    delete_question(name) { en: "Delete the bot “{name}”?", de: "Den Bot „{name}“ löschen?" }
    delete_advice {
        en: "Its versions and the logs of its runs are deleted as well. This cannot be undone. Export the bot first if you may need it again.",
        de: "Seine Versionen und die Protokolle seiner Läufe werden ebenfalls gelöscht. Das lässt sich nicht rückgängig machen. Exportieren Sie den Bot vorher, wenn Sie ihn vielleicht noch brauchen.",
    }
    bad_bot_name {
        en: "A name has 1 to 100 characters, and no line breaks.",
        de: "Ein Name hat 1 bis 100 Zeichen und keine Zeilenumbrüche.",
    }
    not_json(reason) { en: "This is not JSON: {reason}", de: "Das ist kein JSON: {reason}" }
    file_too_large { en: "A bot file has at most 1 MiB.", de: "Eine Bot-Datei hat höchstens 1 MiB." }
    no_steps {
        en: "A bot file has a list named “steps” with at most 1000 objects.",
        de: "Eine Bot-Datei hat eine Liste namens „steps“ mit höchstens 1000 Objekten.",
    }

    actions { en: "Actions", de: "Aktionen" }
    variables { en: "Variables", de: "Variablen" }
    new_variable { en: "New variable …", de: "Neue Variable …" }
    search_actions { en: "Search actions", de: "Aktionen suchen" }
    flow { en: "Bot flow", de: "Bot-Ablauf" }
    start { en: "Start", de: "Start" }
    show_problems { en: "Show mistakes", de: "Fehler anzeigen" }
    edit_steps { en: "Edit the steps", de: "Schritte bearbeiten" }
    undo { en: "Undo", de: "Rückgängig" }
    redo { en: "Redo", de: "Wiederholen" }
    duplicate_step { en: "Duplicate", de: "Duplizieren" }
    copy_step { en: "Copy", de: "Kopieren" }
    cut_step { en: "Cut", de: "Ausschneiden" }
    paste_step { en: "Paste", de: "Einfügen" }
    disable_step { en: "Disable", de: "Deaktivieren" }
    step_form { en: "Step", de: "Schritt" }
    bot_name { en: "Name of the bot", de: "Name des Bots" }
    save { en: "Save", de: "Speichern" }
    versions { en: "Versions", de: "Versionen" }
    versions_of(name) { en: "Versions of “{name}”", de: "Versionen von „{name}“" }
    versions_advice {
        en: "A bot is saved automatically while you edit it. A new version begins ten minutes after the last one began, and after each “Save” and “Run”.",
        de: "Ein Bot wird beim Bearbeiten automatisch gespeichert. Eine neue Version beginnt zehn Minuten nach dem Beginn der letzten und nach jedem „Speichern“ und „Ausführen“.",
    }
    version_saved { en: "Saved", de: "Gespeichert" }
    version_by { en: "By", de: "Von" }
    version_changes { en: "Changes", de: "Änderungen" }
    version_current { en: "(current version)", de: "(aktuelle Version)" }
    version_is_current { en: "This is the current version.", de: "Das ist die aktuelle Version." }
    version_is_first { en: "oldest version", de: "älteste Version" }
    version_same { en: "nothing", de: "nichts" }
    version_other {
        en: "description, variables or settings",
        de: "Beschreibung, Variablen oder Einstellungen",
    }
    version_renamed(name) { en: "renamed to “{name}”", de: "umbenannt in „{name}“" }
    version_step_changed(n) { en: "step {n} changed", de: "Schritt {n} geändert" }
    version_steps_changed(first, last) { en: "steps {first} to {last} changed", de: "Schritte {first} bis {last} geändert" }
    version_step_added(n) { en: "step {n} added", de: "Schritt {n} hinzugefügt" }
    version_steps_added(count) { en: "{count} steps added", de: "{count} Schritte hinzugefügt" }
    version_step_removed { en: "1 step removed", de: "1 Schritt entfernt" }
    version_steps_removed(count) { en: "{count} steps removed", de: "{count} Schritte entfernt" }
    version_of(saved, name) { en: "“{name}” as saved {saved}", de: "„{name}“, gespeichert {saved}" }
    version_then(saved) { en: "Version of {saved}", de: "Version von {saved}" }
    version_now { en: "Current version", de: "Aktuelle Version" }
    all_versions { en: "All versions", de: "Alle Versionen" }
    back_to_editor { en: "Open the editor", de: "Editor öffnen" }
    restore { en: "Restore this version", de: "Diese Version wiederherstellen" }
    restore_advice {
        en: "The differences are marked. If you restore this version, the current one stays in the list.",
        de: "Die Unterschiede sind markiert. Wenn Sie diese Version wiederherstellen, bleibt die aktuelle in der Liste.",
    }
    no_script {
        en: "The editor needs JavaScript. Without it, export the bot file, change it, and import it.",
        de: "Der Editor braucht JavaScript. Ohne können Sie die Bot-Datei exportieren, ändern und importieren.",
    }
}
