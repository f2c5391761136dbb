//! What the pages of users and roles say.

use crate::language::Language;
use crate::texts::texts;

texts! {
    /// Of these pages.
    Texts, ENGLISH, GERMAN;

    user: "User", "Benutzer";
    search_users: "Search users by name", "Benutzer suchen";
    new_user: "Create user", "Benutzer erstellen";
    no_users: "Nobody has this role.", "Niemand hat diese Rolle.";
    with_role: "With the role “{name}”.", "Mit der Rolle „{name}“.";
    all_users: "All users", "Alle Benutzer";
    no_password: "Cannot sign in: no password yet", "Anmeldung nicht möglich: noch kein Kennwort";
    no_password_advice: "Without a password, nobody can sign in with this name. Set one below.", "Ohne Kennwort kann sich niemand mit diesem Namen anmelden. Setzen Sie unten eines.";
    no_role: "None", "Keine";
    user_exists: "There is a user of this name already.", "Es gibt schon einen Benutzer mit diesem Namen.";
    made: "The user is there, and can sign in. Now say which roles they have.", "Der Benutzer ist erstellt, die Anmeldung ist möglich. Wählen Sie jetzt die Rollen.";

    roles: "Roles", "Rollen";
    roles_hint: "Roles open credential lockers and OAuth connections. Whoever has the role administrator manages the Control Room.", "Rollen öffnen Anmeldedaten-Locker und OAuth-Verbindungen. Wer die Rolle administrator hat, verwaltet den Control Room.";
    own_roles: "Roles open credential lockers and OAuth connections. You cannot take the role administrator from yourself.", "Rollen öffnen Anmeldedaten-Locker und OAuth-Verbindungen. Die Rolle administrator können Sie sich nicht selbst nehmen.";
    own_administrator: "You cannot take the role administrator from yourself; another administrator can. Nothing was changed.", "Die Rolle administrator können Sie sich nicht selbst nehmen; jemand anderes mit dieser Rolle kann es. Es wurde nichts geändert.";
    role_gone: "One of these roles has been removed meanwhile. Nothing was changed; look at them, and save again.", "Eine dieser Rollen wurde inzwischen entfernt. Es wurde nichts geändert; prüfen Sie die Auswahl, und speichern Sie noch einmal.";
    no_roles: "Create a role.", "Erstellen Sie eine Rolle.";
    save_roles: "Save roles", "Rollen speichern";
    roles_saved: "The roles are saved.", "Die Rollen sind gespeichert.";

    new_password: "New password", "Neues Kennwort";
    new_password_hint: "It ends all sessions of this user, who signs in with the new one then. Tell it to nobody else.", "Es beendet alle Sitzungen dieses Benutzers; danach gilt nur noch das neue. Sagen Sie es niemand anderem.";
    own_password_hint: "It ends all your sessions, this one as well: you sign in with the new one then.", "Es beendet alle Ihre Sitzungen, auch diese: Sie melden sich dann mit dem neuen an.";
    set_password: "Set password", "Kennwort setzen";
    password_set: "The password is set.", "Das Kennwort ist gesetzt.";

    remove_heading: "Remove the user", "Benutzer entfernen";
    remove_hint: "You are asked first, and told what goes with them.", "Sie werden vorher gefragt und erfahren, was mit entfernt wird.";
    not_oneself: "You cannot remove yourself; another administrator can.", "Sie können sich nicht selbst entfernen; jemand anderes mit der Rolle administrator kann es.";
    remove_user: "Remove the user “{name}”?", "Den Benutzer „{name}“ entfernen?";
    remove_user_advice: "With the user go their bots ({bots}), the runs of these ({runs}), values of their own in lockers ({values}) and sign-ins of their own to connections ({sign-ins}). They are signed out at once. Nothing of it can be brought back; tokens that a provider gave them are not ended there.", "Mit entfernt werden Bots ({bots}), deren Läufe ({runs}), eigene Werte in Lockern ({values}) und eigene Anmeldungen bei Verbindungen ({sign-ins}). Die Sitzungen im Browser enden sofort. Nichts davon lässt sich zurückholen; Tokens, die ein Anbieter dafür ausgestellt hat, werden dort nicht beendet.";

    role: "Role", "Rolle";
    search_roles: "Search roles by name", "Rollen nach Namen suchen";
    new_role: "Create role", "Rolle erstellen";
    new_role_name: "Name of the new role", "Name der neuen Rolle";
    role_exists: "There is a role of this name already.", "Es gibt schon eine Rolle mit diesem Namen.";
    roles_advice: "There are no roles yet. A role opens credential lockers and OAuth connections to its users.", "Es gibt noch keine Rollen. Eine Rolle öffnet ihren Benutzern Anmeldedaten-Locker und OAuth-Verbindungen.";
    lockers: "Credential lockers", "Anmeldedaten-Locker";
    more: "and {n} more", "und {n} weitere";
    opens: "What it opens", "Was sie öffnet";
    kind: "Kind", "Art";
    locker: "Credential locker", "Anmeldedaten-Locker";
    connection: "OAuth connection", "OAuth-Verbindung";
    search_opened: "Search by name", "Nach Namen suchen";
    its_users: "Users with this role", "Benutzer mit dieser Rolle";
    opens_nothing: "It opens nothing yet. Lockers and connections say in their settings which roles may use them.", "Sie öffnet noch nichts. Locker und Verbindungen sagen in ihren Einstellungen, welche Rollen sie verwenden dürfen.";
    administrator_advice: "Whoever has this role manages the Control Room.", "Wer diese Rolle hat, verwaltet den Control Room.";
    administrator_stays: "This role cannot be removed: nobody would manage the Control Room.", "Diese Rolle lässt sich nicht entfernen: Niemand würde den Control Room verwalten.";
    remove_role: "Remove the role “{name}”?", "Die Rolle „{name}“ entfernen?";
    remove_role_advice: "It is taken from all its users, who lose what it opens. The lockers and connections stay.", "Sie wird allen ihren Benutzern genommen; was sie öffnet, bleibt ihnen dann verschlossen. Die Locker und Verbindungen bleiben.";
}

pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}
