//! What `vault` says.

bot_engine::messages! {
    locker_created(locker) {
        en: "created the locker {locker}; `vault locker allow` lets a role use it",
        de: "Locker {locker} erstellt; `vault locker allow` gibt ihn für eine Rolle frei",
    }
    locker_removal(locker, contents) {
        en: "This removes the locker {locker} with {contents}; bots that use it fail.",
        de: "Das entfernt den Locker {locker}, darin {contents}; Bots, die ihn verwenden, schlagen fehl.",
    }
    locker_removed(locker) { en: "removed the locker {locker}", de: "Locker {locker} entfernt" }
    locker_renamed(locker, to) {
        en: "the locker {locker} is now called {to}",
        de: "der Locker {locker} heißt jetzt {to}",
    }
    allowed(role, locker) {
        en: "users with the role {role} may use the locker {locker}",
        de: "Benutzer mit der Rolle {role} dürfen den Locker {locker} verwenden",
    }
    forbidden(role, locker) {
        en: "users with the role {role} may no longer use the locker {locker}",
        de: "Benutzer mit der Rolle {role} dürfen den Locker {locker} nicht mehr verwenden",
    }
    owner_added(user, locker) {
        en: "{user} is an owner of the locker {locker}",
        de: "{user} ist Besitzer des Lockers {locker}",
    }
    owner_removed(user, locker) {
        en: "{user} is no longer an owner of the locker {locker}",
        de: "{user} ist nicht mehr Besitzer des Lockers {locker}",
    }
    may_be_used_by(roles) { en: "may be used by: {roles}", de: "verwendbar mit Rolle: {roles}" }
    owners(owners) { en: "owners: {owners}", de: "Besitzer: {owners}" }

    credential_created(credential) {
        en: "created the credential {credential}",
        de: "Anmeldedaten {credential} erstellt",
    }
    credential_removal(contents) {
        en: "This removes {contents}; bots that use it fail.",
        de: "Das entfernt {contents}; Bots, die sie verwenden, schlagen fehl.",
    }
    credential_removed(credential) {
        en: "removed the credential {credential}",
        de: "Anmeldedaten {credential} entfernt",
    }
    no_credentials { en: "no credentials", de: "keine Anmeldedaten" }
    credential(name) { en: "the credential {name}", de: "die Anmeldedaten {name}" }
    credentials(count, names) {
        en: "{count} credentials ({names})",
        de: "{count} Anmeldedaten ({names})",
    }
    and_values(credentials, values) {
        en: "{credentials} and {values}",
        de: "{credentials} und {values}",
    }

    no_value_yet { en: "no value yet", de: "noch kein Wert" }
    has_value { en: "has a value", de: "Wert gesetzt" }
    user_provided(values) {
        en: "user-provided, {values}",
        de: "vom Benutzer bereitgestellt, {values}",
    }
    masked { en: "masked", de: "maskiert" }
    password_only { en: "password-only", de: "nur Kennwort" }
    attribute_created(attribute) {
        en: "created the attribute {attribute}",
        de: "Attribut {attribute} erstellt",
    }
    attribute_changed(attribute) {
        en: "changed the attribute {attribute}",
        de: "Attribut {attribute} geändert",
    }
    values_removal(values, attribute) {
        en: "This removes {values} of the attribute {attribute}.",
        de: "Das entfernt {values} des Attributs {attribute}.",
    }
    attribute_removal(attribute, values) {
        en: "This removes the attribute {attribute} with {values}; bots that use it fail.",
        de: "Das entfernt das Attribut {attribute} und {values}; Bots, die es verwenden, schlagen fehl.",
    }
    attribute_removed(attribute) {
        en: "removed the attribute {attribute}",
        de: "Attribut {attribute} entfernt",
    }

    value_set(attribute, actor) {
        en: "set the value of {attribute}{actor}",
        de: "Wert von {attribute} gesetzt{actor}",
    }
    value_removal(attribute, actor) {
        en: "This removes the value of {attribute}{actor}.",
        de: "Das entfernt den Wert von {attribute}{actor}.",
    }
    value_removed(attribute, actor) {
        en: "removed the value of {attribute}{actor}",
        de: "Wert von {attribute} entfernt{actor}",
    }
    as_user(user) { en: " (as {user})", de: " (als {user})" }
}
