//! The fields of a new password, typed twice, and their validation.

use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};

use super::layout::{Frame, field_error};
use super::messages;
use bot_engine::Language;
use control_room::passwords::{MAX_PASSWORD, MIN_PASSWORD};

/// The errors of the two fields.
#[derive(Default)]
pub(super) struct PasswordErrors {
    pub(super) password: Option<String>,
    pub(super) again: Option<String>,
}

impl PasswordErrors {
    /// Validates `password`, and `again` against it.
    pub(super) fn of(password: &SecretString, again: &SecretString, language: Language) -> Self {
        let (password, again) = (password.expose_secret(), again.expose_secret());
        Self {
            password: match password.chars().count() {
                ..MIN_PASSWORD => Some(messages::password_too_short(language, MIN_PASSWORD)),
                MIN_PASSWORD..=MAX_PASSWORD => None,
                _ => Some(messages::password_too_long(language, MAX_PASSWORD)),
            },
            again: (password != again).then(|| messages::passwords_differ(language).into()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.password.is_none() && self.again.is_none()
    }
}

/// The two fields; their values are never sent back.
pub(super) fn password_fields(frame: &Frame<'_>, label: &str, errors: &PasswordErrors) -> Markup {
    let language = frame.language;
    let hint = messages::password_hint(language, MIN_PASSWORD);
    html! {
        label for="password" { (label) }
        input #password name="password" type="password" autocomplete="new-password" required
            autofocus[errors.password.is_some()]
            aria-invalid=[errors.password.as_ref().map(|_| "true")]
            aria-describedby="password-hint password-error";
        p.hint #password-hint { (hint) }
        (field_error("password-error", errors.password.as_deref()))
        label for="again" { (messages::password_again(language)) }
        input #again name="again" type="password" autocomplete="new-password" required
            autofocus[errors.password.is_none() && errors.again.is_some()]
            aria-invalid=[errors.again.as_ref().map(|_| "true")]
            aria-describedby=[errors.again.as_ref().map(|_| "again-error")];
        (field_error("again-error", errors.again.as_deref()))
    }
}
