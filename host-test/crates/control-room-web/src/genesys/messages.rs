//! What the pages of the simulation of Genesys Cloud say, beside what all pages do.

pub(super) use crate::messages::*;

bot_engine::messages! {
    simulation {
        en: "This is a simulation of Genesys Cloud, embedded in this program. It knows nothing of your real organization, and forgets all when the program ends.",
        de: "Dies ist eine Simulation von Genesys Cloud, eingebettet in dieses Programm. Sie weiß nichts von Ihrer echten Organisation und vergisst alles, wenn das Programm endet.",
    }
    place { en: "Admin > Integrations > OAuth", de: "Admin > Integrationen > OAuth" }
    people_place { en: "Admin > People", de: "Admin > Personen" }
    title { en: "OAuth clients", de: "OAuth-Clients" }
    add_client { en: "Add client", de: "Client hinzufügen" }
    no_clients {
        en: "There are no OAuth clients yet. With one, a Control Room can sign in.",
        de: "Es gibt noch keine OAuth-Clients. Mit einem kann sich ein Control Room anmelden.",
    }
    app_name { en: "App name", de: "Name der App" }
    duration { en: "Token duration", de: "Token-Dauer" }
    duration_hint { en: "In seconds, from 300 to 172800.", de: "In Sekunden, von 300 bis 172800." }
    seconds(seconds) { en: "{seconds} s", de: "{seconds} s" }
    grant_types { en: "Grant types", de: "Gewährungstypen" }
    code { en: "Code Authorization", de: "Code-Autorisierung" }
    client_credentials { en: "Client Credentials", de: "Client-Anmeldedaten" }
    redirect_uris { en: "Authorized redirect URIs", de: "Autorisierte Umleitungs-URIs" }
    redirect_uris_hint {
        en: "One in each line. For a Control Room connection: its callback URL.",
        de: "Eine in jeder Zeile. Für eine Control-Room-Verbindung: ihre Callback-URL.",
    }
    region { en: "Region of the organization", de: "Region der Organisation" }
    region_hint { en: "The connection names this environment.", de: "Die Verbindung nennt diese Umgebung." }
    client_id { en: "Client ID", de: "Client-ID" }
    client_secret { en: "Client secret", de: "Geheimer Clientschlüssel" }
    copy_advice {
        en: "Copy both: the connection in the Control Room needs them.",
        de: "Kopieren Sie beide: Die Verbindung im Control Room braucht sie.",
    }
    state { en: "State", de: "Zustand" }
    enabled { en: "Active", de: "Aktiv" }
    disabled { en: "Inactive", de: "Inaktiv" }
    enable { en: "Activate", de: "Aktivieren" }
    disable { en: "Deactivate", de: "Deaktivieren" }
    expire { en: "Let its tokens expire", de: "Tokens ablaufen lassen" }
    remove_client(name) { en: "Remove the client “{name}”?", de: "Den Client „{name}“ entfernen?" }
    remove_advice { en: "All its tokens end at once.", de: "Alle seine Tokens enden sofort." }

    people { en: "People who can sign in", de: "Personen, die sich anmelden können" }
    people_advice {
        en: "Whoever signs in to a connection is one of them.",
        de: "Wer sich bei einer Verbindung anmeldet, ist eine von ihnen.",
    }
    no_people { en: "Nobody can sign in yet.", de: "Noch kann sich niemand anmelden." }
    add_person { en: "Add person", de: "Person hinzufügen" }
    email { en: "E-mail address", de: "E-Mail-Adresse" }
    password_of(name) { en: "Password of {name}", de: "Kennwort von {name}" }

    no_app_name { en: "The app name is empty.", de: "Der Name der App ist leer." }
    bad_duration { en: "Give a number from 300 to 172800.", de: "Geben Sie eine Zahl von 300 bis 172800 an." }
    no_grant { en: "Choose a grant type.", de: "Wählen Sie einen Gewährungstyp." }
    no_redirect_uri {
        en: "Code Authorization needs a redirect URI.",
        de: "Die Code-Autorisierung braucht eine Umleitungs-URI.",
    }
    bad_redirect_uri(uri) {
        en: "{uri} is no redirect URI: it must be https, or http on loopback, without a fragment.",
        de: "{uri} ist keine Umleitungs-URI: Sie muss https sein, oder http auf Loopback, ohne Fragment.",
    }
    too_many {
        en: "There are enough of them for a simulation. Remove one first.",
        de: "Für eine Simulation sind das genug. Entfernen Sie zuerst einen.",
    }
    no_email { en: "The address is empty, or too long.", de: "Die Adresse ist leer oder zu lang." }
    known_email {
        en: "There is a person with this address already.",
        de: "Es gibt schon eine Person mit dieser Adresse.",
    }
}
