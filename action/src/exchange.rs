//! An HTTP request and its response as plain data, so that everything except `transport` can be tested without a
//! network.

use std::borrow::Cow;

use secrecy::SecretString;

/// The largest body of a response that is read, in bytes, unless a request needs more. A token response has about 200.
pub const MAX_RESPONSE: usize = 64 * 1024;

/// The methods that actions use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads a resource.
    Get,
    /// Requests a token, or creates a resource.
    Post,
    /// Checks a token.
    Head,
    /// Revokes a token, or deletes a resource.
    Delete,
}

/// A request over HTTPS.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// A Genesys host. It always comes from an [`Environment`](crate::environment::Environment).
    pub host: String,
    /// The path, with the query if there is one. No secret is in it: servers and proxies log it.
    pub path: Cow<'static, str>,
    /// The value of the header `Authorization`.
    pub authorization: SecretString,
    /// The body, if there is one.
    pub body: Option<Body>,
    /// The largest body of the response that is read, in bytes.
    pub max_response: usize,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// What is sent. No secret is in it.
    pub content: Cow<'static, str>,
}

/// The parts of a response that actions use.
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
    /// The header `WWW-Authenticate` (RFC 9110, section 11.6.1).
    pub www_authenticate: Option<String>,
    /// The body, or `None` if it is larger than the action reads.
    pub body: Option<Vec<u8>>,
}

impl Response {
    /// Whether the media type is JSON: `application/json` (RFC 8259, section 11), or one that ends in `+json`.
    pub fn is_json(&self) -> bool {
        let media_type = self.media_type();
        media_type == "application/json" || media_type.ends_with("+json")
    }

    /// Whether it is a page for people, as gateways, firewalls and portals give.
    pub fn is_html(&self) -> bool {
        matches!(&*self.media_type(), "text/html" | "application/xhtml+xml")
    }

    fn media_type(&self) -> String {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let (media_type, _) = content_type.split_once(';').unwrap_or((content_type, ""));
        media_type.trim().to_ascii_lowercase()
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
