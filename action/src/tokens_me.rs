//! The API's resource of the token itself, `/api/v2/tokens/me`: checks a token, ends a token.

use alloc::string::String;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Rejection};
use crate::exchange::{Method, Request, Response};
use crate::refusal;
use crate::strings::join;

/// Asks whether a token is alive (`HEAD`).
pub fn check(api_host: String, token: &SecretString) -> Request {
    request(Method::Head, api_host, token)
}

/// Ends a token (`DELETE`).
pub fn end(api_host: String, token: &SecretString) -> Request {
    request(Method::Delete, api_host, token)
}

/// The token goes into the header and nowhere else (RFC 6750, section 2.1).
fn request(method: Method, api_host: String, token: &SecretString) -> Request {
    Request {
        method,
        host: api_host,
        path: "/api/v2/tokens/me",
        authorization: join(&["Bearer ", token.expose_secret()]).into(),
        form: None,
    }
}

/// Reads the answer to [`check`]. It has no body, so a refusal is told by its status (RFC 6750,
/// section 3.1).
///
/// # Errors
///
/// Whatever is not a token that is alive.
pub fn read_check(host: &str, response: &Response) -> Result<(), Error> {
    let code = match response.status {
        200 | 204 => return Ok(()),
        401 => "invalid_token",
        403 => "insufficient_scope",
        _ => return Err(refusal::read(host, response)),
    };
    Err(Error::Rejected(Rejection {
        host: host.into(),
        code: code.into(),
        description: None,
        correlation_id: refusal::correlation_id(response),
    }))
}

/// Reads the answer to [`end`]. A token that is dead already is what was wanted (RFC 7009, section
/// 2.2).
///
/// # Errors
///
/// Whatever leaves the token alive; with [`Error::Unavailable`] it may be alive.
pub fn read_end(host: &str, response: &Response) -> Result<(), Error> {
    match response.status {
        200 | 202 | 204 | 401 => Ok(()),
        _ => Err(refusal::read(host, response)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "api.mypurecloud.de";

    fn status(status: u16) -> Response {
        Response {
            status,
            ..Response::default()
        }
    }

    #[test]
    fn the_token_goes_into_the_header_alone() {
        let token = SecretString::from("t0ken");
        for (request, method) in [
            (check(HOST.into(), &token), Method::Head),
            (end(HOST.into(), &token), Method::Delete),
        ] {
            assert_eq!(request.method, method);
            assert_eq!(
                (request.host.as_str(), request.path),
                (HOST, "/api/v2/tokens/me")
            );
            assert_eq!(request.authorization.expose_secret(), "Bearer t0ken");
            assert_eq!(request.form, None);
            assert!(!format!("{request:?}").contains("t0ken"));
        }
    }

    #[test]
    fn a_dead_token_fails_the_check() {
        assert_eq!(read_check(HOST, &status(200)), Ok(()));
        for (answer, code) in [(401, "invalid_token"), (403, "insufficient_scope")] {
            match read_check(HOST, &status(answer)) {
                Err(Error::Rejected(rejection)) => assert_eq!(rejection.code, code),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(
            read_check(HOST, &status(503)),
            Err(Error::Unavailable(_))
        ));
        assert!(matches!(
            read_check(HOST, &status(404)),
            Err(Error::UnexpectedResponse(_))
        ));
    }

    #[test]
    fn ending_a_dead_token_is_a_success() {
        for answer in [200, 204, 401] {
            assert_eq!(read_end(HOST, &status(answer)), Ok(()));
        }
        assert!(matches!(
            read_end(HOST, &status(503)),
            Err(Error::Unavailable(_))
        ));
        assert!(matches!(
            read_end(HOST, &status(429)),
            Err(Error::Throttled { .. })
        ));
        assert!(matches!(
            read_end(HOST, &status(403)),
            Err(Error::Rejected(_))
        ));
    }
}
