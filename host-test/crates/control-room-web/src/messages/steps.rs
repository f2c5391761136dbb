//! Messages about steps: the problems of a check that the editor words with what is on its page.

bot_engine::messages! {
    unknown_action {
        en: "This action does not exist here. Remove the step, or ask the author of the bot.",
        de: "Diese Aktion gibt es hier nicht. Entfernen Sie den Schritt, oder fragen Sie, wer den Bot erstellt hat.",
    }
    no_variable(name) {
        en: "There is no variable “{name}”. Add it under “Variables”.",
        de: "Es gibt keine Variable „{name}“. Legen Sie sie unter „Variablen“ an.",
    }
    no_bot(name) {
        en: "You have no bot “{name}”. Enter the name of one of your bots.",
        de: "Sie haben keinen Bot „{name}“. Geben Sie den Namen eines Ihrer Bots ein.",
    }
    field_empty(label) { en: "{label}: the field is empty.", de: "{label}: Das Feld ist leer." }
    incomplete_credential {
        en: "Choose a locker, a credential and an attribute.",
        de: "Wählen Sie Locker, Anmeldedaten und Attribut.",
    }
}
