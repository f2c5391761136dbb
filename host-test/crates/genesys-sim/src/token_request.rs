//! Parses a token request (RFC 6749, sections 2.3.1 and 3.2).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// A well-formed token request, before authentication.
pub(super) struct TokenRequest {
    pub(super) credentials: Credentials,
    parameters: HashMap<String, String>,
}

/// The request violates RFC 6749, with the reason in words: the response is `invalid_request`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

impl TokenRequest {
    pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Malformed> {
        let content_type = single(headers, CONTENT_TYPE)?.unwrap_or_default();
        if !is_form(content_type) {
            return Err(Malformed(
                "the content type must be application/x-www-form-urlencoded",
            ));
        }
        let header = single(headers, AUTHORIZATION)?;
        let parameters = parameters(body)?;
        if parameters.contains_key("client_secret") {
            return Err(Malformed(
                "the client secret belongs in the Authorization header",
            ));
        }
        let client_id = parameters.get("client_id");
        let credentials = match (header, client_id) {
            (Some(header), _) => Credentials::parse(header)?,
            (None, Some(client_id)) => Credentials::without_secret(client_id),
            (None, None) => return Err(Malformed("the Authorization header is missing")),
        };
        if client_id.is_some_and(|id| credentials.interpretations().all(|(read, _)| read != id)) {
            return Err(Malformed(
                "client_id is not that of the Authorization header",
            ));
        }
        Ok(Self {
            credentials,
            parameters,
        })
    }

    /// A parameter of the body; `None` if it is absent or empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

/// Client id and secret in the Basic scheme (RFC 7617), or the id of a public client alone (RFC 6749, section 3.2.1).
///
/// RFC 6749, section 2.3.1, requires both to be form-urlencoded first; the official SDKs of Genesys do not encode.
/// Therefore both interpretations are kept, and either can be right. They differ only if an id or a secret contains a
/// `%`, a `+` or a character that must be encoded, which those of Genesys never do.
pub(super) struct Credentials {
    as_sent: (String, Option<SecretString>),
    decoded: Option<(String, SecretString)>,
}

impl Credentials {
    fn parse(header: &str) -> Result<Self, Malformed> {
        let encoded = scheme(header, "Basic")
            .ok_or(Malformed("the Authorization header is not of type Basic"))?;
        let pair = STANDARD
            .decode(encoded)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or(Malformed("the Basic credentials are not base64 of UTF-8"))?;
        let (id, secret) = pair
            .split_once(':')
            .ok_or(Malformed("the Basic credentials have no colon"))?;
        let decoded = form_decode(id).zip(form_decode(secret));
        Ok(Self {
            as_sent: (id.to_owned(), Some(secret.into())),
            decoded: decoded.map(|(id, secret)| (id, secret.into())),
        })
    }

    fn without_secret(id: &str) -> Self {
        Self {
            as_sent: (id.to_owned(), None),
            decoded: None,
        }
    }

    /// Both interpretations, that of the RFC first.
    pub(super) fn interpretations(&self) -> impl Iterator<Item = (&str, Option<&SecretString>)> {
        let decoded = self.decoded.iter();
        decoded
            .map(|(id, secret)| (id.as_str(), Some(secret)))
            .chain([(self.as_sent.0.as_str(), self.as_sent.1.as_ref())])
    }
}

/// The credentials after the authentication scheme, which is case-insensitive (RFC 9110, section 11.1); `None` if
/// `header` has another scheme.
pub(super) fn scheme<'a>(header: &'a str, scheme: &str) -> Option<&'a str> {
    let (name, value) = header.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| value.trim())
}

/// Whether a content type is that of a form, in any case and with any parameters (RFC 9110, section 8.3.1).
pub(super) fn is_form(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A header that must not be repeated.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Malformed> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Malformed("a header is repeated"));
    }
    first
        .map(|value| value.to_str())
        .transpose()
        .map_err(|_| Malformed("a header has characters that are not visible ASCII"))
}

/// Parses a form: a parameter must not be repeated, and an empty one counts as absent (RFC 6749, section 3.2).
pub(super) fn parameters(body: &[u8]) -> Result<HashMap<String, String>, Malformed> {
    let mut parameters = HashMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        match parameters.entry(name.into_owned()) {
            Entry::Occupied(_) => return Err(Malformed("a parameter is repeated")),
            Entry::Vacant(free) => free.insert(value.into_owned()),
        };
    }
    parameters.retain(|_, value| !value.is_empty());
    Ok(parameters)
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn basic(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    fn headers(content_type: &str, authorization: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        headers
    }

    fn parse(body: &str) -> Result<TokenRequest, Malformed> {
        TokenRequest::parse(&headers(FORM, &basic("id:secret")), body.as_bytes())
    }

    fn readings(authorization: &str) -> Vec<(String, String)> {
        let credentials = Credentials::parse(authorization).unwrap_or_else(|e| panic!("{e:?}"));
        let readings = credentials.interpretations();
        readings
            .map(|(id, secret)| (id.to_owned(), secret.unwrap().expose_secret().to_owned()))
            .collect()
    }

    #[test]
    fn parameters_are_form_decoded() {
        let request =
            parse("grant_type=client%5Fcredentials&name=a+b").unwrap_or_else(|_| panic!());
        assert_eq!(request.parameter("grant_type"), Some("client_credentials"));
        assert_eq!(request.parameter("name"), Some("a b"));
    }

    #[test]
    fn an_empty_parameter_counts_as_absent() {
        let request = parse("grant_type=&x=1").unwrap_or_else(|_| panic!());
        assert_eq!(request.parameter("grant_type"), None);
    }

    #[test]
    fn a_repeated_parameter_is_malformed_even_when_empty() {
        for body in ["a=1&a=1", "a=&a=1"] {
            assert_eq!(
                parse(body).err(),
                Some(Malformed("a parameter is repeated"))
            );
        }
    }

    #[test]
    fn the_content_type_can_have_parameters_and_any_case() {
        for (content_type, accepted) in [
            ("application/x-www-form-urlencoded; charset=UTF-8", true),
            ("Application/X-WWW-Form-Urlencoded", true),
            ("application/json", false),
            ("application/x-www-form-urlencoded2", false),
        ] {
            let request = TokenRequest::parse(&headers(content_type, &basic("i:s")), b"");
            assert_eq!(request.is_ok(), accepted, "{content_type}");
        }
    }

    #[test]
    fn credentials_are_interpreted_as_sent_and_decoded() {
        assert_eq!(
            readings(&basic("a%3Ab:c%2Bd+e")),
            [
                ("a:b".to_owned(), "c+d e".to_owned()),
                ("a%3Ab".to_owned(), "c%2Bd+e".to_owned()),
            ]
        );
    }

    #[test]
    fn a_colon_belongs_to_the_secret() {
        assert_eq!(readings(&basic("id:s:t"))[0].1, "s:t");
    }

    #[test]
    fn credentials_that_do_not_decode_to_text_are_interpreted_as_sent_only() {
        assert_eq!(readings(&basic("id:%FF")), [("id".into(), "%FF".into())]);
    }

    #[test]
    fn a_public_client_sends_its_id_alone() {
        let mut headers = headers(FORM, "");
        headers.remove(AUTHORIZATION);
        let request =
            TokenRequest::parse(&headers, b"client_id=a%25b").unwrap_or_else(|_| panic!());
        let read: Vec<_> = request
            .credentials
            .interpretations()
            .map(|(id, _)| id)
            .collect();
        assert_eq!(read, ["a%b"]);
        assert!(
            request
                .credentials
                .interpretations()
                .all(|(_, secret)| secret.is_none())
        );
        assert!(TokenRequest::parse(&headers, b"client_id=").is_err());
    }

    #[test]
    fn the_id_in_the_body_must_be_that_of_the_header() {
        assert!(parse("client_id=id").is_ok());
        assert!(parse("client_id=other").is_err());
    }

    #[test]
    fn invalid_credentials_are_malformed() {
        for header in [
            "Basic",
            "Basic ???",
            "Bearer aWQ6cw==",
            "Basic aWQ=",
            "Basic /w==",
        ] {
            assert!(Credentials::parse(header).is_err(), "{header}");
        }
    }
}
