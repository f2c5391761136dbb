//! What the browser is shown when it comes back: plain pages without script, in which nothing stands
//! that came in a request.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// What there is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The connection has its token.
    SignedIn,
    /// The sign-in is over without a token.
    Failed,
    /// The callback belongs to no sign-in.
    NotExpected,
    /// Another path.
    NotFound,
    /// Another method.
    NotAllowed,
}

impl Page {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::SignedIn => (
                StatusCode::OK,
                "Signed in",
                "The connection is ready. You can close this window.",
            ),
            Self::Failed => (
                StatusCode::BAD_REQUEST,
                "Not signed in",
                "The sign-in did not succeed. The reason is shown where you started it. You can close this \
                 window.",
            ),
            Self::NotExpected => (
                StatusCode::BAD_REQUEST,
                "Not expected",
                "This does not belong to the sign-in that is waited for. Use the page that was opened \
                 last. You can close this window.",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found", "There is nothing here."),
            Self::NotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Not allowed",
                "This page can only be opened.",
            ),
        }
    }

    /// The page as an answer. The address bar has the code in it: nothing may keep it or send it on as a
    /// referrer (RFC 9700, section 4.2.4).
    pub(super) fn response(self) -> Response<Full<Bytes>> {
        let (status, title, text) = self.parts();
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <h1>{title}</h1>\n<p>{text}</p>\n</html>\n"
        );
        let mut response = Response::new(Full::new(Bytes::from(html)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        for (name, value) in [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; frame-ancestors 'none'",
            ),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CONNECTION, "close"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self == Self::NotAllowed {
            headers.insert(ALLOW, HeaderValue::from_static("GET"));
        }
        response
    }
}
