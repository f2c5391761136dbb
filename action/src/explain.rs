//! The message for an error, for a bot designer: what happened and what to do.

use crate::characters::code_point;
use crate::environment::region_label;
use crate::error::Reason;
use crate::form;
use crate::texts::{Locale, Text};
use crate::wit::{Failure, InvalidInput, OauthError as Error};

/// How long Genesys Cloud throttles, in seconds: its limits are per minute.
const USUAL_WAIT: u32 = 60;

/// The message in the language of `locale` (BCP 47), otherwise in English.
pub fn explain(error: &Error, locale: &str) -> String {
    in_locale(error, Locale::matching(locale))
}

/// The message in a language of the catalogue.
pub fn in_locale(error: &Error, locale: Locale) -> String {
    match error {
        Error::InvalidInput(input) => {
            let field =
                form::label(&input.field).map_or(input.field.as_str(), |key| locale.text(key));
            let reason = reason(locale, &input.code, &input.reason);
            let reason = match named_character(input) {
                Some(character) => format!("{reason} ({character})"),
                None => reason.into(),
            };
            locale.fill(
                Text::ErrorInvalidInput,
                &[("field", field), ("reason", &reason)],
            )
        }
        Error::Rejected(rejection) => {
            let region = region_label(&rejection.host);
            let text = locale.fill(
                refusal(&rejection.code),
                &[("region", &region), ("code", &rejection.code)],
            );
            let text = with(
                locale,
                text,
                Text::ErrorDescription,
                rejection.description.as_deref(),
            );
            with(
                locale,
                text,
                Text::ErrorCorrelationId,
                rejection.correlation_id.as_deref(),
            )
        }
        Error::Throttled(throttling) => {
            let seconds = throttling.retry_after.unwrap_or(USUAL_WAIT).to_string();
            let values = [("host", throttling.host.as_str()), ("seconds", &seconds)];
            let text = locale.fill(Text::ErrorThrottled, &values);
            with(
                locale,
                text,
                Text::ErrorCorrelationId,
                throttling.correlation_id.as_deref(),
            )
        }
        Error::Unavailable(it) => failure(locale, Text::ErrorUnavailable, it),
        Error::UntrustedServer(it) => failure(locale, Text::ErrorUntrustedServer, it),
        Error::NotPermitted(it) => failure(locale, Text::ErrorNotPermitted, it),
        Error::UnexpectedResponse(it) => failure(locale, Text::ErrorUnexpectedResponse, it),
        Error::Other(it) => failure(locale, Text::ErrorOther, it),
    }
}

/// The text for the code of a refusal (RFC 6749, section 5.2; RFC 6750, section 3.1; Genesys' API).
fn refusal(code: &str) -> Text {
    match code {
        "invalid_client" => Text::ErrorRejectedInvalidClient,
        "unauthorized_client" => Text::ErrorRejectedUnauthorizedClient,
        "invalid_token" | "bad.credentials" | "credentials.expired" => {
            Text::ErrorRejectedInvalidToken
        }
        "insufficient_scope" | "missing.permissions" => Text::ErrorRejectedInsufficientScope,
        _ => Text::ErrorRejected,
    }
}

fn failure(locale: Locale, key: Text, failure: &Failure) -> String {
    let values = [
        ("host", failure.host.as_str()),
        ("reason", reason(locale, &failure.code, &failure.reason)),
    ];
    let text = locale.fill(key, &values);
    let status = failure.status.map(|status| status.to_string());
    let text = with(locale, text, Text::ErrorStatus, status.as_deref());
    let wait = failure.retry_after.map(|seconds| seconds.to_string());
    let text = with(locale, text, Text::ErrorRetryAfter, wait.as_deref());
    with(
        locale,
        text,
        Text::ErrorCorrelationId,
        failure.correlation_id.as_deref(),
    )
}

/// The text, followed by a sentence about the detail if there is one.
fn with(locale: Locale, text: String, sentence: Text, detail: Option<&str>) -> String {
    match detail {
        Some(detail) => format!("{text} {}", locale.fill(sentence, &[("detail", detail)])),
        None => text,
    }
}

/// The reason with this code in the language of `locale`, or the text that came with a code that is not known.
fn reason<'a>(locale: Locale, code: &str, otherwise: &'a str) -> &'a str {
    Reason::with_code(code).map_or(otherwise, |reason| locale.text(reason.text()))
}

/// A reason for people, with the code point of the character in question.
pub fn with_character(reason: &str, character: Option<char>) -> String {
    match character {
        Some(character) => format!("{reason} ({})", code_point(character)),
        None => reason.into(),
    }
}

/// The code point in a reason made by [`with_character`], as it is the same in every language.
pub fn named_character(input: &InvalidInput) -> Option<&str> {
    if input.code != Reason::ControlCharacters.code() {
        return None;
    }
    let (_, named) = input.reason.trim_end_matches('.').rsplit_once('(')?;
    let code_point = named.strip_suffix(')')?;
    code_point.starts_with("U+").then_some(code_point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wit::{Rejection, Throttling};

    fn failure_for(reason: Reason) -> Failure {
        Failure {
            host: "login.mypurecloud.de".into(),
            code: reason.code().into(),
            reason: reason.in_english().into(),
            status: None,
            retry_after: None,
            correlation_id: None,
        }
    }

    fn rejection(code: &str) -> Error {
        Error::Rejected(Rejection {
            host: "login.mypurecloud.de".into(),
            code: code.into(),
            description: Some("authentication failed".into()),
            correlation_id: Some("c-1".into()),
        })
    }

    /// One error of each kind, and of each code that has its own text.
    fn every_error() -> Vec<Error> {
        let throttled = |retry_after| {
            let host = "login.mypurecloud.de".into();
            Error::Throttled(Throttling {
                host,
                retry_after,
                correlation_id: Some("c-1".into()),
            })
        };
        let mut errors = vec![throttled(None), throttled(Some(30))];
        errors.extend(
            [
                "invalid_client",
                "unauthorized_client",
                "invalid_token",
                "insufficient_scope",
                "other",
            ]
            .map(rejection),
        );
        for &reason in Reason::ALL {
            errors.push(Error::InvalidInput(InvalidInput {
                field: "url".into(),
                code: reason.code().into(),
                reason: reason.in_english().into(),
            }));
            let failure = failure_for(reason);
            errors.push(Error::Other(failure.clone()));
            errors.push(Error::Unavailable(failure.clone()));
            errors.push(Error::UntrustedServer(failure.clone()));
            errors.push(Error::NotPermitted(failure.clone()));
            errors.push(Error::UnexpectedResponse(Failure {
                status: Some(418),
                ..failure
            }));
        }
        errors
    }

    #[test]
    fn messages_in_both_languages() {
        let mut messages = String::new();
        let mut errors = every_error();
        // Every reason once, and every other case with one reason.
        errors.retain(|error| match error {
            Error::InvalidInput(it) => it.code == "empty",
            Error::UntrustedServer(it) => it.code == "certificate-invalid",
            Error::NotPermitted(it) => it.code == "host-not-allowed",
            Error::UnexpectedResponse(it) => it.code == "not-json",
            Error::Other(it) => it.code == "runtime-error",
            _ => true,
        });
        errors.push(Error::Unavailable(Failure {
            status: Some(503),
            retry_after: Some(300),
            ..failure_for(Reason::ServerError)
        }));
        for error in errors {
            for locale in ["en", "de"] {
                messages += &format!("{locale}  {}\n", explain(&error, locale));
            }
        }
        insta::assert_snapshot!(messages);
    }

    #[test]
    fn every_error_has_a_message_in_both_languages() {
        for error in every_error() {
            let (english, german) = (explain(&error, "en"), explain(&error, "de-AT"));
            assert_ne!(english, german);
            for text in [&english, &german] {
                for sign_of_a_missing_text in ["error.", "reason.", "{", "}", "  "] {
                    assert!(!text.contains(sign_of_a_missing_text), "{text}");
                }
                assert!(text.ends_with(['.', '…', ')']), "{text}");
            }
        }
    }

    #[test]
    fn german_texts_contain_no_english_reasons() {
        for &reason in Reason::ALL {
            let text = explain(&Error::Unavailable(failure_for(reason)), "de");
            assert!(!text.contains(reason.in_english()), "{text}");
        }
    }

    #[test]
    fn the_message_for_invalid_client_names_the_region() {
        let english = explain(&rejection("invalid_client"), "en");
        assert!(
            english.contains("eu-central-1 (mypurecloud.de)"),
            "{english}"
        );
        assert!(english.contains("wrong region"), "{english}");
        assert!(
            english.contains("“authentication failed”") && english.contains("c-1"),
            "{english}"
        );
        let german = explain(&rejection("invalid_client"), "de");
        assert!(german.contains("eu-central-1 (mypurecloud.de)"), "{german}");
        assert!(german.contains("falschen Region"), "{german}");
    }

    #[test]
    fn a_field_is_named_by_its_label() {
        let error = |field: &str| {
            Error::InvalidInput(InvalidInput {
                field: field.into(),
                code: "empty".into(),
                reason: Reason::Empty.in_english().into(),
            })
        };
        assert_eq!(
            explain(&error("session-name"), "en"),
            "Session name: the field is empty."
        );
        assert_eq!(
            explain(&error("client-secret"), "de"),
            "Geheimer Clientschlüssel: das Feld ist leer."
        );
        assert_eq!(
            explain(&error("unheard-of"), "en"),
            "unheard-of: the field is empty."
        );
    }

    #[test]
    fn an_invisible_character_is_named_in_both_languages() {
        let error = || {
            let invalid = crate::token::credential("client-secret", "a\u{200b}b");
            Error::from(invalid.unwrap_err())
        };
        assert_eq!(
            explain(&error(), "en"),
            "Client secret: the text contains a control character or an invisible one (U+200B)."
        );
        assert_eq!(
            explain(&error(), "de"),
            "Geheimer Clientschlüssel: der Text enthält ein Steuerzeichen oder ein unsichtbares Zeichen (U+200B)."
        );
    }

    #[test]
    fn a_reason_with_an_unknown_code_stays_as_it_is() {
        let failure = Failure {
            code: "later".into(),
            reason: "a fault".into(),
            ..failure_for(Reason::Busy)
        };
        let text = explain(&Error::Other(failure), "de");
        assert!(text.contains("a fault"), "{text}");
    }

    #[test]
    fn a_reason_is_found_by_its_code() {
        for &reason in Reason::ALL {
            assert_eq!(Reason::with_code(reason.code()), Some(reason));
        }
    }
}
