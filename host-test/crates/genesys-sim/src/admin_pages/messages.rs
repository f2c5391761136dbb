//! The message catalogue of the admin pages, in English and in the words of Genesys' German pages.

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    German,
}

impl Language {
    pub(super) const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language tag (BCP 47).
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Its name in the language itself.
    pub(super) fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// The first supported language of `Accept-Language` (RFC 9110, section 12.5.4). Weights are ignored: browsers send
    /// the languages in the order of preference.
    pub(super) fn from_accept_language(header: &str) -> Self {
        let mut ranges = header.split(',').filter_map(|part| {
            let range = part.split([';', '-']).next()?.trim();
            Self::from_code(&range.to_ascii_lowercase())
        });
        ranges.next().unwrap_or_default()
    }
}

/// Each message is a method of [`Language`]; parameters stand in braces.
macro_rules! messages {
    ($($key:ident $(($($parameter:ident),+))?: $english:literal, $german:literal;)*) => {
        impl Language {
            $(messages!(@one $key $(($($parameter),+))?: $english, $german);)*
        }
    };
    (@one $key:ident: $english:literal, $german:literal) => {
        pub(super) fn $key(self) -> &'static str {
            match self {
                Self::English => $english,
                Self::German => $german,
            }
        }
    };
    (@one $key:ident($($parameter:ident),+): $english:literal, $german:literal) => {
        pub(super) fn $key(self, $($parameter: &str),+) -> String {
            match self {
                Self::English => format!($english),
                Self::German => format!($german),
            }
        }
    };
}

messages! {
    skip: "Skip to content", "Zum Inhalt springen";
    pages: "Pages", "Seiten";
    simulation: "This is a simulation of Genesys Cloud. It does not know your real organization, and loses all data when the program ends.", "Dies ist eine Simulation von Genesys Cloud. Sie kennt Ihre echte Organisation nicht und verliert alle Daten, wenn das Programm endet.";
    sign_out: "Sign out", "Abmelden";
    cancel: "Cancel", "Abbrechen";
    remove: "Remove", "Entfernen";
    copy: "Copy", "Kopieren";
    copied: "Copied", "Kopiert";

    sign_in: "Sign in", "Anmelden";
    sign_in_title: "Sign in to Genesys Cloud as an administrator", "Als Administrator bei Genesys Cloud anmelden";
    sign_in_advice: "The program that runs this simulation has printed the administrator's password.", "Das Programm, in dem diese Simulation läuft, hat das Kennwort des Administrators ausgegeben.";
    username: "E-mail address", "E-Mail-Adresse";
    password: "Password", "Kennwort";
    wrong_password: "The e-mail address or the password is not right.", "E-Mail-Adresse oder Kennwort ist nicht richtig.";
    locked_out(seconds): "Too many wrong passwords. Try again in {seconds} seconds.", "Zu viele falsche Kennwörter. Versuchen Sie es in {seconds} Sekunden noch einmal.";
    not_admin: "This user is not an administrator.", "Dieser Benutzer ist kein Administrator.";

    not_found: "This page does not exist.", "Diese Seite gibt es nicht.";
    malformed: "The request is not valid.", "Die Anfrage ist nicht gültig.";
    stale_form: "This form is out of date. Go back, reload the page, and try again.", "Dieses Formular ist veraltet. Gehen Sie zurück, laden Sie die Seite neu, und versuchen Sie es noch einmal.";
    cross_site: "This request comes from another site.", "Diese Anfrage kommt von einer anderen Website.";
    error_title: "That did not work", "Das ging nicht";

    clients_path: "Admin > Integrations > OAuth", "Admin > Integrationen > OAuth";
    clients: "OAuth clients", "OAuth-Clients";
    add_client: "Add client", "Client hinzufügen";
    no_clients: "There are no OAuth clients yet. A Control Room needs one to sign in.", "Es gibt noch keine OAuth-Clients. Ein Control Room braucht einen, um sich anzumelden.";
    app_name: "App name", "Name der App";
    duration: "Token duration", "Token-Dauer";
    duration_hint: "In seconds, from 300 to 172800.", "In Sekunden, von 300 bis 172800.";
    seconds(number): "{number} s", "{number} s";
    grant_types: "Grant types", "Gewährungstypen";
    code_authorization: "Code Authorization", "Code-Autorisierung";
    client_credentials: "Client Credentials", "Client-Anmeldedaten";
    redirect_uris: "Authorized redirect URIs", "Autorisierte Umleitungs-URIs";
    redirect_uris_hint: "One per line. For a Control Room connection: its callback URL.", "Eine pro Zeile. Für eine Control-Room-Verbindung: ihre Callback-URL.";
    region: "Region of the organization", "Region der Organisation";
    region_hint: "The environment that the connection names.", "Die Umgebung, die die Verbindung nennt.";
    save: "Save", "Speichern";
    client_id: "Client ID", "Client-ID";
    client_secret: "Client secret", "Geheimer Clientschlüssel";
    copy_advice: "Copy both: the connection in the Control Room needs them.", "Kopieren Sie beide: Die Verbindung im Control Room braucht sie.";
    state: "State", "Zustand";
    enabled: "Active", "Aktiv";
    disabled: "Inactive", "Inaktiv";
    enable: "Activate", "Aktivieren";
    disable: "Deactivate", "Deaktivieren";
    expire_tokens: "Expire its tokens", "Tokens ablaufen lassen";
    remove_client(name): "Remove the client “{name}”?", "Den Client „{name}“ entfernen?";
    remove_advice: "All its tokens are revoked.", "Alle seine Tokens werden widerrufen.";

    people_path: "Admin > People", "Admin > Personen";
    people: "People", "Personen";
    people_advice: "Only these people can sign in to a connection.", "Nur diese Personen können sich bei einer Verbindung anmelden.";
    administrator: "Administrator", "Administrator";
    add_person: "Add person", "Person hinzufügen";
    password_of(name): "Password of {name}", "Kennwort von {name}";

    app_name_empty: "The app name is empty.", "Der Name der App ist leer.";
    duration_invalid: "Enter a number from 300 to 172800.", "Geben Sie eine Zahl von 300 bis 172800 ein.";
    grant_type_missing: "Choose a grant type.", "Wählen Sie einen Gewährungstyp.";
    redirect_uri_missing: "Code Authorization needs a redirect URI.", "Die Code-Autorisierung braucht eine Umleitungs-URI.";
    redirect_uri_invalid(uri): "{uri} is not a valid redirect URI: it must be https, or http on loopback, without a fragment.", "{uri} ist keine gültige Umleitungs-URI: Sie muss https sein, oder http auf Loopback, ohne Fragment.";
    too_many: "The simulation can hold no more. Remove one first.", "Die Simulation kann nicht mehr aufnehmen. Entfernen Sie zuerst einen Eintrag.";
    username_invalid: "The address is empty, or too long.", "Die Adresse ist leer oder zu lang.";
    username_taken: "There is already a person with this address.", "Es gibt schon eine Person mit dieser Adresse.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_supported_language_is_chosen() {
        for (header, expected) in [
            ("", Language::English),
            ("de-AT,en;q=0.5", Language::German),
            ("en-GB, de", Language::English),
            ("fr, DE;q=0.3, en;q=0.2", Language::German),
        ] {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }

    #[test]
    fn parameters_are_filled_in() {
        assert_eq!(
            Language::German.remove_client("{name}"),
            "Den Client „{name}“ entfernen?"
        );
    }
}
