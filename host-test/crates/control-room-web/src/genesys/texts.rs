//! What the pages of the simulation say, in the words of Genesys Cloud's own.

use crate::language::Language;
use crate::texts::texts;

texts! {
    /// Of these pages.
    Texts, ENGLISH, GERMAN;

    simulation: "This is a simulation of Genesys Cloud, embedded in this program. It knows nothing of your real organization, and forgets all when the program ends.", "Dies ist eine Simulation von Genesys Cloud, eingebettet in dieses Programm. Sie weiß nichts von Ihrer echten Organisation und vergisst alles, wenn das Programm endet.";
    place: "Admin > Integrations > OAuth", "Admin > Integrationen > OAuth";
    people_place: "Admin > People", "Admin > Personen";
    title: "OAuth clients", "OAuth-Clients";
    add_client: "Add client", "Client hinzufügen";
    no_clients: "There are no OAuth clients yet. With one, a Control Room can sign in.", "Es gibt noch keine OAuth-Clients. Mit einem kann sich ein Control Room anmelden.";
    app_name: "App name", "Name der App";
    duration: "Token duration", "Token-Dauer";
    duration_hint: "In seconds, from 300 to 172800.", "In Sekunden, von 300 bis 172800.";
    seconds: "{n} s", "{n} s";
    grant_types: "Grant types", "Gewährungstypen";
    code: "Code Authorization", "Code-Autorisierung";
    client_credentials: "Client Credentials", "Client-Anmeldedaten";
    redirect_uris: "Authorized redirect URIs", "Autorisierte Umleitungs-URIs";
    redirect_uris_hint: "One in each line. For a Control Room connection: its callback URL.", "Eine in jeder Zeile. Für eine Control-Room-Verbindung: ihre Callback-URL.";
    region: "Region of the organization", "Region der Organisation";
    region_hint: "The connection names this environment.", "Die Verbindung nennt diese Umgebung.";
    save: "Save", "Speichern";
    client_id: "Client ID", "Client-ID";
    client_secret: "Client secret", "Geheimer Clientschlüssel";
    copy_advice: "Copy both: the connection in the Control Room needs them.", "Kopieren Sie beide: Die Verbindung im Control Room braucht sie.";
    state: "State", "Zustand";
    enabled: "Active", "Aktiv";
    disabled: "Inactive", "Inaktiv";
    enable: "Activate", "Aktivieren";
    disable: "Deactivate", "Deaktivieren";
    expire: "Let its tokens expire", "Tokens ablaufen lassen";
    remove_client: "Remove the client “{name}”?", "Den Client „{name}“ entfernen?";
    remove_advice: "All its tokens end at once.", "Alle seine Tokens enden sofort.";

    people: "People who can sign in", "Personen, die sich anmelden können";
    people_advice: "Whoever signs in to a connection is one of them.", "Wer sich bei einer Verbindung anmeldet, ist eine von ihnen.";
    no_people: "Nobody can sign in yet.", "Noch kann sich niemand anmelden.";
    add_person: "Add person", "Person hinzufügen";
    email: "E-mail address", "E-Mail-Adresse";
    password_of: "Password of {name}", "Kennwort von {name}";

    no_app_name: "The app name is empty.", "Der Name der App ist leer.";
    bad_duration: "Give a number from 300 to 172800.", "Geben Sie eine Zahl von 300 bis 172800 an.";
    no_grant: "Choose a grant type.", "Wählen Sie einen Gewährungstyp.";
    no_redirect_uri: "Code Authorization needs a redirect URI.", "Die Code-Autorisierung braucht eine Umleitungs-URI.";
    bad_redirect_uri: "{uri} is no redirect URI: it must be https, or http on loopback, without a fragment.", "{uri} ist keine Umleitungs-URI: Sie muss https sein, oder http auf Loopback, ohne Fragment.";
    too_many: "There are enough of them for a simulation. Remove one first.", "Für eine Simulation sind das genug. Entfernen Sie zuerst einen.";
    no_email: "The address is empty, or too long.", "Die Adresse ist leer oder zu lang.";
    known_email: "There is a person with this address already.", "Es gibt schon eine Person mit dieser Adresse.";
}

pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}
