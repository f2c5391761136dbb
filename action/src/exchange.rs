//! An HTTP request and its response as plain data, so that everything except `transport` can be tested without a
//! network.

use secrecy::SecretString;

/// The methods that the action uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Requests a token.
    Post,
    /// Checks a token.
    Head,
    /// Revokes a token.
    Delete,
}

/// A request over HTTPS.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// A Genesys host. It always comes from an [`Environment`](crate::environment::Environment).
    pub host: String,
    /// The path, without a query: servers and proxies log queries, and secrets must not be logged.
    pub path: &'static str,
    /// The value of the header `Authorization`.
    pub authorization: SecretString,
    /// A body of the type `application/x-www-form-urlencoded`.
    pub form: Option<&'static str>,
}

/// The parts of a response that the action uses.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The header `Retry-After` (RFC 9110, section 10.2.3).
    pub retry_after: Option<String>,
    /// The header `Date`. A date in `Retry-After` is relative to it.
    pub date: Option<String>,
    /// The header `ININ-Correlation-Id`.
    pub correlation_id: Option<String>,
    /// The body, or `None` if it is larger than the action reads.
    pub body: Option<Vec<u8>>,
}

impl Response {
    /// Whether the media type is JSON: `application/json` (RFC 8259, section 11), or one that ends in `+json`.
    pub fn is_json(&self) -> bool {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let (media_type, _) = content_type.split_once(';').unwrap_or((content_type, ""));
        let media_type = media_type.trim().to_ascii_lowercase();
        media_type == "application/json" || media_type.ends_with("+json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_recognized_by_its_media_type() {
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
