//! A new password, typed twice: the same rules and words wherever one is set.

use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};

use super::layout::{Frame, field_error};
use super::messages;
use bot_engine::Language;
use control_room::passwords::{MAX_PASSWORD, MIN_PASSWORD};

/// What is wrong with a password that was typed.
#[derive(Default)]
pub(super) struct WrongPassword {
    pub(super) password: Option<String>,
    pub(super) again: Option<String>,
}

impl WrongPassword {
    /// What is wrong with `password`, typed once more as `again`.
    pub(super) fn of(password: &SecretString, again: &SecretString, language: Language) -> Self {
        let (password, again) = (password.expose_secret(), again.expose_secret());
        WrongPassword {
            password: match password.chars().count() {
                ..MIN_PASSWORD => Some(messages::password_too_short(language, MIN_PASSWORD)),
                MIN_PASSWORD..=MAX_PASSWORD => None,
                _ => Some(messages::password_too_long(language, MAX_PASSWORD)),
            },
            again: (password != again).then(|| messages::passwords_differ(language).into()),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.password.is_none() && self.again.is_none()
    }
}

/// The two fields. What was typed never comes back.
pub(super) fn password_fields(frame: &Frame<'_>, label: &str, wrong: &WrongPassword) -> Markup {
    let language = frame.language;
    let hint = messages::password_hint(language, MIN_PASSWORD);
    html! {
        label for="password" { (label) }
        input #password name="password" type="password" autocomplete="new-password" required
            autofocus[wrong.password.is_some()]
            aria-invalid=[wrong.password.as_ref().map(|_| "true")]
            aria-describedby="password-hint password-error";
        p.hint #password-hint { (hint) }
        (field_error("password-error", wrong.password.as_deref()))
        label for="again" { (messages::password_again(language)) }
        input #again name="again" type="password" autocomplete="new-password" required
            autofocus[wrong.password.is_none() && wrong.again.is_some()]
            aria-invalid=[wrong.again.as_ref().map(|_| "true")]
            aria-describedby=[wrong.again.as_ref().map(|_| "again-error")];
        (field_error("again-error", wrong.again.as_deref()))
    }
}
