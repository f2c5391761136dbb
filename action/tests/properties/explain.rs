//! Every error has a message, whatever its content and the locale.

use oauth_authentication::explain::explain;
use oauth_authentication::wit::{
    Failure, InvalidInput, OauthError as Error, Rejection, Throttling,
};
use proptest::option;
use proptest::prelude::*;

use crate::{config, text};

fn failure() -> impl Strategy<Value = Failure> {
    (
        text(20),
        text(20),
        text(20),
        option::of(any::<u16>()),
        option::of(any::<u32>()),
        option::of(text(20)),
    )
        .prop_map(
            |(host, code, reason, status, retry_after, correlation_id)| Failure {
                host,
                code,
                reason,
                status,
                retry_after,
                correlation_id,
            },
        )
}

fn error() -> impl Strategy<Value = Error> {
    let rejection = (
        text(20),
        text(20),
        option::of(text(20)),
        option::of(text(20)),
    )
        .prop_map(|(host, code, description, correlation_id)| Rejection {
            host,
            code,
            description,
            correlation_id,
        });
    let throttling = (text(20), option::of(any::<u32>()), option::of(text(20))).prop_map(
        |(host, retry_after, correlation_id)| Throttling {
            host,
            retry_after,
            correlation_id,
        },
    );
    prop_oneof![
        (text(20), text(20), text(20)).prop_map(|(field, code, reason)| {
            Error::InvalidInput(InvalidInput {
                field,
                code,
                reason,
            })
        }),
        rejection.prop_map(Error::Rejected),
        throttling.prop_map(Error::Throttled),
        failure().prop_map(Error::Unavailable),
        failure().prop_map(Error::UntrustedServer),
        failure().prop_map(Error::NotPermitted),
        failure().prop_map(Error::UnexpectedResponse),
        failure().prop_map(Error::Other),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_error_has_a_message(error in error(), locale in prop_oneof![text(8), "(de|DE|en|fr)([-_][A-Za-z0-9]{0,4})?"]) {
        prop_assert!(explain(&error, &locale).contains(char::is_alphabetic) || has_no_letters(&error));
    }
}

/// The message for an `invalid-input` consists only of its members.
fn has_no_letters(error: &Error) -> bool {
    matches!(error, Error::InvalidInput(input) if !input.field.contains(char::is_alphabetic)
        && !input.reason.contains(char::is_alphabetic))
}
