//! Messages of the pages of credentials, in addition to those of all pages.

pub(super) use crate::messages::*;

bot_engine::messages! {
    lockers { en: "Credential lockers", de: "Anmeldedaten-Locker" }
    search_lockers { en: "Search lockers by name", de: "Locker nach Namen suchen" }
    new_locker_name { en: "Name of the new locker", de: "Name des neuen Lockers" }
    new_locker { en: "Create locker", de: "Locker erstellen" }
    locker { en: "Locker", de: "Locker" }
    in_it { en: "Credentials", de: "Anmeldedaten" }
    you_may { en: "You may", de: "Sie dürfen" }
    manage { en: "manage it", de: "ihn verwalten" }
    own { en: "set its values", de: "seine Werte setzen" }
    use_in_bots { en: "use it in bots", de: "ihn in Bots verwenden" }
    no_lockers {
        en: "There are no lockers yet. A locker contains credentials and determines who may use them.",
        de: "Es gibt noch keine Locker. Ein Locker enthält Anmeldedaten und legt fest, wer sie verwenden darf.",
    }
    no_lockers_for_you {
        en: "There is no locker that you may use. Ask an administrator for one.",
        de: "Es gibt keinen Locker, den Sie verwenden dürfen. Bitten Sie einen Administrator darum.",
    }
    uses { en: "Record of uses", de: "Verwendungsprotokoll" }
    locker_exists { en: "A locker of this name already exists.", de: "Es gibt bereits einen Locker mit diesem Namen." }

    search_credentials { en: "Search credentials by name", de: "Anmeldedaten nach Namen suchen" }
    new_credential { en: "Create credential", de: "Anmeldedaten erstellen" }
    credential { en: "Credential", de: "Anmeldedaten" }
    nobody_uses { en: "nobody may use it yet", de: "noch darf ihn niemand verwenden" }
    nobody_may_use {
        en: "Nobody may use this locker in bots yet: no user has a role that may.",
        de: "Noch darf niemand diesen Locker in Bots verwenden: Kein Benutzer hat eine Rolle, die das darf.",
    }
    attributes_hint {
        en: "Such as client-id and client-secret. Empty rows are ignored, and you can add more attributes later. No value is ever shown again.",
        de: "Etwa client-id und client-secret. Leere Zeilen zählen nicht, und weitere Attribute können Sie später hinzufügen. Kein Wert wird je wieder angezeigt.",
    }
    numbered_attribute(number) { en: "Attribute {number}", de: "Attribut {number}" }
    value_kept {
        en: "The value that you have entered is kept. To use it, leave the field empty.",
        de: "Der Wert, den Sie eingegeben haben, ist noch da. Lassen Sie das Feld leer, um ihn zu verwenden.",
    }
    value_of_users {
        en: "Each user sets this value. Leave the field empty.",
        de: "Diesen Wert setzt jeder Benutzer selbst. Lassen Sie das Feld leer.",
    }
    credential_exists {
        en: "The locker already has a credential of this name.",
        de: "Der Locker hat bereits Anmeldedaten mit diesem Namen.",
    }
    credential_taken {
        en: "The locker already has a credential of this name. Choose another name, or cancel and choose the existing credential at the field.",
        de: "Der Locker hat bereits Anmeldedaten mit diesem Namen. Wählen Sie einen anderen Namen, oder brechen Sie ab, und wählen Sie die vorhandenen Anmeldedaten am Feld aus.",
    }
    locker_gone {
        en: "This locker no longer exists. Choose another one.",
        de: "Diesen Locker gibt es nicht mehr. Wählen Sie einen anderen.",
    }
    no_credentials { en: "The locker has no credentials yet.", de: "Der Locker hat noch keine Anmeldedaten." }
    settings { en: "Settings", de: "Einstellungen" }
    roles_with_access { en: "Roles whose users may use it in bots", de: "Rollen, deren Benutzer ihn in Bots verwenden dürfen" }
    owners { en: "Owners, who set its standard values", de: "Besitzer, die seine Standardwerte setzen" }
    no_roles {
        en: "There are no roles yet. Create them under Users > Roles.",
        de: "Es gibt noch keine Rollen. Erstellen Sie sie unter Benutzer > Rollen.",
    }

    settings_of(name) { en: "Settings of the locker “{name}”", de: "Einstellungen des Lockers „{name}“" }
    rename { en: "Rename", de: "Umbenennen" }
    rename_advice { en: "Bots that use it must be changed.", de: "Bots, die ihn verwenden, müssen geändert werden." }
    save_roles { en: "Save roles", de: "Rollen speichern" }
    save_owners { en: "Save owners", de: "Besitzer speichern" }
    remove_locker(name) { en: "Remove the locker “{name}”?", de: "Den Locker „{name}“ entfernen?" }
    remove_locker_advice {
        en: "All credentials in it are removed with their values. This cannot be undone.",
        de: "Alle Anmeldedaten darin werden mit ihren Werten entfernt. Das lässt sich nicht rückgängig machen.",
    }
    remove_credential(name) { en: "Remove the credential “{name}”?", de: "Die Anmeldedaten „{name}“ entfernen?" }
    remove_attribute(name) { en: "Remove the attribute “{name}”?", de: "Das Attribut „{name}“ entfernen?" }
    remove_advice {
        en: "Its values are removed as well. This cannot be undone.",
        de: "Die Werte werden ebenfalls entfernt. Das lässt sich nicht rückgängig machen.",
    }

    attributes { en: "Attributes", de: "Attribute" }
    attribute { en: "Attribute", de: "Attribut" }
    no_attributes {
        en: "The credential has no attributes yet, such as client-id and client-secret.",
        de: "Diese Anmeldedaten haben noch keine Attribute, etwa client-id und client-secret.",
    }
    new_attribute { en: "Create attribute", de: "Attribut erstellen" }
    new_attribute_name { en: "Name of the new attribute", de: "Name des neuen Attributs" }
    attribute_exists {
        en: "The credential already has an attribute of this name.",
        de: "Die Anmeldedaten haben bereits ein Attribut mit diesem Namen.",
    }
    too_many_attributes {
        en: "A credential has at most 50 attributes.",
        de: "Anmeldedaten haben höchstens 50 Attribute.",
    }
    kind { en: "Kind of value", de: "Art des Werts" }
    standard { en: "Standard", de: "Standard" }
    standard_help { en: "One value for everybody, set by an owner", de: "Ein Wert für alle, den ein Besitzer setzt" }
    user_provided { en: "User-provided", de: "Vom Benutzer bereitgestellt" }
    user_provided_help { en: "Each user sets a value of their own", de: "Jeder Benutzer setzt seinen eigenen Wert" }
    masked { en: "Masked", de: "Maskiert" }
    masked_help { en: "The value is not shown while it is typed", de: "Der Wert wird beim Tippen nicht angezeigt" }
    password_only_label { en: "Password-only", de: "Nur Kennwort" }
    password_only_help { en: "The value may only go into a secret field", de: "Der Wert darf nur in ein geheimes Feld eingesetzt werden" }
    kind_advice {
        en: "If the kind of value changes, existing values are removed.",
        de: "Wenn sich die Art des Werts ändert, werden vorhandene Werte entfernt.",
    }
    value { en: "Value", de: "Wert" }
    is_set { en: "Value set", de: "Wert gesetzt" }
    not_set { en: "No value yet", de: "Noch kein Wert" }
    own_set { en: "Your value is set", de: "Ihr Wert ist gesetzt" }
    own_not_set { en: "You have set no value yet", de: "Sie haben noch keinen Wert gesetzt" }
    set_by(users) { en: "Users who have set a value: {users}", de: "Benutzer, die einen Wert gesetzt haben: {users}" }
    new_value { en: "New value", de: "Neuer Wert" }
    new_own_value { en: "New value of your own", de: "Neuer eigener Wert" }
    value_hint { en: "It is never shown again.", de: "Er wird nie wieder angezeigt." }
    set_value { en: "Set value", de: "Wert setzen" }
    remove_value { en: "Remove value", de: "Wert entfernen" }
    remove_value_of(name) { en: "Remove the value of “{name}”?", de: "Den Wert von „{name}“ entfernen?" }
    remove_own_value_of(name) { en: "Remove your value of “{name}”?", de: "Ihren Wert von „{name}“ entfernen?" }
    remove_value_advice {
        en: "Bots that use it fail until there is a new one. This cannot be undone.",
        de: "Bots, die ihn verwenden, schlagen fehl, bis es einen neuen gibt. Das lässt sich nicht rückgängig machen.",
    }
    value_empty { en: "A value has at least one character.", de: "Ein Wert hat mindestens ein Zeichen." }
    value_invisible(character) { en: "The value contains the invisible character {character}. Remove it.", de: "Der Wert enthält das unsichtbare Zeichen {character}. Entfernen Sie es." }
    value_was_set { en: "The value is set.", de: "Der Wert ist gesetzt." }
    value_was_removed { en: "The value is removed.", de: "Der Wert ist entfernt." }
    not_yours { en: "An owner of the locker sets this value.", de: "Diesen Wert setzt ein Besitzer des Lockers." }
    only_with_access {
        en: "Users whose role may use the locker set their own values.",
        de: "Benutzer, deren Rolle den Locker verwenden darf, setzen ihre eigenen Werte.",
    }
    options { en: "Options", de: "Optionen" }
    saved { en: "Saved.", de: "Gespeichert." }

    user { en: "User", de: "Benutzer" }
    bot { en: "Bot", de: "Bot" }
    step { en: "Step", de: "Schritt" }
    when { en: "When", de: "Wann" }
    outcome { en: "Outcome", de: "Ergebnis" }
    used { en: "used", de: "verwendet" }
    refused { en: "refused", de: "verweigert" }
    filter { en: "Filter", de: "Filtern" }
    no_uses { en: "No matching uses are recorded.", de: "Es sind keine passenden Verwendungen protokolliert." }
    uses_advice {
        en: "Every time a bot was given or refused a value. The values themselves are not recorded.",
        de: "Jedes Mal, wenn ein Bot einen Wert erhielt oder er ihm verweigert wurde. Die Werte selbst werden nicht protokolliert.",
    }
    your_uses_advice {
        en: "Every time one of your bots was given or refused a value. The values themselves are not recorded.",
        de: "Jedes Mal, wenn einer Ihrer Bots einen Wert erhielt oder er ihm verweigert wurde. Die Werte selbst werden nicht protokolliert.",
    }
    older { en: "Older", de: "Ältere" }
    newest { en: "Newest", de: "Neueste" }
}
