//! Errors of connections on their own pages, which say what to do there.

use bot_engine::{Language, ProviderError};
use control_room::connections::ConnectionError;
use control_room::oauth::CallbackError;

/// What to do on the pages of the connection about an error.
pub(super) fn connection_error(error: &ConnectionError, language: Language) -> String {
    match error {
        ConnectionError::Exists(_) => texts::exists(language).into(),
        ConnectionError::NotShared(_) => texts::keeps_no_shared_token(language).into(),
        ConnectionError::NotSignedIn { .. } => texts::nobody_signed_in(language).into(),
        ConnectionError::NoToken { error, .. } => error.message(language),
        ConnectionError::SecretNeeded(_) => texts::secret_needed(language).into(),
        ConnectionError::Callback(error) => callback_error(error, language),
        ConnectionError::Loopback(_) => texts::port_in_use(language).into(),
        ConnectionError::Store(error_of_store) => {
            tracing::error!(error = %error_of_store, "a connection cannot be used");
            error.message(language)
        }
        other => other.message(language),
    }
}

fn callback_error(error: &CallbackError, language: Language) -> String {
    match error {
        CallbackError::Expired => texts::expired(language).into(),
        CallbackError::Over => texts::already_ended(language).into(),
        CallbackError::NotConfirmed => texts::not_confirmed(language).into(),
        CallbackError::Refused(refused) => texts::refused_sign_in(language, refused),
        CallbackError::WrongState | CallbackError::WrongIssuer => {
            texts::other_sign_in(language).into()
        }
        _ => texts::not_a_callback(language).into(),
    }
}

pub(super) mod texts {
    bot_engine::messages! {
        port_in_use {
            en: "Another program is using the port of the callback. Until it stops, paste the callback's address.",
            de: "Ein anderes Programm verwendet gerade den Port des Callbacks. Bis es beendet ist, müssen Sie die Adresse des Callbacks einfügen.",
        }
        exists { en: "A connection of this name already exists.", de: "Es gibt bereits eine Verbindung mit diesem Namen." }
        secret_needed {
            en: "The stored secret belongs to another token host. Enter it again.",
            de: "Der gespeicherte Schlüssel gehört zu einem anderen Token-Host. Geben Sie ihn noch einmal ein.",
        }
        keeps_no_shared_token {
            en: "The connection has no shared token. Turn on “Save login credentials”, or sign in for yourself.",
            de: "Die Verbindung hat kein gemeinsames Token. Schalten Sie „Anmeldedaten speichern“ ein, oder melden Sie sich für sich selbst an.",
        }
        nobody_signed_in { en: "Nobody has signed in yet.", de: "Es hat sich noch niemand angemeldet." }
        expired {
            en: "Nobody signed in in time. Start again.",
            de: "Es hat sich niemand rechtzeitig angemeldet. Beginnen Sie noch einmal.",
        }
        already_ended {
            en: "The sign-in has ended already, or its callback has arrived already. Load this page again.",
            de: "Die Anmeldung ist schon zu Ende, oder ihr Callback ist schon angekommen. Laden Sie diese Seite neu.",
        }
        not_confirmed {
            en: "The token was discarded, and nothing was stored.",
            de: "Das Token wurde verworfen, und es wurde nichts gespeichert.",
        }
        refused_sign_in(reason) {
            en: "The sign-in was refused on the provider's page: {reason}",
            de: "Die Anmeldung wurde auf der Seite des Anbieters abgelehnt: {reason}",
        }
        not_a_callback {
            en: "This is not the address that the browser was redirected to after the sign-in.",
            de: "Das ist nicht die Adresse, zu der der Browser nach der Anmeldung weitergeleitet wurde.",
        }
        other_sign_in {
            en: "This address belongs to another sign-in.",
            de: "Diese Adresse gehört zu einer anderen Anmeldung.",
        }
    }
}
