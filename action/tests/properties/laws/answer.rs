//! Properties that hold for any response of a server. The fuzz target `token` includes this file.

use oauth_authentication::error::{Error, Failure, Rejection};
use oauth_authentication::exchange::Response;
use oauth_authentication::explain::explain;
use oauth_authentication::{refusal, token, tokens_me};
use secrecy::ExposeSecret;

/// The host of the server.
pub(crate) const HOST: &str = "login.mypurecloud.de";

/// The longest description that is returned, in characters, with the ellipsis.
const MAX_DESCRIPTION: usize = 201;

/// The longest code or correlation id, in characters, with the ellipsis.
const MAX_CODE: usize = 65;

/// The longest token, in bytes.
const MAX_TOKEN: usize = 4096;

/// Reads `response` as that to each kind of request.
pub(crate) fn assert_safe(response: &Response) {
    match token::read(HOST, response) {
        Ok(token) => {
            let token = token.access_token.expose_secret();
            assert_eq!(response.status, 200);
            assert!((1..=MAX_TOKEN).contains(&token.len()));
            assert!(
                token.bytes().all(|byte| (0x21..=0x7e).contains(&byte)),
                "{token:?}"
            );
        }
        Err(error) => assert_displayable(error),
    }
    assert_displayable(refusal::read(HOST, response));
    let is_success = (200..=299).contains(&response.status);
    if let Err(error) = tokens_me::read_check(HOST, response) {
        assert_displayable(error);
    } else {
        assert!(is_success);
    }
    if let Err(error) = tokens_me::read_revocation(HOST, response) {
        assert_displayable(error);
    } else {
        assert!(is_success || response.status == 401);
    }
}

/// The parts of the response in an error are short and printable, and so is the message for it.
fn assert_displayable(error: Error) {
    let (host, correlation_id) = match &error {
        Error::Rejected(Rejection {
            host,
            code,
            description,
            correlation_id,
        }) => {
            assert!(!code.is_empty());
            assert_printable(code, MAX_CODE);
            if let Some(description) = description {
                assert_printable(description, MAX_DESCRIPTION);
            }
            (host, correlation_id)
        }
        Error::Throttled {
            host,
            correlation_id,
            ..
        }
        | Error::Unavailable(Failure {
            host,
            correlation_id,
            ..
        })
        | Error::UnexpectedResponse(Failure {
            host,
            correlation_id,
            ..
        }) => (host, correlation_id),
        other => panic!("no answer leads to {other:?}"),
    };
    assert_eq!(host, HOST);
    if let Some(id) = correlation_id {
        assert!(!id.is_empty());
        assert_printable(id, MAX_CODE);
    }
    let error = error.into();
    for locale in ["en", "de"] {
        let text = explain(&error, locale);
        assert!(!text.trim().is_empty());
        assert!(text.chars().all(is_printable), "{text:?}");
    }
}

fn assert_printable(text: &str, max: usize) {
    assert!(text.chars().count() <= max, "{text:?}");
    assert!(text.chars().all(is_printable), "{text:?}");
}

/// Whether a character is printable: not a control character (general category Cc), not a line break, not one that
/// changes the direction of the text around it (property `Bidi_Control`), and not a common invisible one.
pub(crate) fn is_printable(c: char) -> bool {
    let is_control = matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}');
    let breaks_lines = matches!(c, '\u{2028}' | '\u{2029}');
    let is_bidi_control = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let is_invisible = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    !(is_control || breaks_lines || is_bidi_control || is_invisible)
}
