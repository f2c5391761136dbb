//! What the pages of credentials say.

use crate::language::Language;
use crate::texts::texts;

texts! {
    /// Of these pages.
    Texts, ENGLISH, GERMAN;

    lockers: "Credential lockers", "Anmeldedaten-Locker";
    search_lockers: "Search lockers by name", "Locker nach Namen suchen";
    new_locker_name: "Name of the new locker", "Name des neuen Lockers";
    new_locker: "Create locker", "Locker erstellen";
    locker: "Locker", "Locker";
    in_it: "Credentials", "Anmeldedaten";
    you_may: "You may", "Sie dürfen";
    manage: "manage it", "ihn verwalten";
    own: "set its values", "seine Werte setzen";
    consume: "use it in bots", "ihn in Bots verwenden";
    no_lockers: "There are no lockers yet. A locker holds credentials, and says who may use them.", "Es gibt noch keine Locker. Ein Locker enthält Anmeldedaten und sagt, wer sie verwenden darf.";
    no_lockers_for_you: "There is no locker that you may use. Ask an administrator for one.", "Es gibt keinen Locker, den Sie verwenden dürfen. Bitten Sie einen Administrator darum.";
    uses: "Record of uses", "Verwendungsprotokoll";
    locker_exists: "There is a locker of this name already.", "Es gibt schon einen Locker mit diesem Namen.";

    search_credentials: "Search credentials by name", "Anmeldedaten nach Namen suchen";
    new_credential_name: "Name of the new credential", "Name der neuen Anmeldedaten";
    new_credential: "Create credential", "Anmeldedaten erstellen";
    credential: "Credential", "Anmeldedaten";
    credential_exists: "The locker has a credential of this name already.", "Der Locker hat schon Anmeldedaten mit diesem Namen.";
    no_credentials: "The locker has no credentials yet.", "Der Locker hat noch keine Anmeldedaten.";
    settings: "Settings", "Einstellungen";
    consumers: "Roles whose users may use it in bots", "Rollen, deren Benutzer ihn in Bots verwenden dürfen";
    owners: "Owners, who set its standard values", "Besitzer, die seine Standardwerte setzen";
    no_roles: "There are no roles yet. They are made under Users > Roles.", "Es gibt noch keine Rollen. Sie werden unter Benutzer > Rollen erstellt.";

    settings_of: "Settings of the locker “{name}”", "Einstellungen des Lockers „{name}“";
    rename: "Rename", "Umbenennen";
    rename_advice: "Bots that use it must be changed.", "Bots, die ihn verwenden, müssen geändert werden.";
    save_consumers: "Save roles", "Rollen speichern";
    save_owners: "Save owners", "Besitzer speichern";
    remove_locker: "Remove the locker “{name}”?", "Den Locker „{name}“ entfernen?";
    remove_locker_advice: "All credentials in it go with it, with their values. Nothing of it can be brought back.", "Alle Anmeldedaten darin werden mit ihren Werten entfernt. Nichts davon lässt sich zurückholen.";
    remove_credential: "Remove the credential “{name}”?", "Die Anmeldedaten „{name}“ entfernen?";
    remove_attribute: "Remove the attribute “{name}”?", "Das Attribut „{name}“ entfernen?";
    remove_advice: "Its values go with it, and cannot be brought back.", "Die Werte werden mit entfernt und lassen sich nicht zurückholen.";

    attributes: "Attributes", "Attribute";
    attribute: "Attribute", "Attribut";
    no_attributes: "It has no attributes yet, such as client-id and client-secret.", "Diese Anmeldedaten haben noch keine Attribute, etwa client-id und client-secret.";
    new_attribute: "Create attribute", "Attribut erstellen";
    new_attribute_name: "Name of the new attribute", "Name des neuen Attributs";
    attribute_exists: "The credential has an attribute of this name already.", "Die Anmeldedaten haben schon ein Attribut mit diesem Namen.";
    too_many_attributes: "A credential has at most 50 attributes.", "Anmeldedaten haben höchstens 50 Attribute.";
    kind: "Whose value", "Wessen Wert";
    standard: "Standard", "Standard";
    standard_help: "One value for everybody, set by an owner", "Ein Wert für alle, den ein Besitzer setzt";
    user_provided: "User-provided", "Vom Benutzer bereitgestellt";
    user_provided_help: "Each user sets a value of their own", "Jeder Benutzer setzt seinen eigenen Wert";
    masked: "Masked", "Maskiert";
    masked_help: "The value is not shown while it is typed", "Der Wert wird beim Tippen nicht angezeigt";
    password_only: "Password-only", "Nur Kennwort";
    password_only_help: "The value may only go into a secret field", "Der Wert darf nur in ein geheimes Feld";
    kind_advice: "Values that are set are removed where this changes.", "Wo sich das ändert, werden gesetzte Werte entfernt.";
    save: "Save", "Speichern";
    value: "Value", "Wert";
    is_set: "Value set", "Wert gesetzt";
    not_set: "No value yet", "Noch kein Wert";
    own_set: "Your value is set", "Ihr Wert ist gesetzt";
    own_not_set: "You have set no value yet", "Sie haben noch keinen Wert gesetzt";
    set_by: "Users who have set theirs: {n}", "Benutzer, die ihren gesetzt haben: {n}";
    new_value: "New value", "Neuer Wert";
    new_own_value: "New value of your own", "Neuer eigener Wert";
    value_hint: "It is never shown again.", "Er wird nie wieder angezeigt.";
    set_value: "Set value", "Wert setzen";
    remove_value: "Remove value", "Wert entfernen";
    value_empty: "A value has at least one character.", "Ein Wert hat mindestens ein Zeichen.";
    value_was_set: "The value is set.", "Der Wert ist gesetzt.";
    value_was_removed: "The value is removed.", "Der Wert ist entfernt.";
    not_yours: "An owner of the locker sets this value.", "Diesen Wert setzt ein Besitzer des Lockers.";
    consumers_only: "Users whose role may use the locker set their own values.", "Benutzer, deren Rolle den Locker verwenden darf, setzen ihre eigenen Werte.";
    options: "Options", "Optionen";
    saved: "Saved.", "Gespeichert.";

    user: "User", "Benutzer";
    bot: "Bot", "Bot";
    step: "Step", "Schritt";
    when: "When (UTC)", "Wann (UTC)";
    outcome: "Outcome", "Ergebnis";
    used: "used", "verwendet";
    refused: "refused", "verweigert";
    filter: "Filter", "Filtern";
    no_uses: "No use is recorded that fits.", "Es ist keine passende Verwendung protokolliert.";
    uses_advice: "Each time a bot was handed a value, or refused one; never the value.", "Jedes Mal, wenn ein Bot einen Wert bekam oder nicht bekam; nie der Wert selbst.";
    your_uses_advice: "Each time a bot of yours was handed a value, or refused one; never the value.", "Jedes Mal, wenn einer Ihrer Bots einen Wert bekam oder nicht bekam; nie der Wert selbst.";
    older: "Older", "Ältere";
    newest: "Newest", "Neueste";
}

pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}
