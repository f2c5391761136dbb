//! The pages that the browser is shown after the callback: plain pages without script, and without anything from the
//! request.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use sha2::{Digest as _, Sha256};

use super::callback::CallbackError;

const STYLE: &str = "\
:root{color-scheme:light dark;--page:#f2f4f6;--card:#fff;--text:#1d2126;--soft:#555e68;--accent:#1a5fb4}\
@media(prefers-color-scheme:dark){:root{--page:#15181b;--card:#1f2328;--text:#e8ebee;--soft:#a9b2bb;\
--accent:#8ab8f5}}\
body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;\
background:var(--page);color:var(--text)}\
main{box-sizing:border-box;width:min(28rem,100%);padding:2rem;background:var(--card);border-radius:.75rem}\
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}\
p{margin:0}\
#place{margin-bottom:1rem;font-size:.875rem;font-weight:600;color:var(--accent)}\
#then{margin-top:.5rem;color:var(--soft)}\
@media(max-width:30rem){body{place-items:start stretch;background:var(--card)}\
main{width:100%;padding:1.5rem 1rem}}";

/// Allows the style by its hash, and nothing else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
});

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The connection has its token.
    SignedIn,
    /// The person did not allow it.
    Refused,
    /// The sign-in is over without a token.
    Failed,
    /// The callback does not belong to the sign-in.
    NotExpected,
    /// Another path.
    NotFound,
    /// Another method.
    NotAllowed,
}

/// The text of a page.
struct Content {
    /// The id of the page's `main`.
    id: &'static str,
    title: &'static str,
    text: &'static str,
    /// What the person can do next.
    then: &'static str,
}

impl Page {
    /// The page for a sign-in that ended with `error`.
    pub(super) fn of(error: &CallbackError) -> Self {
        match error {
            // RFC 6749, section 4.1.2.1.
            CallbackError::Refused(refused) if refused.code == "access_denied" => Self::Refused,
            _ => Self::Failed,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::SignedIn => StatusCode::OK,
            Self::Refused | Self::Failed | Self::NotExpected => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn content(self) -> Content {
        match self {
            Self::SignedIn => Content {
                id: "signed-in",
                title: "Signed in",
                text: "The connection is ready.",
                then: "You can close this window.",
            },
            Self::Refused => Content {
                id: "refused",
                title: "Sign-in refused",
                text: "You did not allow the connection to act on your behalf, so it got no token.",
                then: "To change your mind, start the sign-in again. You can close this window.",
            },
            Self::Failed => Content {
                id: "failed",
                title: "Not signed in",
                text: "The sign-in did not succeed. The reason is shown where you started it.",
                then: "You can close this window.",
            },
            Self::NotExpected => Content {
                id: "not-expected",
                title: "Not expected",
                text: "This page does not belong to the sign-in in progress.",
                then: "Use the page that was opened last. You can close this window.",
            },
            Self::NotFound => Content {
                id: "not-found",
                title: "Not found",
                text: "There is nothing here.",
                then: "You can close this window.",
            },
            Self::NotAllowed => Content {
                id: "not-allowed",
                title: "Not allowed",
                text: "This address accepts only GET requests.",
                then: "You can close this window.",
            },
        }
    }

    /// The page as a response. The address bar contains the code, which must not be cached or sent as a referrer
    /// (RFC 9700, section 4.2.4).
    pub(super) fn response(self) -> Response<Full<Bytes>> {
        let Content {
            id,
            title,
            text,
            then,
        } = self.content();
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} – Control Room</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<main id=\"{id}\">\n<p id=\"place\">Control Room</p>\n<h1>{title}</h1>\n\
             <p>{text}</p>\n<p id=\"then\">{then}</p>\n</main>\n</body>\n</html>\n"
        );
        let mut response = Response::new(Full::new(Bytes::from(html)));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        for (name, value) in [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CONNECTION, "close"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let policy = HeaderValue::try_from(POLICY.as_str());
        let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'"));
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        if self == Self::NotAllowed {
            headers.insert(ALLOW, HeaderValue::from_static("GET"));
        }
        response
    }
}
