//! Messages of the pages of users and roles, in addition to those of all pages.

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
    user_exists { en: "A user of this name already exists.", de: "Es gibt bereits einen Benutzer mit diesem Namen." }
    made {
        en: "The user was created and can sign in. Now choose their roles.",
        de: "Der Benutzer ist erstellt, die Anmeldung ist möglich. Wählen Sie jetzt die Rollen.",
    }

    roles { en: "Roles", de: "Rollen" }
    roles_hint {
        en: "Roles give access to credential lockers and OAuth connections. Users with the role administrator manage the Control Room.",
        de: "Rollen geben Zugriff auf Anmeldedaten-Locker und OAuth-Verbindungen. Wer die Rolle administrator hat, verwaltet den Control Room.",
    }
    own_roles {
        en: "Roles give access to credential lockers and OAuth connections. You cannot remove the role administrator from yourself.",
        de: "Rollen geben Zugriff auf Anmeldedaten-Locker und OAuth-Verbindungen. Die Rolle administrator können Sie sich nicht selbst entziehen.",
    }
    own_administrator {
        en: "You cannot remove the role administrator from yourself; another administrator can. Nothing was changed.",
        de: "Die Rolle administrator können Sie sich nicht selbst entziehen; jemand anderes mit dieser Rolle kann es. Es wurde nichts geändert.",
    }
    role_gone {
        en: "One of these roles has been removed meanwhile. Nothing was changed; check the selection, and save again.",
        de: "Eine dieser Rollen wurde inzwischen entfernt. Es wurde nichts geändert; prüfen Sie die Auswahl, und speichern Sie noch einmal.",
    }
    no_roles { en: "Create a role.", de: "Erstellen Sie eine Rolle." }
    save_roles { en: "Save roles", de: "Rollen speichern" }
    roles_saved { en: "The roles are saved.", de: "Die Rollen sind gespeichert." }

    new_password { en: "New password", de: "Neues Kennwort" }
    new_password_hint {
        en: "A new password ends all sessions of this user, who then has to sign in with it. Do not tell it to anybody else.",
        de: "Ein neues Kennwort beendet alle Sitzungen dieses Benutzers; danach gilt nur noch das neue. Sagen Sie es niemand anderem.",
    }
    own_password_hint {
        en: "A new password ends all your sessions, including this one: you then have to sign in with it.",
        de: "Ein neues Kennwort beendet alle Ihre Sitzungen, auch diese: Sie melden sich dann mit dem neuen an.",
    }
    set_password { en: "Set password", de: "Kennwort setzen" }
    password_set { en: "The password is set.", de: "Das Kennwort ist gesetzt." }

    remove_heading { en: "Remove the user", de: "Benutzer entfernen" }
    remove_hint {
        en: "You are asked first, and shown what is removed with the user.",
        de: "Sie werden vorher gefragt und sehen, was mit entfernt wird.",
    }
    not_oneself {
        en: "You cannot remove yourself; another administrator can.",
        de: "Sie können sich nicht selbst entfernen; jemand anderes mit der Rolle administrator kann es.",
    }
    remove_user(name) { en: "Remove the user “{name}”?", de: "Den Benutzer „{name}“ entfernen?" }
    remove_user_advice(bots, runs, values, sign_ins) {
        en: "The user's bots ({bots}), the runs of these ({runs}), their own values in lockers ({values}) and their own sign-ins to connections ({sign_ins}) are removed as well. The user is signed out at once. This cannot be undone; tokens that a provider issued to the user are not revoked there.",
        de: "Mit entfernt werden Bots ({bots}), deren Läufe ({runs}), eigene Werte in Lockern ({values}) und eigene Anmeldungen bei Verbindungen ({sign_ins}). Die Sitzungen im Browser enden sofort. Das lässt sich nicht rückgängig machen; Tokens, die ein Anbieter dafür ausgestellt hat, werden dort nicht widerrufen.",
    }

    role { en: "Role", de: "Rolle" }
    search_roles { en: "Search roles by name", de: "Rollen nach Namen suchen" }
    new_role { en: "Create role", de: "Rolle erstellen" }
    new_role_name { en: "Name of the new role", de: "Name der neuen Rolle" }
    role_exists { en: "A role of this name already exists.", de: "Es gibt bereits eine Rolle mit diesem Namen." }
    roles_advice {
        en: "There are no roles yet. A role gives its users access to credential lockers and OAuth connections.",
        de: "Es gibt noch keine Rollen. Eine Rolle gibt ihren Benutzern Zugriff auf Anmeldedaten-Locker und OAuth-Verbindungen.",
    }
    lockers { en: "Credential lockers", de: "Anmeldedaten-Locker" }
    more(count) { en: "and {count} more", de: "und {count} weitere" }
    opens { en: "Gives access to", de: "Gibt Zugriff auf" }
    kind { en: "Kind", de: "Art" }
    locker { en: "Credential locker", de: "Anmeldedaten-Locker" }
    connection { en: "OAuth connection", de: "OAuth-Verbindung" }
    search_opened { en: "Search by name", de: "Nach Namen suchen" }
    its_users { en: "Users with this role", de: "Benutzer mit dieser Rolle" }
    opens_nothing {
        en: "The role does not give access to anything yet. The settings of lockers and connections determine which roles may use them.",
        de: "Die Rolle gibt noch auf nichts Zugriff. Welche Rollen einen Locker oder eine Verbindung verwenden dürfen, steht in deren Einstellungen.",
    }
    administrator_advice {
        en: "Users with this role manage the Control Room.",
        de: "Wer diese Rolle hat, verwaltet den Control Room.",
    }
    administrator_stays {
        en: "This role cannot be removed: nobody could manage the Control Room.",
        de: "Diese Rolle lässt sich nicht entfernen: Niemand könnte den Control Room verwalten.",
    }
    remove_role(name) { en: "Remove the role “{name}”?", de: "Die Rolle „{name}“ entfernen?" }
    remove_role_advice {
        en: "All its users lose the role and the access that it gives. The lockers and connections remain.",
        de: "Alle ihre Benutzer verlieren die Rolle und den Zugriff, den sie gibt. Die Locker und Verbindungen bleiben bestehen.",
    }
}
