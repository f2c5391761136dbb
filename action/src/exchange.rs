//! One HTTP exchange as plain data, so that everything but `transport` is tested without a network.

use alloc::string::String;
use alloc::vec::Vec;

use secrecy::SecretString;

use crate::strings::before;

/// The methods that the action uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks for a token.
    Post,
    /// Checks a token.
    Head,
    /// Ends a token.
    Delete,
}

/// A request over https. Nothing of it depends on anything but the arguments that it was made from.
#[derive(Debug)]
pub struct Request {
    /// What to do.
    pub method: Method,
    /// A host of Genesys, from [`Environment`](crate::environment::Environment) alone.
    pub host: String,
    /// The path; there is never a query, where a token or secret would be logged on its way.
    pub path: &'static str,
    /// The value of the header `Authorization`.
    pub authorization: SecretString,
    /// A body of the type `application/x-www-form-urlencoded`.
    pub form: Option<&'static str>,
}

/// What came back, as far as the action looks at it.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The header `Retry-After` (RFC 9110, section 10.2.3).
    pub retry_after: Option<String>,
    /// The header `Date`, which a `Retry-After` with a date is relative to.
    pub date: Option<String>,
    /// The header `ININ-Correlation-Id`.
    pub correlation_id: Option<String>,
    /// The body; none where it is larger than the action reads.
    pub body: Option<Vec<u8>>,
}

impl Response {
    /// Whether the body is said to be JSON (RFC 8259, section 11, or a type that ends in `+json`).
    pub fn is_json(&self) -> bool {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let media_type = before(content_type, b';').trim().as_bytes();
        let ends_with = |end: &[u8]| {
            let start = media_type.len().checked_sub(end.len());
            start
                .and_then(|start| media_type.get(start..))
                .is_some_and(|last| last.eq_ignore_ascii_case(end))
        };
        media_type.eq_ignore_ascii_case(b"application/json") || ends_with(b"+json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_by_its_media_type() {
        let is_json = |content_type: &str| {
            Response {
                content_type: Some(content_type.into()),
                ..Response::default()
            }
            .is_json()
        };
        for json in [
            "application/json",
            "Application/JSON;charset=UTF-8",
            "application/problem+json",
        ] {
            assert!(is_json(json), "{json}");
        }
        for other in [
            "",
            "text/html",
            "text/json; x=application/json",
            "json",
            "application/jsonp",
        ] {
            assert!(!is_json(other), "{other}");
        }
        assert!(!Response::default().is_json());
    }
}
