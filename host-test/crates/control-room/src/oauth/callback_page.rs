//! The pages that the browser is shown after the callback: plain pages without script, and without anything from the
//! request but its language.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use sha2::{Digest as _, Sha256};

use super::callback::CallbackError;
use crate::name::Name;
use bot_engine::Language;

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

/// Which sign-in a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The connection.
    pub connection: Name,
    /// The user whose token it is; `None` for the shared one.
    pub user: Option<Name>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Page {
    /// A page of the Control Room, where the sign-in goes on.
    GoOn(String),
    /// The connection has its token.
    SignedIn(Subject),
    /// The person did not allow it.
    Refused(Subject),
    /// The sign-in is over without a token.
    Failed(Subject),
    /// No sign-in of this process waits for the callback. It may be one of another process, which listens as soon as
    /// the port is free: the page asks to reload it.
    NotExpected,
    /// Another path.
    NotFound,
    /// Another method.
    NotAllowed,
}

mod messages {
    bot_engine::messages! {
        signed_in { en: "Signed in", de: "Angemeldet" }
        has_token(connection, user) {
            en: "The connection “{connection}” has a token for {user} now.",
            de: "Die Verbindung „{connection}“ hat jetzt ein Token für {user}.",
        }
        has_shared_token(connection) {
            en: "The connection “{connection}” has its shared token now.",
            de: "Die Verbindung „{connection}“ hat jetzt ihr gemeinsames Token.",
        }
        not_you {
            en: "If you did not start this sign-in yourself, tell an administrator. You can close this window.",
            de: "Wenn Sie diese Anmeldung nicht selbst begonnen haben, sagen Sie es einem Administrator. Sie können dieses Fenster schließen.",
        }
        refused { en: "Sign-in refused", de: "Anmeldung abgelehnt" }
        no_token(connection, user) {
            en: "You did not allow it, so the connection “{connection}” got no token for {user}.",
            de: "Sie haben es nicht erlaubt, daher hat die Verbindung „{connection}“ kein Token für {user} bekommen.",
        }
        no_shared_token(connection) {
            en: "You did not allow it, so the connection “{connection}” got no shared token.",
            de: "Sie haben es nicht erlaubt, daher hat die Verbindung „{connection}“ kein gemeinsames Token bekommen.",
        }
        change_mind {
            en: "To change your mind, start the sign-in again. You can close this window.",
            de: "Wenn Sie es sich anders überlegen, beginnen Sie die Anmeldung noch einmal. Sie können dieses Fenster schließen.",
        }
        failed { en: "Not signed in", de: "Nicht angemeldet" }
        did_not_succeed(connection, user) {
            en: "The sign-in of {user} to the connection “{connection}” did not succeed. The reason is shown where it was started.",
            de: "Die Anmeldung von {user} bei der Verbindung „{connection}“ ist nicht gelungen. Der Grund steht dort, wo sie begonnen wurde.",
        }
        shared_did_not_succeed(connection) {
            en: "The sign-in to the connection “{connection}” did not succeed. The reason is shown where it was started.",
            de: "Die Anmeldung bei der Verbindung „{connection}“ ist nicht gelungen. Der Grund steht dort, wo sie begonnen wurde.",
        }
        close { en: "You can close this window.", de: "Sie können dieses Fenster schließen." }
        not_expected { en: "Not expected", de: "Nicht erwartet" }
        no_sign_in {
            en: "No sign-in is waiting for this page.",
            de: "Auf diese Seite wartet keine Anmeldung.",
        }
        reload {
            en: "If another sign-in was started first, finish it, and then reload this page. Otherwise you can close this window.",
            de: "Wenn vorher eine andere Anmeldung begonnen wurde, schließen Sie erst diese ab und laden Sie dann diese Seite neu. Andernfalls können Sie dieses Fenster schließen.",
        }
        go_on { en: "Go on", de: "Weiter" }
        in_control_room {
            en: "The sign-in goes on in the Control Room.",
            de: "Die Anmeldung geht im Control Room weiter.",
        }
        not_found { en: "Not found", de: "Nicht gefunden" }
        nothing_here { en: "There is nothing here.", de: "Hier ist nichts." }
        not_allowed { en: "Not allowed", de: "Nicht erlaubt" }
        only_get { en: "This address accepts only GET requests.", de: "Diese Adresse nimmt nur GET-Anfragen an." }
    }
}

/// The text of a page.
struct Content {
    /// The id of the page's `main`.
    id: &'static str,
    title: &'static str,
    text: String,
    /// What the person can do next.
    then: &'static str,
}

impl Page {
    /// The page for a sign-in that ended with `error`.
    pub(super) fn of(error: &CallbackError, subject: Subject) -> Self {
        match error {
            // RFC 6749, section 4.1.2.1.
            CallbackError::Refused(refused) if refused.code == "access_denied" => {
                Self::Refused(subject)
            }
            _ => Self::Failed(subject),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::GoOn(_) => StatusCode::SEE_OTHER,
            Self::SignedIn(_) => StatusCode::OK,
            Self::Refused(_) | Self::Failed(_) | Self::NotExpected => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn content(&self, language: Language) -> Content {
        let (id, title, text, then) = match self {
            Self::GoOn(_) => (
                "go-on",
                messages::go_on(language),
                messages::in_control_room(language).into(),
                messages::close(language),
            ),
            Self::SignedIn(Subject { connection, user }) => (
                "signed-in",
                messages::signed_in(language),
                match user {
                    Some(user) => messages::has_token(language, connection, user),
                    None => messages::has_shared_token(language, connection),
                },
                messages::not_you(language),
            ),
            Self::Refused(Subject { connection, user }) => (
                "refused",
                messages::refused(language),
                match user {
                    Some(user) => messages::no_token(language, connection, user),
                    None => messages::no_shared_token(language, connection),
                },
                messages::change_mind(language),
            ),
            Self::Failed(Subject { connection, user }) => (
                "failed",
                messages::failed(language),
                match user {
                    Some(user) => messages::did_not_succeed(language, connection, user),
                    None => messages::shared_did_not_succeed(language, connection),
                },
                messages::close(language),
            ),
            Self::NotExpected => (
                "not-expected",
                messages::not_expected(language),
                messages::no_sign_in(language).into(),
                messages::reload(language),
            ),
            Self::NotFound => (
                "not-found",
                messages::not_found(language),
                messages::nothing_here(language).into(),
                messages::close(language),
            ),
            Self::NotAllowed => (
                "not-allowed",
                messages::not_allowed(language),
                messages::only_get(language).into(),
                messages::close(language),
            ),
        };
        Content {
            id,
            title,
            text,
            then,
        }
    }

    /// The page as a response. The address bar contains the code, which must not be cached or sent as a referrer
    /// (RFC 9700, section 4.2.4).
    pub(super) fn response(&self, language: Language) -> Response<Full<Bytes>> {
        let Content {
            id,
            title,
            text,
            then,
        } = self.content(language);
        let (tag, text) = (language.tag(), escaped(&text));
        let html = format!(
            "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
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
        match self {
            Self::NotAllowed => {
                headers.insert(ALLOW, HeaderValue::from_static("GET"));
            }
            Self::GoOn(url) => {
                if let Ok(url) = HeaderValue::try_from(url) {
                    headers.insert(LOCATION, url);
                }
            }
            _ => {}
        }
        response
    }
}

/// Names may contain markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
