//! The API resource `/api/v2/tokens/me`, which stands for the token of the request: checks and revokes a token.

use secrecy::SecretString;

use crate::error::{Error, Rejection};
use crate::exchange::{MAX_RESPONSE, Method, Request, Response};
use crate::{refusal, token};

/// The path of the resource.
pub const PATH: &str = "/api/v2/tokens/me";

/// Checks whether a token is valid (`HEAD`).
pub fn check(api_host: String, token: &SecretString) -> Request {
    request(Method::Head, api_host, token)
}

/// Revokes a token (`DELETE`).
pub fn revoke(api_host: String, token: &SecretString) -> Request {
    request(Method::Delete, api_host, token)
}

fn request(method: Method, api_host: String, token: &SecretString) -> Request {
    Request {
        method,
        host: api_host,
        path: PATH.into(),
        authorization: token::bearer(token),
        body: None,
        max_response: MAX_RESPONSE,
    }
}

/// Reads the response to [`check`]. It has no body, so the status alone distinguishes the refusals (RFC 6750, section 3.1).
///
/// # Errors
///
/// The matching case for every response other than that the token is valid.
pub fn read_check(host: &str, response: &Response) -> Result<(), Error> {
    let code = match response.status {
        200 | 204 => return Ok(()),
        401 if refusal::is_of_genesys(response) => "invalid_token",
        403 if refusal::is_of_genesys(response) => "insufficient_scope",
        _ => return Err(refusal::read(host, response)),
    };
    Err(Error::Rejected(Rejection {
        host: host.into(),
        code: code.into(),
        description: None,
        correlation_id: refusal::correlation_id(response),
    }))
}

/// Reads the response to [`revoke`]. A token that is already invalid counts as revoked (RFC 7009, section 2.2), if it is
/// Genesys that says so.
///
/// # Errors
///
/// The matching case for every response after which the token may still be valid.
pub fn read_revocation(host: &str, response: &Response) -> Result<(), Error> {
    match response.status {
        200 | 202 | 204 => Ok(()),
        status => match refusal::read(host, response) {
            Error::Rejected(_) if status == 401 => Ok(()),
            error => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const HOST: &str = "api.mypurecloud.de";

    fn status(status: u16) -> Response {
        Response {
            status,
            correlation_id: Some("c-1".into()),
            ..Response::default()
        }
    }

    /// A page of a gateway or firewall on the way.
    fn page(status: u16) -> Response {
        Response {
            status,
            content_type: Some("text/html".into()),
            body: Some("<h1>No</h1>".into()),
            ..Response::default()
        }
    }

    #[test]
    fn the_token_is_in_the_header_only() {
        let token = SecretString::from("t0ken");
        for (request, method) in [
            (check(HOST.into(), &token), Method::Head),
            (revoke(HOST.into(), &token), Method::Delete),
        ] {
            assert_eq!(request.method, method);
            assert_eq!(
                (request.host.as_str(), &*request.path),
                (HOST, "/api/v2/tokens/me")
            );
            assert_eq!(request.authorization.expose_secret(), "Bearer t0ken");
            assert_eq!(request.body, None);
            assert!(!format!("{request:?}").contains("t0ken"));
        }
    }

    #[test]
    fn an_invalid_token_fails_the_check() {
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
    fn a_page_of_a_gateway_says_nothing_about_the_token() {
        for answer in [401, 403] {
            for result in [
                read_check(HOST, &page(answer)),
                read_revocation(HOST, &page(answer)),
            ] {
                assert!(
                    matches!(result, Err(Error::UnexpectedResponse(_))),
                    "{result:?}"
                );
            }
        }
    }

    #[test]
    fn revoking_an_invalid_token_succeeds() {
        for answer in [200, 204, 401] {
            assert_eq!(read_revocation(HOST, &status(answer)), Ok(()));
        }
        assert!(matches!(
            read_revocation(HOST, &status(503)),
            Err(Error::Unavailable(_))
        ));
        assert!(matches!(
            read_revocation(HOST, &status(429)),
            Err(Error::Throttled { .. })
        ));
        assert!(matches!(
            read_revocation(HOST, &status(403)),
            Err(Error::Rejected(_))
        ));
    }
}
