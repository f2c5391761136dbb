//! The redirect URIs of clients, and the authorization response in their query (RFC 6749, section 4.1.2).

use axum::http::{HeaderValue, Uri};
use form_urlencoded::Serializer;
use secrecy::{ExposeSecret, SecretString};

/// Whether Genesys accepts this as a redirect URI: `https`, or `http` on loopback \[unsure\], without a fragment (RFC
/// 6749, section 3.1.2) and without user info.
pub(super) fn is_valid(uri: &str) -> bool {
    // The parser accepts some of these, which browsers read differently.
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) || uri.contains(['#', '\\', '"']) {
        return false;
    }
    let Ok(parsed) = uri.parse::<Uri>() else {
        return false;
    };
    let Some(authority) = parsed.authority() else {
        return false;
    };
    let loopback = matches!(authority.host(), "127.0.0.1" | "[::1]" | "localhost");
    !authority.as_str().contains('@')
        && match parsed.scheme_str() {
            Some("https") => true,
            Some("http") => loopback,
            _ => false,
        }
}

/// The redirect to the client at the end of a sign-in.
#[derive(Clone)]
pub(super) struct ClientRedirect {
    /// A registered redirect URI.
    pub(super) redirect_uri: String,
    /// Returned unchanged (section 4.1.2).
    pub(super) state: Option<String>,
    /// The parameter `iss` (RFC 9207), such as `https://login.mypurecloud.de`.
    pub(super) issuer: String,
}

impl ClientRedirect {
    /// The `Location` of a successful response.
    pub(super) fn with_code(&self, code: &SecretString) -> HeaderValue {
        self.with(&[("code", code.expose_secret())])
    }

    /// The `Location` of an error response (section 4.1.2.1).
    pub(super) fn with_error(&self, error: &str, description: &str) -> HeaderValue {
        self.with(&[("error", error), ("error_description", description)])
    }

    fn with(&self, parameters: &[(&str, &str)]) -> HeaderValue {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters);
        query.extend_pairs(self.state.iter().map(|state| ("state", state)));
        query.append_pair("iss", &self.issuer);
        let separator = match self.redirect_uri.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        let location = format!("{}{separator}{}", self.redirect_uri, query.finish());
        // Both parts are visible ASCII: the URI is valid, and the query is encoded.
        let mut location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
        location.set_sensitive(true);
        location
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_are_valid_and_nothing_else() {
        for (uri, expected) in [
            ("https://control-room.example/callback?a=b", true),
            ("http://127.0.0.1:8080/callback", true),
            ("http://[::1]:8080/callback", true),
            ("http://localhost/callback", true),
            ("http://control-room.example/callback", false),
            ("http://localhost.example/callback", false),
            ("http://127.0.0.1@evil.example/callback", false),
            ("https://control-room.example/callback#here", false),
            ("https://control-room.example\\@evil.example/", false),
            ("https://control-room.example/call back", false),
            ("https://control-room.example/\r\nSet-Cookie:a=b", false),
            ("javascript:alert(1)", false),
            ("/callback", false),
            ("", false),
        ] {
            assert_eq!(is_valid(uri), expected, "{uri}");
        }
    }

    #[test]
    fn the_response_is_encoded_and_added_to_the_query() {
        for (redirect_uri, expected) in [
            ("https://a.example/b", "https://a.example/b?code=c"),
            ("https://a.example/b?", "https://a.example/b?code=c"),
            ("https://a.example/b?d=e", "https://a.example/b?d=e&code=c"),
        ] {
            let redirect = ClientRedirect {
                redirect_uri: redirect_uri.into(),
                state: Some("a b&ö\r\n".into()),
                issuer: "https://login.mypurecloud.de".into(),
            };
            let location = redirect.with_code(&"c".into());
            let rest = "&state=a+b%26%C3%B6%0D%0A&iss=https%3A%2F%2Flogin.mypurecloud.de";
            assert_eq!(location.to_str().unwrap(), format!("{expected}{rest}"));
        }
    }
}
