//! The token request with client credentials, and its response (RFC 6749, sections 4.4 and 5), as pure functions.

use base64ct::{Base64, Encoding};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Failure, Reason};
use crate::exchange::{Body, MAX_RESPONSE, Method, Request, Response};
use crate::members::Members;
use crate::{characters, invalid, refusal};

/// The longest client id or secret, in bytes. Those of Genesys have fewer than 50. Many servers accept headers of at most
/// 8 KiB.
const MAX_CREDENTIAL: usize = 1024;

/// The path of the token endpoint.
pub const PATH: &str = "/oauth/token";

/// The body of a token request (RFC 6749, section 4.4.2).
const GRANT: &str = "grant_type=client_credentials";

/// The longest token, in bytes, for the same reason.
const MAX_TOKEN: usize = 4096;

/// A token, as the server issued it.
#[derive(Debug)]
pub struct Token {
    /// The access token. It can be used in a header.
    pub access_token: SecretString,
    /// The lifetime in seconds, counted from when the request was sent, or `None` if the response has no usable one.
    pub expires_in: Option<u32>,
}

/// The request for a token (RFC 6749, section 4.4.2). The client authenticates with HTTP Basic (section 2.3.1: id and
/// secret are each form-urlencoded first).
///
/// # Errors
///
/// [`Error::InvalidInput`] if the id or the secret is empty or too long.
pub fn request(login_host: String, client_id: &str, client_secret: &str) -> Result<Request, Error> {
    let id = credential("client-id", client_id)?;
    let secret = credential("client-secret", client_secret)?;
    // Enough for a pair without escapes, the usual case: a string that grows is moved and leaves a copy of the secret
    // behind.
    let mut pair = String::with_capacity(id.len() + 1 + secret.len());
    pair.extend(form_urlencoded::byte_serialize(id.as_bytes()));
    pair.push(':');
    pair.extend(form_urlencoded::byte_serialize(secret.as_bytes()));
    let pair = SecretString::from(pair);
    let encoded = Base64::encode_string(pair.expose_secret().as_bytes());
    Ok(Request {
        method: Method::Post,
        host: login_host,
        path: PATH.into(),
        authorization: ["Basic ", &encoded].concat().into(),
        body: Some(Body {
            content_type: "application/x-www-form-urlencoded",
            content: GRANT.into(),
        }),
        max_response: MAX_RESPONSE,
    })
}

/// A client id or secret without the white space around it.
///
/// # Errors
///
/// [`Error::InvalidInput`] if it is empty, longer than anything sensible, or contains an invisible character.
pub fn credential<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Error> {
    let text = characters::trimmed(field, text)?;
    if text.is_empty() {
        Err(invalid(field, Reason::Empty))
    } else if text.len() > MAX_CREDENTIAL {
        Err(invalid(field, Reason::TooLong))
    } else {
        Ok(text)
    }
}

/// Whether this can be a Bearer token: one or more printable ASCII characters (RFC 6749, appendix A.12), but no space,
/// because a header could not carry it unambiguously.
pub fn is_usable(token: &str) -> bool {
    (1..=MAX_TOKEN).contains(&token.len()) && characters::is_visible_ascii(token)
}

/// Whether tokens of this type can be used: only Bearer, in upper or lower case (RFC 6749, sections 5.1 and 7.1).
pub fn is_bearer(token_type: &str) -> bool {
    token_type.eq_ignore_ascii_case("bearer")
}

/// The value of the header `Authorization` for a Bearer token. A token is sent in this header only (RFC 6750, section
/// 2.1).
pub fn bearer(token: &SecretString) -> SecretString {
    ["Bearer ", token.expose_secret()].concat().into()
}

/// Reads the response to [`request`].
///
/// # Errors
///
/// The matching case for every response without a usable token.
pub fn read(host: &str, response: &Response) -> Result<Token, Error> {
    if response.status != 200 {
        return Err(refusal::read(host, response));
    }
    let unexpected = |reason| {
        Error::UnexpectedResponse(Failure {
            correlation_id: refusal::correlation_id(response),
            ..Failure::without_answer(host, reason)
        })
    };
    let body = response
        .body
        .as_deref()
        .ok_or_else(|| unexpected(Reason::TooLarge))?;
    if !response.is_json() {
        return Err(unexpected(Reason::NotJson));
    }
    let answer = Members::parse(body).map_err(unexpected)?;
    // Genesys may also refuse with status 200. Unknown members are ignored (section 5.1).
    if answer.text("error").is_some() {
        return Err(refusal::read(host, response));
    }
    let access_token = answer
        .text("access_token")
        .ok_or_else(|| unexpected(Reason::NoAccessToken))?;
    if !is_usable(&access_token) {
        return Err(unexpected(Reason::UnusableToken));
    }
    if !answer.text("token_type").as_deref().is_some_and(is_bearer) {
        return Err(unexpected(Reason::UnusableTokenType));
    }
    Ok(Token {
        access_token: access_token.into(),
        expires_in: lifetime(&answer),
    })
}

/// The lifetime in a token response, in seconds.
fn lifetime(answer: &Members) -> Option<u32> {
    let seconds = answer.number("expires_in")?;
    Some(u32::try_from(seconds).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "login.mypurecloud.de";

    fn authorization(id: &str, secret: &str) -> String {
        let request = request(HOST.into(), id, secret).unwrap();
        let header = request.authorization.expose_secret();
        let pair = Base64::decode_vec(header.strip_prefix("Basic ").unwrap()).unwrap();
        String::from_utf8(pair).unwrap()
    }

    fn answer(body: &str) -> Response {
        Response {
            status: 200,
            content_type: Some("application/json".into()),
            correlation_id: Some("c-1".into()),
            body: Some(body.into()),
            ..Response::default()
        }
    }

    fn reason(response: &Response) -> Reason {
        match read(HOST, response) {
            Err(Error::UnexpectedResponse(failure)) => {
                assert_eq!(failure.host, HOST);
                assert_eq!(failure.correlation_id, response.correlation_id);
                failure.reason
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_request_is_a_form_post_with_basic_authentication() {
        let request = request(HOST.into(), "id", "secret").unwrap();
        assert_eq!(request.method, Method::Post);
        assert_eq!(
            (request.host.as_str(), &*request.path),
            (HOST, "/oauth/token")
        );
        let body = request.body.unwrap();
        assert_eq!(body.content, "grant_type=client_credentials");
        assert_eq!(body.content_type, "application/x-www-form-urlencoded");
        assert_eq!(request.authorization.expose_secret(), "Basic aWQ6c2VjcmV0");
    }

    #[test]
    fn id_and_secret_are_each_form_urlencoded() {
        assert_eq!(authorization("a:b", "p&q=r%+"), "a%3Ab:p%26q%3Dr%25%2B");
        assert_eq!(
            authorization("größe", "秘 密"),
            "gr%C3%B6%C3%9Fe:%E7%A7%98+%E5%AF%86"
        );
        // Ids and secrets from Genesys consist of letters, digits, hyphens and underscores, which stay as they are.
        assert_eq!(authorization("0aB-9_z.*", "x"), "0aB-9_z.*:x");
    }

    #[test]
    fn white_space_around_id_and_secret_is_ignored() {
        assert_eq!(authorization(" id\n", "\tsecret\u{a0}"), "id:secret");
    }

    #[test]
    fn an_empty_or_over_long_id_or_secret_is_refused() {
        let long = "x".repeat(MAX_CREDENTIAL + 1);
        for (id, secret, field, reason) in [
            ("", "s", "client-id", Reason::Empty),
            (" \n", "s", "client-id", Reason::Empty),
            ("i", "\u{2003}", "client-secret", Reason::Empty),
            (&long, "s", "client-id", Reason::TooLong),
            ("i", &long, "client-secret", Reason::TooLong),
        ] {
            let error = request(HOST.into(), id, secret).unwrap_err();
            assert_eq!(error, invalid(field, reason));
        }
    }

    #[test]
    fn neither_request_nor_token_shows_a_secret_in_debug() {
        let request = request(HOST.into(), "id", "canary").unwrap();
        let encoded = request.authorization.expose_secret().to_string();
        let shown = format!("{request:?}");
        assert!(
            !shown.contains("canary") && !shown.contains(&encoded[6..]),
            "{shown}"
        );
        let token = read(
            HOST,
            &answer(r#"{"access_token":"canary","token_type":"bearer"}"#),
        );
        assert!(!format!("{:?}", token.unwrap()).contains("canary"));
    }

    #[test]
    fn a_token_is_read_and_unknown_members_are_ignored() {
        let token = read(
            HOST,
            &answer(
                r#"{"x":[{}],"access_token":"t0-k.e~n/+=","token_type":"bearer","expires_in":86400,"error":""}"#,
            ),
        )
        .unwrap();
        assert_eq!(token.access_token.expose_secret(), "t0-k.e~n/+=");
        assert_eq!(token.expires_in, Some(86_400));
    }

    #[test]
    fn the_token_type_is_bearer_in_any_case() {
        for token_type in ["bearer", "Bearer", "BEARER"] {
            let body = format!(r#"{{"access_token":"t","token_type":"{token_type}"}}"#);
            assert!(read(HOST, &answer(&body)).is_ok());
        }
        for body in [
            r#"{"access_token":"t","token_type":"MAC"}"#,
            r#"{"access_token":"t","token_type":""}"#,
            r#"{"access_token":"t","token_type":null}"#,
            r#"{"access_token":"t"}"#,
        ] {
            assert_eq!(reason(&answer(body)), Reason::UnusableTokenType, "{body}");
        }
    }

    #[test]
    fn a_lifetime_is_read_without_overflow() {
        for (json, expected) in [
            ("86400", Some(86_400)),
            ("0", Some(0)),
            ("\"3600\"", Some(3600)),
            ("\"3600.0\"", Some(3600)),
            ("\" 3600 \"", Some(3600)),
            ("3.6e3", Some(3600)),
            ("3599.9", Some(3599)),
            ("4294967296", Some(u32::MAX)),
            ("99999999999999999999999999", Some(u32::MAX)),
            ("-1", None),
            ("1e300", Some(u32::MAX)),
            ("\"\"", None),
            ("\"soon\"", None),
            ("null", None),
            ("true", None),
            ("[60]", None),
            ("{\"seconds\":60}", None),
        ] {
            let body =
                format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{json}}}"#);
            assert_eq!(
                read(HOST, &answer(&body)).unwrap().expires_in,
                expected,
                "{json}"
            );
        }
        let body = r#"{"access_token":"t","token_type":"bearer"}"#;
        assert_eq!(read(HOST, &answer(body)).unwrap().expires_in, None);
    }

    #[test]
    fn a_response_without_a_usable_token_is_unexpected() {
        let long = format!(
            r#"{{"access_token":"{}","token_type":"bearer"}}"#,
            "t".repeat(MAX_TOKEN + 1)
        );
        for (body, expected) in [
            ("", Reason::NotJson),
            ("<html>", Reason::NotJson),
            (r#"{"access_token":"t""#, Reason::NotJson),
            ("\u{feff}{}", Reason::NotJson),
            ("{}", Reason::NoAccessToken),
            (
                r#"{"access_token":"","token_type":"bearer"}"#,
                Reason::NoAccessToken,
            ),
            (
                r#"{"access_token":null,"token_type":"bearer"}"#,
                Reason::NoAccessToken,
            ),
            (
                r#"{"access_token":5,"token_type":"bearer"}"#,
                Reason::NoAccessToken,
            ),
            (
                r#"{"access_token":"a","access_token":"b"}"#,
                Reason::NoAccessToken,
            ),
            ("[]", Reason::MalformedAnswer),
            ("null", Reason::MalformedAnswer),
            (
                r#"{"access_token":"a\r\nX: y","token_type":"bearer"}"#,
                Reason::UnusableToken,
            ),
            (
                r#"{"access_token":"a b","token_type":"bearer"}"#,
                Reason::UnusableToken,
            ),
            (
                r#"{"access_token":"tökén","token_type":"bearer"}"#,
                Reason::UnusableToken,
            ),
            (&long, Reason::UnusableToken),
        ] {
            assert_eq!(reason(&answer(body)), expected, "{body}");
        }
    }

    #[test]
    fn deeply_nested_responses_are_rejected() {
        let body = format!("{{\"x\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(reason(&answer(&body)), Reason::NotJson);
    }

    #[test]
    fn invalid_utf_8_is_not_json() {
        let body = b"{\"access_token\":\"\xff\",\"token_type\":\"bearer\"}".to_vec();
        assert_eq!(
            reason(&Response {
                body: Some(body),
                ..answer("")
            }),
            Reason::NotJson
        );
    }

    #[test]
    fn another_content_type_or_a_body_that_is_too_large_is_unexpected() {
        let token = r#"{"access_token":"t","token_type":"bearer"}"#;
        for content_type in [None, Some("text/html".to_string())] {
            assert_eq!(
                reason(&Response {
                    content_type,
                    ..answer(token)
                }),
                Reason::NotJson
            );
        }
        assert_eq!(
            reason(&Response {
                body: None,
                ..answer(token)
            }),
            Reason::TooLarge
        );
    }

    #[test]
    fn a_response_with_status_200_may_be_a_refusal() {
        let refused =
            answer(r#"{"error":"invalid_client","access_token":"t","token_type":"bearer"}"#);
        match read(HOST, &refused) {
            Err(Error::Rejected(rejection)) => assert_eq!(rejection.code, "invalid_client"),
            other => panic!("{other:?}"),
        }
    }
}
