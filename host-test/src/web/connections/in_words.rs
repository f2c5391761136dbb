//! Why a connection does not do what was asked, in the reader's language. What a provider said stays as it was said.

use super::texts::Texts;
use crate::control_room::connections::ConnectionError;
use crate::control_room::oauth::revocation::RevocationError;
use crate::control_room::oauth::{CallbackError, TokenError};

pub(super) fn connection_error(error: &ConnectionError, texts: &Texts) -> String {
    let because = |text: &str, reason: &dyn ToString| text.replace("{reason}", &reason.to_string());
    match error {
        ConnectionError::Exists(_) => texts.exists.into(),
        ConnectionError::NotShared(_) => texts.not_shared.into(),
        ConnectionError::NoSignIn(_) | ConnectionError::NotUserSpecific(_) => {
            texts.nobody_signs_in.into()
        }
        ConnectionError::NotSignedIn { .. } => texts.nobody_signed_in.into(),
        ConnectionError::SignInNeeded { reason, .. } => {
            because(texts.sign_in_again_because, reason)
        }
        ConnectionError::NoToken { error, .. } => token_error(error, texts),
        ConnectionError::OutOfTime(_) => texts.out_of_time.into(),
        ConnectionError::Changed(_) => texts.changed.into(),
        ConnectionError::SecretNeeded(_) => texts.secret_needed.into(),
        ConnectionError::Callback(error) => callback_error(error, texts),
        ConnectionError::Loopback(_) => texts.other_sign_in_waits.into(),
        ConnectionError::Network(error) => because(texts.operator, error),
        other => because(texts.failed, other),
    }
}

fn token_error(error: &TokenError, texts: &Texts) -> String {
    let because = |text: &str, reason: &dyn ToString| text.replace("{reason}", &reason.to_string());
    match error {
        TokenError::SignInNeeded(refusal) => because(texts.sign_in_again_because, refusal),
        TokenError::Refused(refusal) => because(texts.refused_client, refusal),
        TokenError::Passing { .. } => because(texts.passing, error),
        TokenError::Untrusted(reason) | TokenError::NotPermitted(reason) => {
            because(texts.operator, reason)
        }
        TokenError::Unexpected { .. } => because(texts.unexpected, error),
        TokenError::WrongGrant => texts.nobody_signs_in.into(),
    }
}

fn callback_error(error: &CallbackError, texts: &Texts) -> String {
    match error {
        CallbackError::Expired | CallbackError::Over => texts.expired.into(),
        CallbackError::Refused(refused) => texts
            .refused_sign_in
            .replace("{reason}", &refused.to_string()),
        CallbackError::WrongState | CallbackError::WrongIssuer => texts.other_sign_in.into(),
        _ => texts.not_a_callback.into(),
    }
}

/// Why a token may live on.
pub(super) fn revocation_error(error: &RevocationError, texts: &Texts) -> String {
    let because = |text: &str, reason: &dyn ToString| text.replace("{reason}", &reason.to_string());
    match error {
        RevocationError::NotOffered => texts.not_offered.into(),
        RevocationError::Unreadable => texts.unreadable.into(),
        RevocationError::InUse => texts.in_use.into(),
        RevocationError::NotRefreshed(error) => {
            because(texts.not_refreshed, &token_error(error, texts))
        }
        RevocationError::Unknown => texts.token_unknown.into(),
        RevocationError::Setup(_)
        | RevocationError::Network(_)
        | RevocationError::TooSlow { .. }
        | RevocationError::Refused { .. } => because(texts.not_ended, error),
    }
}
