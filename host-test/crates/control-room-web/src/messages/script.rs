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
    learn { en: "Learn more about this action", de: "Mehr über diese Aktion" }
    noAction { en: "No action matches the search.", de: "Keine Aktion passt zur Suche." }
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
        en: "Not saved: the Control Room does not respond. The save is retried automatically.",
        de: "Nicht gespeichert: Der Control Room antwortet nicht. Der Versuch wird automatisch wiederholt.",
    }
    keptInBrowser {
        en: "Until then, your changes are kept in this browser, except secrets.",
        de: "Bis dahin bleiben Ihre Änderungen in diesem Browser gespeichert, außer Geheimnissen.",
    }
    keptInTab {
        en: "Until then, your changes are in this tab only: leave it open.",
        de: "Bis dahin stehen Ihre Änderungen nur in diesem Tab: Lassen Sie ihn offen.",
    }
    signedOut {
        en: "Not saved: you are signed out. Sign in again in another tab; the bot is then saved here.",
        de: "Nicht gespeichert: Sie sind abgemeldet. Melden Sie sich in einem anderen Tab wieder an, dann wird der Bot hier gespeichert.",
    }
    notAccepted {
        en: "Not saved: the Control Room does not accept this bot. Export it, and ask your operator.",
        de: "Nicht gespeichert: Der Control Room nimmt diesen Bot nicht an. Exportieren Sie ihn, und fragen Sie Ihren Betreiber.",
    }
    savingPaused {
        en: "Automatic saving is paused until you press “Save” and choose a version.",
        de: "Das automatische Speichern ist angehalten, bis Sie auf „Speichern“ klicken und eine Version wählen.",
    }
    draftRestored {
        en: "Unsaved changes were restored. Secrets that you typed may be missing: they are not kept in the browser.",
        de: "Nicht gespeicherte Änderungen wurden wiederhergestellt. Eingegebene Geheimnisse können fehlen: Sie werden nicht im Browser gespeichert.",
    }
    notChecked { en: "Not checked", de: "Nicht geprüft" }
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
    signInTo { en: "Sign in to it …", de: "Dort anmelden …" }
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
    noLockersYet {
        en: "There is no locker that you may use yet. “New credential …” creates one.",
        de: "Es gibt noch keinen Locker, den Sie verwenden dürfen. „Neue Anmeldedaten …“ erstellt einen.",
    }
    noConnectionsYet {
        en: "There is no OAuth connection that you may use yet. “New connection …” creates one.",
        de: "Es gibt noch keine OAuth-Verbindung, die Sie verwenden dürfen. „Neue Verbindung …“ erstellt eine.",
    }
    newCredential { en: "New credential …", de: "Neue Anmeldedaten …" }
    newCredentialTitle { en: "New credential", de: "Neue Anmeldedaten" }
    newLocker { en: "New locker …", de: "Neuer Locker …" }
    newLockerName { en: "Name of the new locker", de: "Name des neuen Lockers" }
    lockerRoles { en: "Roles whose users may use it in bots", de: "Rollen, deren Benutzer ihn in Bots verwenden dürfen" }
    credentialName { en: "Name of the credential", de: "Name der Anmeldedaten" }
    value { en: "Value", de: "Wert" }
    valueHint {
        en: "Values are never shown again. The field that you came from needs a value; another attribute is created only if you enter its value.",
        de: "Werte werden nie wieder angezeigt. Das Feld, von dem Sie kommen, braucht einen Wert; ein weiteres Attribut wird nur erstellt, wenn Sie seinen Wert eingeben.",
    }
    createCredential { en: "Create and pick", de: "Erstellen und auswählen" }
    newConnection { en: "New connection …", de: "Neue Verbindung …" }
    newConnectionTitle { en: "New OAuth connection", de: "Neue OAuth-Verbindung" }
    connectionName { en: "Connection name", de: "Name der Verbindung" }
    environment { en: "Genesys Cloud environment", de: "Genesys-Cloud-Umgebung" }
    environmentHint {
        en: "Such as mypurecloud.de or https://apps.mypurecloud.de.",
        de: "Etwa mypurecloud.de oder https://apps.mypurecloud.de.",
    }
    callbackUrl { en: "Callback URL", de: "Callback-URL" }
    callbackHint {
        en: "In Genesys Cloud, give the OAuth client the grant type Code Authorization, and add this address as an authorized redirect URI.",
        de: "Geben Sie dem OAuth-Client in Genesys Cloud den Gewährungstyp Code-Autorisierung, und fügen Sie diese Adresse als autorisierte Umleitungs-URI hinzu.",
    }
    clientId { en: "Client ID", de: "Client-ID" }
    clientSecret { en: "Client secret", de: "Geheimer Clientschlüssel" }
    clientSecretHint { en: "It is never shown again.", de: "Er wird nie wieder angezeigt." }
    connectionRoles { en: "Roles whose users may use it", de: "Rollen, deren Benutzer sie verwenden dürfen" }
    tokenShared {
        en: "All users of the connection will share the token, as chosen in the field “Token” of the step.",
        de: "Alle Benutzer der Verbindung teilen sich das Token, wie im Feld „Token“ des Schritts gewählt.",
    }
    tokenOwn {
        en: "The token will be for you alone, as chosen in the field “Token” of the step.",
        de: "Das Token ist nur für Sie, wie im Feld „Token“ des Schritts gewählt.",
    }
    createConnection { en: "Create and sign in", de: "Erstellen und anmelden" }
    copy { en: "Copy", de: "Kopieren" }
    copied { en: "Copied", de: "Kopiert" }
    creationSignedOut {
        en: "Nothing was created: you are signed out. Sign in again in another tab, then try again. What you entered stays here.",
        de: "Es wurde nichts erstellt: Sie sind abgemeldet. Melden Sie sich in einem anderen Tab wieder an, und versuchen Sie es noch einmal. Ihre Eingaben bleiben hier stehen.",
    }
    creationRefused {
        en: "Nothing was created: you are no longer an administrator, somebody else has signed in to this browser, or a text is too long.",
        de: "Es wurde nichts erstellt: Sie haben die Rolle administrator nicht mehr, in diesem Browser hat sich jemand anderes angemeldet, oder ein Text ist zu lang.",
    }
    creationFailed {
        en: "The Control Room does not respond. Try again. What you entered stays here.",
        de: "Der Control Room antwortet nicht. Versuchen Sie es noch einmal. Ihre Eingaben bleiben hier stehen.",
    }
    variableHelp {
        en: "A variable has its value in the bot, or gets it when the bot starts. The value of a credential variable is never shown.",
        de: "Eine Variable hat ihren Wert im Bot oder bekommt ihn beim Start. Der Wert einer Anmeldedaten-Variablen wird nie angezeigt.",
    }
    insecureHelp {
        en: "Stored in the bot without encryption: everybody who sees the bot can read it.",
        de: "Die Zeichenfolge steht unverschlüsselt im Bot, und jeder, der den Bot sieht, kann sie lesen.",
    }
    variables { en: "Variables", de: "Variablen" }
    ofThisBot { en: "In this bot", de: "In diesem Bot" }
    ofAllBots { en: "For all bots", de: "Für alle Bots" }
    newVariable { en: "New variable", de: "Neue Variable" }
    addVariable { en: "New variable …", de: "Neue Variable …" }
    variableTitle { en: "Variable “{name}”", de: "Variable „{name}“" }
    variableName { en: "Name", de: "Name" }
    variableType { en: "Type", de: "Typ" }
    variableValue { en: "Value", de: "Wert" }
    variableDescription { en: "Description", de: "Beschreibung" }
    textType { en: "Text", de: "Text" }
    numberType { en: "Number", de: "Zahl" }
    booleanType { en: "Yes or no", de: "Ja oder nein" }
    credentialType { en: "Credential variable", de: "Anmeldedaten-Variable" }
    isInput { en: "input", de: "Eingabe" }
    askForInput { en: "Input", de: "Eingabe" }
    askForInputHelp {
        en: "Whoever runs or tests the bot enters the value before the first step.",
        de: "Wer den Bot ausführt oder testet, gibt den Wert vor dem ersten Schritt ein.",
    }
    inputDefault { en: "Default value (optional)", de: "Vorgabewert (optional)" }
    inputStored {
        en: "If you leave the field empty, the value in the locker is used.",
        de: "Bleibt das Feld leer, gilt der Wert im Locker.",
    }
    yes { en: "Yes", de: "Ja" }
    no { en: "No", de: "Nein" }
    badVariableName {
        en: "Enter a name without braces, brackets and dots.",
        de: "Geben Sie einen Namen ohne Klammern und Punkte ein.",
    }
    variableExists {
        en: "There already is a variable or an output of this name.",
        de: "Es gibt bereits eine Variable oder eine Ausgabe mit diesem Namen.",
    }
    notANumber { en: "Enter a number, such as 25 or 0.5.", de: "Geben Sie eine Zahl ein, etwa 25 oder 0,5." }
    tooManyDigits {
        en: "A number with so many digits cannot be stored exactly. Choose the type “Text”.",
        de: "Eine Zahl mit so vielen Ziffern lässt sich nicht genau speichern. Wählen Sie den Typ „Text“.",
    }
    notChosen { en: "Choose yes or no.", de: "Wählen Sie ja oder nein." }
    incompleteCredential {
        en: "Choose a locker, a credential and an attribute.",
        de: "Wählen Sie Locker, Anmeldedaten und Attribut.",
    }
    usedBy { en: "Used by: {steps}", de: "Verwendet in: {steps}" }
    addThisVariable { en: "Add variable", de: "Variable hinzufügen" }
    applyVariable { en: "Apply", de: "Übernehmen" }
    removeVariable { en: "Remove", de: "Entfernen" }
    followed { en: "{n} steps use the new name.", de: "{n} Schritte verwenden den neuen Namen." }
    followedOne { en: "1 step uses the new name.", de: "1 Schritt verwendet den neuen Namen." }
    inputs { en: "Inputs of the bot", de: "Eingaben des Bots" }
    optional { en: "optional", de: "optional" }
    run { en: "Run", de: "Ausführen" }
    test { en: "Test", de: "Testen" }
    testToHere { en: "Test to here", de: "Bis hier testen" }
    testStepNeeds {
        en: "To test this step alone, first test the steps that it needs: {steps}.",
        de: "Um nur diesen Schritt zu testen, testen Sie zuerst die Schritte, die er braucht: {steps}.",
    }
    testSignIn { en: "Test sign-in", de: "Anmeldung testen" }
    starts { en: "Starting …", de: "Wird gestartet …" }
    stops { en: "Stopping …", de: "Wird angehalten …" }
    outdated { en: "The bot has changed since.", de: "Der Bot wurde seitdem geändert." }
    notSaved { en: "Nothing has run: the bot is not saved.", de: "Es ist nichts gelaufen: Der Bot ist nicht gespeichert." }
    runFailed {
        en: "The Control Room does not respond. “Runs” shows whether the bot has started; look there before you try again.",
        de: "Der Control Room antwortet nicht. „Läufe“ zeigt, ob der Bot begonnen hat; sehen Sie dort nach, bevor Sie es noch einmal versuchen.",
    }
    testFailed {
        en: "Not tested: the Control Room does not respond. Try again.",
        de: "Nicht getestet: Der Control Room antwortet nicht. Versuchen Sie es noch einmal.",
    }
    notStarted {
        en: "Nothing has run: the bot was deleted meanwhile, it is too large, or somebody else has signed in to this browser. Press “Save” to see which of these it is and what to do.",
        de: "Es ist nichts gelaufen: Der Bot wurde inzwischen gelöscht, er ist zu groß, oder in diesem Browser hat sich jemand anderes angemeldet. Klicken Sie auf „Speichern“, um zu sehen, was davon zutrifft und was zu tun ist.",
    }
    startSignedOut {
        en: "Not started: you are signed out. Sign in again in another tab, then try again.",
        de: "Nicht gestartet: Sie sind abgemeldet. Melden Sie sich in einem anderen Tab wieder an, und versuchen Sie es noch einmal.",
    }
    runSignedOut {
        en: "You are signed out, so the state of the bot is unknown. Sign in again in another tab.",
        de: "Sie sind abgemeldet, daher ist der Zustand des Bots unbekannt. Melden Sie sich in einem anderen Tab wieder an.",
    }
    openSessions { en: "Sessions open at this step:", de: "Bei diesem Schritt offene Sitzungen:" }
    disconnected {
        en: "No longer connected to the Control Room, so the state of the bot is unknown. Reconnecting …",
        de: "Die Verbindung zum Control Room ist abgebrochen, daher ist der Zustand des Bots unbekannt. Die Verbindung wird wieder aufgebaut …",
    }
    testChanges {
        en: "This test can change something in Genesys Cloud",
        de: "Dieser Test kann etwas in Genesys Cloud ändern",
    }
    testChangesAdvice {
        en: "These steps are really executed. What they change cannot be undone here:",
        de: "Diese Schritte werden wirklich ausgeführt. Was sie ändern, lässt sich hier nicht rückgängig machen:",
    }
    testAnyway { en: "Test anyway", de: "Trotzdem testen" }
    cancel { en: "Cancel", de: "Abbrechen" }
    running { en: "Running …", de: "Läuft …" }
    waits { en: "Waiting, {n} s left", de: "Wartet noch {n} s" }
    output { en: "Output", de: "Ausgabe" }
    more { en: "{n} more", de: "{n} weitere" }
    secretOutput { en: "hidden, as it is a secret", de: "verborgen, da geheim" }
    outputCut {
        en: "Only the beginning is shown: at most 256 KiB per step and 4 MiB per test.",
        de: "Es wird nur der Anfang gezeigt: höchstens 256 KiB je Schritt und 4 MiB je Test.",
    }
    pickOutput { en: "Insert a value", de: "Wert einsetzen" }
    noOutputs {
        en: "No earlier step has an output with a name. Enter one in the field “Output” of a step.",
        de: "Kein früherer Schritt hat eine Ausgabe mit einem Namen. Geben Sie einen im Feld „Ausgabe“ eines Schritts ein.",
    }
    wholeOutput { en: "what the step returns", de: "was der Schritt zurückgibt" }
    notTested {
        en: "Once the step has been tested, you can choose from what it returned.",
        de: "Sobald der Schritt getestet ist, können Sie aus dem wählen, was er zurückgegeben hat.",
    }
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
