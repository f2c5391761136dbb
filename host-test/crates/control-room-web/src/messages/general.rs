//! Messages of several pages, of signing in, and of errors.

bot_engine::messages! {
    skip { en: "Skip to content", de: "Zum Inhalt springen" }
    navigation { en: "Pages", de: "Seiten" }
    simulation { en: "Genesys Cloud (simulation)", de: "Genesys Cloud (Simulation)" }
    bots { en: "Bots", de: "Bots" }
    sign_out { en: "Sign out", de: "Abmelden" }
    cancel { en: "Cancel", de: "Abbrechen" }
    go_on { en: "Go on to the Control Room", de: "Weiter zum Control Room" }

    credentials { en: "Credentials", de: "Anmeldedaten" }
    connections { en: "OAuth connections", de: "OAuth-Verbindungen" }
    users { en: "Users", de: "Benutzer" }
    learn { en: "Learn", de: "Lernen" }
    guide_for_designers { en: "Guide for bot designers", de: "Anleitung für Bot-Designer" }
    guide_to_bot_files { en: "Reference of actions and bot files", de: "Referenz der Aktionen und Bot-Dateien" }
    guide_for_operators { en: "Guide for operators", de: "Leitfaden für Betreiber (englisch)" }
    copy { en: "Copy", de: "Kopieren" }
    copied { en: "Copied", de: "Kopiert" }
    remove { en: "Remove", de: "Entfernen" }
    used_by { en: "These bots use it:", de: "Diese Bots verwenden es:" }
    used_by_more(count) { en: "and {count} more", de: "und {count} weitere" }
    used_by_none { en: "No bot uses it.", de: "Kein Bot verwendet es." }
    used_by_unknown {
        en: "Which bots use it cannot be determined now.",
        de: "Welche Bots betroffen sind, lässt sich gerade nicht feststellen.",
    }
    used_by_none_of_yours { en: "None of your bots uses it.", de: "Keiner Ihrer Bots ist betroffen." }
    description { en: "Description", de: "Beschreibung" }
    enter_again {
        en: "The secret is no longer kept. Enter it again.",
        de: "Das Geheimnis ist nicht mehr gespeichert. Geben Sie es noch einmal ein.",
    }
    no_own_role {
        en: "Choose at least one of your own roles. Otherwise your bots cannot use it.",
        de: "Wählen Sie mindestens eine Ihrer eigenen Rollen. Sonst haben Ihre Bots keinen Zugriff darauf.",
    }
    role_gone(name) {
        en: "The role “{name}” no longer exists. Deselect it.",
        de: "Die Rolle „{name}“ gibt es nicht mehr. Wählen Sie sie ab.",
    }
    optional { en: "optional", de: "optional" }
    bad_description {
        en: "A description has at most 255 characters, and no line breaks.",
        de: "Eine Beschreibung hat höchstens 255 Zeichen und keine Zeilenumbrüche.",
    }
    list_empty_search { en: "No name contains this.", de: "Kein Name enthält das." }
    in_all(total) { en: "{total} in all", de: "{total} insgesamt" }

    sign_in { en: "Sign in", de: "Anmelden" }
    no_longer_signed_in(user) {
        en: "You are no longer signed in as {user}. What you typed is still here: sign in again in a new tab, then submit the form again.",
        de: "Sie sind nicht mehr als {user} angemeldet. Was Sie eingegeben haben, ist noch da: Melden Sie sich in einem neuen Tab wieder an, und senden Sie das Formular dann noch einmal ab.",
    }
    sign_in_to { en: "Sign in to the Control Room", de: "Beim Control Room anmelden" }
    user_name { en: "User name", de: "Benutzername" }
    password { en: "Password", de: "Kennwort" }
    wrong_password {
        en: "The user name or the password is incorrect.",
        de: "Benutzername oder Kennwort ist falsch.",
    }
    wait(seconds) {
        en: "Too many attempts. Wait {seconds} s, then try again.",
        de: "Zu viele Versuche. Warten Sie {seconds} s, und versuchen Sie es dann noch einmal.",
    }
    nobody_yet {
        en: "Nobody can sign in yet. Open the link that bot-runner serve has printed.",
        de: "Noch kann sich niemand anmelden. Öffnen Sie den Link, den bot-runner serve ausgegeben hat.",
    }

    first_run { en: "The first user", de: "Der erste Benutzer" }
    first_run_advice {
        en: "Choose the name and the password that you will sign in with. This link works once.",
        de: "Wählen Sie, mit welchem Namen und Kennwort Sie sich von jetzt an anmelden. Dieser Link gilt einmal.",
    }
    password_hint(characters) {
        en: "At least {characters} characters; a few words are a good password.",
        de: "Mindestens {characters} Zeichen; ein paar Wörter sind ein gutes Kennwort.",
    }
    password_again { en: "Repeat the password", de: "Kennwort wiederholen" }
    create_first_user { en: "Create user and sign in", de: "Benutzer erstellen und anmelden" }
    bad_name {
        en: "A name has 1 to 50 characters, and neither slashes nor invisible characters.",
        de: "Ein Name hat 1 bis 50 Zeichen und weder Schrägstriche noch unsichtbare Zeichen.",
    }
    passwords_differ { en: "The two passwords do not match.", de: "Die beiden Kennwörter stimmen nicht überein." }
    password_too_short(characters) {
        en: "A password has at least {characters} characters.",
        de: "Ein Kennwort hat mindestens {characters} Zeichen.",
    }
    password_too_long(characters) {
        en: "A password has at most {characters} characters.",
        de: "Ein Kennwort hat höchstens {characters} Zeichen.",
    }

    not_found { en: "There is nothing here", de: "Hier ist nichts" }
    not_found_advice {
        en: "The address is wrong, or what was here is gone.",
        de: "Die Adresse ist falsch, oder was hier war, gibt es nicht mehr.",
    }
    forbidden { en: "This page is out of date", de: "Diese Seite ist veraltet" }
    forbidden_advice {
        en: "You have signed in or out since it was shown, or another site has sent this. Nothing was changed. Go back, reload the page, and try again.",
        de: "Sie haben sich seither an- oder abgemeldet, oder eine andere Website hat dies gesendet. Es wurde nichts geändert. Gehen Sie zurück, laden Sie die Seite neu, und versuchen Sie es noch einmal.",
    }
    too_large { en: "This is too large", de: "Das ist zu groß" }
    too_large_advice {
        en: "Send less at once. Nothing was changed.",
        de: "Senden Sie weniger auf einmal. Es wurde nichts geändert.",
    }
    malformed { en: "This was not understood", de: "Das wurde nicht verstanden" }
    malformed_advice {
        en: "It does not come from one of these pages. Nothing was changed.",
        de: "Es kommt nicht von einer dieser Seiten. Es wurde nichts geändert.",
    }
    too_many_bots { en: "You have the maximum number of bots", de: "Sie haben die Höchstzahl an Bots" }
    bots_too_large { en: "Your bot files are too large in total", de: "Ihre Bot-Dateien sind zusammen zu groß" }
    bots_too_large_advice {
        en: "Together they may take at most 100 MiB. Delete some bots first.",
        de: "Zusammen dürfen sie höchstens 100 MiB groß sein. Löschen Sie zuerst einige Bots.",
    }
    too_many_bots_advice { en: "Delete some of the 10,000 first.", de: "Löschen Sie zuerst einige der 10.000." }
    bot_in_queue { en: "A run of this bot has not ended", de: "Ein Lauf dieses Bots ist noch nicht beendet" }
    bot_in_queue_advice {
        en: "It waits for a worker, or one has begun it. Stop it first, or wait until it has ended; then delete the bot.",
        de: "Er wartet auf einen Worker, oder einer hat ihn begonnen. Halten Sie ihn zuerst an, oder warten Sie, bis er beendet ist; löschen Sie den Bot dann.",
    }
    broken { en: "The Control Room is not available right now", de: "Der Control Room ist gerade nicht verfügbar" }
    broken_advice {
        en: "Try again. If the problem persists, ask your operator, who can find the reason in the log.",
        de: "Versuchen Sie es noch einmal. Besteht das Problem weiter, fragen Sie Ihren Betreiber, der den Grund im Protokoll findet.",
    }
    too_slow { en: "This takes too long", de: "Das dauert zu lange" }
    too_slow_advice {
        en: "The request was cancelled. Check whether it took effect, then try again later.",
        de: "Die Anfrage wurde abgebrochen. Prüfen Sie, ob sie trotzdem gewirkt hat, und versuchen Sie es später noch einmal.",
    }
    to_bots { en: "To the bots", de: "Zu den Bots" }
}
