//! Messages of the editor's scripts, which fill in the placeholders themselves.

use bot_engine::Language;

macro_rules! script_messages {
    ($($name:ident { en: $english:literal, de: $german:literal $(,)? })*) => {
        /// All of them by name, for `data-texts`.
        pub(crate) fn all(language: Language) -> serde_json::Map<String, serde_json::Value> {
            let messages = match language {
                Language::English => [$((stringify!($name), $english)),*],
                Language::German => [$((stringify!($name), $german)),*],
            };
            messages.map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect()
        }
    };
}

script_messages! {
    emptyFlow {
        en: "Drop an action here, or press one in the list.",
        de: "Ziehen Sie eine Aktion hierher, oder drücken Sie auf eine in der Liste.",
    }
    noStep { en: "Choose a step to fill in its form.", de: "Wählen Sie einen Schritt, um sein Formular auszufüllen." }
    noAction { en: "No action has a matching name.", de: "Keine Aktion hat einen passenden Namen." }
    unknownAction { en: "Unknown action", de: "Unbekannte Aktion" }
    unknownAdvice { en: "This step is kept as it is.", de: "Dieser Schritt bleibt, wie er ist." }
    moveUp { en: "Move up: {step}", de: "Nach oben: {step}" }
    moveDown { en: "Move down: {step}", de: "Nach unten: {step}" }
    remove { en: "Remove: {step}", de: "Entfernen: {step}" }
    stepLabel { en: "{n}. {label}", de: "{n}. {label}" }
    added { en: "{label} is step {n} now.", de: "{label} ist jetzt Schritt {n}." }
    removed { en: "{label} was removed.", de: "{label} wurde entfernt." }
    undo { en: "Undo", de: "Rückgängig" }
    disabledStep { en: "{step} (disabled)", de: "{step} (deaktiviert)" }
    copiedStep { en: "{label} was copied.", de: "{label} wurde kopiert." }
    nothingToPaste {
        en: "There is no step on the clipboard. Copy one here or in another bot first.",
        de: "In der Zwischenablage ist kein Schritt. Kopieren Sie erst einen, hier oder in einem anderen Bot.",
    }
    noClipboard {
        en: "The browser does not allow access to the clipboard. Use Ctrl+C, Ctrl+X or Ctrl+V on a step instead.",
        de: "Der Browser erlaubt keinen Zugriff auf die Zwischenablage. Verwenden Sie stattdessen Strg+C, Strg+X oder Strg+V auf einem Schritt.",
    }
    remarks { en: "Name and comment", de: "Name und Kommentar" }
    stepName { en: "Name of the step", de: "Name des Schritts" }
    comment { en: "Comment", de: "Kommentar" }
    keys {
        en: "Alt+arrow moves a step, Delete removes it. Ctrl+C, Ctrl+X, Ctrl+V: copy, cut, paste. Ctrl+Z, Ctrl+Y: undo, redo.",
        de: "Alt+Pfeiltaste verschiebt einen Schritt, Entf entfernt ihn. Strg+C, Strg+X, Strg+V: kopieren, ausschneiden, einfügen. Strg+Z, Strg+Y: rückgängig machen, wiederholen.",
    }
    oneMistake { en: "1 mistake", de: "1 Fehler" }
    mistakes { en: "{n} mistakes", de: "{n} Fehler" }
    noMistakes { en: "No mistakes", de: "Keine Fehler" }
    saved { en: "Saved", de: "Gespeichert" }
    unsaved { en: "Not saved yet", de: "Noch nicht gespeichert" }
    saving { en: "Saving …", de: "Wird gespeichert …" }
    saveFailed {
        en: "Not saved: the Control Room does not respond. It is tried again. Until then your changes are kept in this browser, except secrets.",
        de: "Nicht gespeichert: Der Control Room antwortet nicht. Es wird weiter versucht. Bis dahin sind Ihre Änderungen in diesem Browser aufgehoben, außer Geheimnissen.",
    }
    signedOut {
        en: "Not saved: you are signed out. Sign in again in another tab, and it is saved here. Until then your changes are kept in this browser, except secrets.",
        de: "Nicht gespeichert: Sie sind abgemeldet. Melden Sie sich in einem anderen Tab wieder an, dann wird hier gespeichert. Bis dahin sind Ihre Änderungen in diesem Browser aufgehoben, außer Geheimnissen.",
    }
    notAccepted {
        en: "Not saved: the Control Room does not accept this bot. Export it, and ask your operator.",
        de: "Nicht gespeichert: Der Control Room nimmt diesen Bot nicht an. Exportieren Sie ihn, und fragen Sie Ihren Betreiber.",
    }
    savingPaused {
        en: "Nothing is saved by itself until you press “Save” and choose a version.",
        de: "Es wird nichts von selbst gespeichert, bis Sie auf „Speichern“ klicken und eine Version wählen.",
    }
    draftRestored {
        en: "Changes that had not been saved are back. Typed secrets may be missing: they are not kept in the browser.",
        de: "Nicht gespeicherte Änderungen sind wieder da. Eingetippte Geheimnisse können fehlen: Sie bleiben nicht im Browser.",
    }
    notChecked { en: "Not checked: no answer", de: "Nicht geprüft: keine Antwort" }
    notLoaded {
        en: "The list cannot be loaded now: you are signed out, or the Control Room does not respond.",
        de: "Die Liste lässt sich gerade nicht laden: Sie sind abgemeldet, oder der Control Room antwortet nicht.",
    }
    otherUser {
        en: "Not saved: somebody else has signed in to this browser.",
        de: "Nicht gespeichert: In diesem Browser hat sich jemand anderes angemeldet.",
    }
    gone {
        en: "Not saved: the bot was deleted meanwhile. Save it as a new bot, or export it.",
        de: "Nicht gespeichert: Der Bot wurde inzwischen gelöscht. Speichern Sie ihn als neuen Bot, oder exportieren Sie ihn.",
    }
    signIn { en: "Sign in", de: "Anmelden" }
    credential { en: "Credential", de: "Anmeldedaten" }
    variable { en: "Variable", de: "Variable" }
    insecure { en: "Insecure string", de: "Unsichere Zeichenfolge" }
    sourceOf { en: "Where the value comes from: {label}", de: "Woher der Wert kommt: {label}" }
    locker { en: "Locker", de: "Locker" }
    attribute { en: "Attribute", de: "Attribut" }
    choose { en: "Choose …", de: "Auswählen …" }
    searchCredential { en: "Type to search", de: "Zum Suchen tippen" }
    noLockers {
        en: "There is no locker that you may use. Ask an administrator for one.",
        de: "Es gibt keinen Locker, den Sie verwenden dürfen. Bitten Sie einen Administrator darum.",
    }
    noConnections {
        en: "There is no OAuth connection that you may use. Ask an administrator for one.",
        de: "Es gibt keine OAuth-Verbindung, die Sie verwenden dürfen. Bitten Sie einen Administrator darum.",
    }
    offeredConnection { en: "{name}: {state} ({provider})", de: "{name}: {state} ({provider})" }
    variableHelp {
        en: "The value of a credential variable is never shown.",
        de: "Der Wert einer Anmeldedaten-Variablen wird nie angezeigt.",
    }
    insecureHelp {
        en: "Stored in the bot without encryption: everybody who sees the bot can read it.",
        de: "Die Zeichenfolge steht unverschlüsselt im Bot, und jeder, der den Bot sieht, kann sie lesen.",
    }
    optional { en: "optional", de: "optional" }
    conflict { en: "Somebody has saved this bot meanwhile", de: "Jemand hat diesen Bot inzwischen gespeichert" }
    conflictAdvice {
        en: "Nothing is lost: choose what to keep. The differences are marked.",
        de: "Es ist nichts verloren: Wählen Sie, was bleiben soll. Die Unterschiede sind markiert.",
    }
    mine { en: "Your version", de: "Ihre Version" }
    theirs { en: "The saved version", de: "Die gespeicherte Version" }
    keepMine { en: "Overwrite with mine", de: "Mit meiner überschreiben" }
    takeTheirs { en: "Use the saved version", de: "Gespeicherte Version übernehmen" }
    asCopy { en: "Save mine as a copy", de: "Meine als Kopie speichern" }
    goOn { en: "Continue editing", de: "Weiter bearbeiten" }
    copyOf { en: "{name} (copy)", de: "{name} (Kopie)" }
}
