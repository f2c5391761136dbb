//! What the pages of users and roles say, beside what all pages do.

pub(super) use crate::messages::*;

bot_engine::messages! {
    user { en: "User", de: "Benutzer" }
    search_users { en: "Search users by name", de: "Benutzer suchen" }
    new_user { en: "Create user", de: "Benutzer erstellen" }
    no_users { en: "Nobody has this role.", de: "Niemand hat diese Rolle." }
    with_role(name) { en: "With the role “{name}”.", de: "Mit der Rolle „{name}“." }
    all_users { en: "All users", de: "Alle Benutzer" }
    no_password { en: "Cannot sign in: no password yet", de: "Anmeldung nicht möglich: noch kein Kennwort" }
    no_password_advice {
        en: "Without a password, nobody can sign in with this name. Set one below.",
        de: "Ohne Kennwort kann sich niemand mit diesem Namen anmelden. Setzen Sie unten eines.",
    }
    no_role { en: "None", de: "Keine" }
    user_exists { en: "There is a user of this name already.", de: "Es gibt schon einen Benutzer mit diesem Namen." }
    made {
        en: "The user is there, and can sign in. Now say which roles they have.",
        de: "Der Benutzer ist erstellt, die Anmeldung ist möglich. Wählen Sie jetzt die Rollen.",
    }

    roles { en: "Roles", de: "Rollen" }
    roles_hint {
        en: "Roles open credential lockers and OAuth connections. Whoever has the role administrator manages the Control Room.",
        de: "Rollen öffnen Anmeldedaten-Locker und OAuth-Verbindungen. Wer die Rolle administrator hat, verwaltet den Control Room.",
    }
    own_roles {
        en: "Roles open credential lockers and OAuth connections. You cannot take the role administrator from yourself.",
        de: "Rollen öffnen Anmeldedaten-Locker und OAuth-Verbindungen. Die Rolle administrator können Sie sich nicht selbst nehmen.",
    }
    own_administrator {
        en: "You cannot take the role administrator from yourself; another administrator can. Nothing was changed.",
        de: "Die Rolle administrator können Sie sich nicht selbst nehmen; jemand anderes mit dieser Rolle kann es. Es wurde nichts geändert.",
    }
    role_gone {
        en: "One of these roles has been removed meanwhile. Nothing was changed; look at them, and save again.",
        de: "Eine dieser Rollen wurde inzwischen entfernt. Es wurde nichts geändert; prüfen Sie die Auswahl, und speichern Sie noch einmal.",
    }
    no_roles { en: "Create a role.", de: "Erstellen Sie eine Rolle." }
    save_roles { en: "Save roles", de: "Rollen speichern" }
    roles_saved { en: "The roles are saved.", de: "Die Rollen sind gespeichert." }

    new_password { en: "New password", de: "Neues Kennwort" }
    new_password_hint {
        en: "It ends all sessions of this user, who signs in with the new one then. Tell it to nobody else.",
        de: "Es beendet alle Sitzungen dieses Benutzers; danach gilt nur noch das neue. Sagen Sie es niemand anderem.",
    }
    own_password_hint {
        en: "It ends all your sessions, this one as well: you sign in with the new one then.",
        de: "Es beendet alle Ihre Sitzungen, auch diese: Sie melden sich dann mit dem neuen an.",
    }
    set_password { en: "Set password", de: "Kennwort setzen" }
    password_set { en: "The password is set.", de: "Das Kennwort ist gesetzt." }

    remove_heading { en: "Remove the user", de: "Benutzer entfernen" }
    remove_hint {
        en: "You are asked first, and told what goes with them.",
        de: "Sie werden vorher gefragt und erfahren, was mit entfernt wird.",
    }
    not_oneself {
        en: "You cannot remove yourself; another administrator can.",
        de: "Sie können sich nicht selbst entfernen; jemand anderes mit der Rolle administrator kann es.",
    }
    remove_user(name) { en: "Remove the user “{name}”?", de: "Den Benutzer „{name}“ entfernen?" }
    remove_user_advice(bots, runs, values, sign_ins) {
        en: "With the user go their bots ({bots}), the runs of these ({runs}), values of their own in lockers ({values}) and sign-ins of their own to connections ({sign_ins}). They are signed out at once. Nothing of it can be brought back; tokens that a provider gave them are not ended there.",
        de: "Mit entfernt werden Bots ({bots}), deren Läufe ({runs}), eigene Werte in Lockern ({values}) und eigene Anmeldungen bei Verbindungen ({sign_ins}). Die Sitzungen im Browser enden sofort. Nichts davon lässt sich zurückholen; Tokens, die ein Anbieter dafür ausgestellt hat, werden dort nicht beendet.",
    }

    role { en: "Role", de: "Rolle" }
    search_roles { en: "Search roles by name", de: "Rollen nach Namen suchen" }
    new_role { en: "Create role", de: "Rolle erstellen" }
    new_role_name { en: "Name of the new role", de: "Name der neuen Rolle" }
    role_exists { en: "There is a role of this name already.", de: "Es gibt schon eine Rolle mit diesem Namen." }
    roles_advice {
        en: "There are no roles yet. A role opens credential lockers and OAuth connections to its users.",
        de: "Es gibt noch keine Rollen. Eine Rolle öffnet ihren Benutzern Anmeldedaten-Locker und OAuth-Verbindungen.",
    }
    lockers { en: "Credential lockers", de: "Anmeldedaten-Locker" }
    more(count) { en: "and {count} more", de: "und {count} weitere" }
    opens { en: "What it opens", de: "Was sie öffnet" }
    kind { en: "Kind", de: "Art" }
    locker { en: "Credential locker", de: "Anmeldedaten-Locker" }
    connection { en: "OAuth connection", de: "OAuth-Verbindung" }
    search_opened { en: "Search by name", de: "Nach Namen suchen" }
    its_users { en: "Users with this role", de: "Benutzer mit dieser Rolle" }
    opens_nothing {
        en: "It opens nothing yet. Lockers and connections say in their settings which roles may use them.",
        de: "Sie öffnet noch nichts. Locker und Verbindungen sagen in ihren Einstellungen, welche Rollen sie verwenden dürfen.",
    }
    administrator_advice {
        en: "Whoever has this role manages the Control Room.",
        de: "Wer diese Rolle hat, verwaltet den Control Room.",
    }
    administrator_stays {
        en: "This role cannot be removed: nobody would manage the Control Room.",
        de: "Diese Rolle lässt sich nicht entfernen: Niemand würde den Control Room verwalten.",
    }
    remove_role(name) { en: "Remove the role “{name}”?", de: "Die Rolle „{name}“ entfernen?" }
    remove_role_advice {
        en: "It is taken from all its users, who lose what it opens. The lockers and connections stay.",
        de: "Sie wird allen ihren Benutzern genommen; was sie öffnet, bleibt ihnen dann verschlossen. Die Locker und Verbindungen bleiben.",
    }
}
