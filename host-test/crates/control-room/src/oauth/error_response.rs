//! Reads an error response of a token endpoint, with the action's own parser of what Genesys and RFC 6749 say.

use std::time::Duration;

use bot_engine::action::Redactor;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use oauth_authentication::error::Error;
use oauth_authentication::exchange::Response;
use oauth_authentication::refusal;

use super::error::{Fault, Refusal, TokenError, Unexpected};

/// A response as the type of the action's library.
pub(super) fn response(status: u16, headers: &HeaderMap, body: Vec<u8>) -> Response {
    let header = |name: HeaderName| {
        let value = headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    Response {
        status,
        content_type: header(CONTENT_TYPE),
        retry_after: header(RETRY_AFTER),
        date: header(DATE),
        correlation_id: header(HeaderName::from_static("inin-correlation-id")),
        www_authenticate: header(WWW_AUTHENTICATE),
        body: Some(body),
    }
}

/// What a refusal of `host` means. `invalid_grant` is about a code or a refresh token, so it ends a sign-in only if
/// the request presented one (`presented_grant`), unlike with client credentials. The texts of the server are redacted.
pub(super) fn read(
    host: &str,
    response: &Response,
    presented_grant: bool,
    redactor: &Redactor,
) -> TokenError {
    let host = host.to_owned();
    match refusal::read(&host, response) {
        Error::Rejected(rejection) => {
            let ends_sign_in = presented_grant && rejection.code == "invalid_grant";
            let shown = |text: String| redactor.redact(&text).into_owned();
            let refusal = Refusal {
                host,
                code: shown(rejection.code),
                description: rejection.description.map(shown),
                correlation_id: rejection.correlation_id.map(shown),
            };
            if ends_sign_in {
                TokenError::SignInNeeded(refusal)
            } else {
                TokenError::Refused(refusal)
            }
        }
        Error::Throttled { retry_after, .. } => TokenError::Transient {
            fault: Fault::Throttled { host },
            retry_after: retry_after.map(|seconds| Duration::from_secs(seconds.into())),
        },
        Error::Unavailable(failure) => TokenError::Transient {
            fault: Fault::Server {
                host,
                status: response.status,
            },
            retry_after: failure
                .retry_after
                .map(|seconds| Duration::from_secs(seconds.into())),
        },
        _ => TokenError::Unexpected {
            host,
            what: match response.status {
                status @ (301 | 302 | 303 | 307 | 308) => Unexpected::Redirect(status),
                status => Unexpected::Status(status),
            },
        },
    }
}
