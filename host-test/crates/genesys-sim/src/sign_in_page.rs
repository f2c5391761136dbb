//! The sign-in page: plain HTML without scripts. All texts are escaped.

use std::fmt::{self, Display};
use std::sync::LazyLock;

use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const STYLE: &str = "\
:root{color-scheme:light dark;--page:#f1f4f4;--card:#fff;--text:#1c2121;--soft:#566060;--line:#7b8686;\
--accent:#00686a;--on-accent:#fff;--wrong:#b3261e}\
@media(prefers-color-scheme:dark){:root{--page:#131717;--card:#1d2323;--text:#e7ecec;--soft:#a7b2b2;\
--line:#7d8989;--accent:#5fd3d3;--on-accent:#002a2b;--wrong:#ffb4ab}}\
body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;\
background:var(--page);color:var(--text)}\
main{box-sizing:border-box;width:min(26rem,100%);padding:2rem;background:var(--card);border-radius:.75rem}\
#place{margin:0 0 1rem;font-size:.875rem;font-weight:600;color:var(--accent)}\
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}\
p{margin:0;overflow-wrap:anywhere}\
form{margin:1.5rem 0}\
label{display:block;margin:1rem 0 .25rem;font-weight:600}\
input,button{box-sizing:border-box;width:100%;font:inherit;padding:.6rem .75rem;border-radius:.4rem}\
input{border:1px solid var(--line);background:var(--card);color:inherit}\
input[aria-invalid]{border-color:var(--wrong)}\
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}\
#notice{margin-top:.4rem;color:var(--wrong)}\
button{margin-top:.75rem;border:1px solid var(--line);background:transparent;color:inherit;cursor:pointer}\
#sign-in{margin-top:1.5rem;border-color:var(--accent);background:var(--accent);color:var(--on-accent);\
font-weight:600}\
#back{font-size:.875rem;color:var(--soft)}\
@media(max-width:30rem){body{place-items:start stretch;background:var(--card)}\
main{width:100%;padding:1.5rem 1rem}}";

/// Allows the style by its hash, and nothing else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'; \
         form-action"
    )
});

/// The page with the sign-in form.
pub(super) struct SignInPage<'a> {
    pub(super) app_name: &'a str,
    /// The token of the sign-in that the form belongs to.
    pub(super) sign_in: &'a SecretString,
    /// The redirect URI of the client.
    pub(super) redirect_uri: &'a str,
    /// The username of the previous attempt.
    pub(super) username: &'a str,
    /// What was wrong with the previous attempt.
    pub(super) notice: Option<&'a str>,
}

impl SignInPage<'_> {
    pub(super) fn response(&self, status: StatusCode) -> Response {
        // The notice is next to the password, the field that the user corrects.
        let (notice, wrong) = match self.notice {
            Some(notice) => (
                format!("<p role=\"alert\" id=\"notice\">{}</p>\n", Escaped(notice)),
                " aria-invalid=\"true\" aria-describedby=\"notice\" autofocus",
            ),
            None => (String::new(), ""),
        };
        let first = if self.notice.is_none() {
            " autofocus"
        } else {
            ""
        };
        let main = format!(
            "<h1>Sign in to Genesys Cloud</h1>\n\
             <p><strong id=\"app-name\">{app_name}</strong> requests access to Genesys Cloud \
             on your behalf.</p>\n\
             <form method=\"post\" action=\"/oauth/sign-in\">\n\
             <input type=\"hidden\" name=\"sign-in\" value=\"{sign_in}\">\n\
             <label for=\"username\">Username</label>\n\
             <input id=\"username\" name=\"username\" value=\"{username}\" \
             autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required{first}>\n\
             <label for=\"password\">Password</label>\n\
             <input id=\"password\" name=\"password\" type=\"password\" \
             autocomplete=\"current-password\" required{wrong}>\n\
             {notice}\
             <button id=\"sign-in\" name=\"choice\" value=\"sign-in\">Sign in</button>\n\
             <button id=\"sample\" name=\"choice\" value=\"sample\" formnovalidate>\
             Sign in as a sample person</button>\n\
             <button id=\"refuse\" name=\"choice\" value=\"refuse\" formnovalidate>Refuse</button>\n\
             </form>\n\
             <p id=\"back\">You will then be redirected to {redirect_uri}</p>",
            app_name = Escaped(self.app_name),
            sign_in = Escaped(self.sign_in.expose_secret()),
            username = Escaped(self.username),
            redirect_uri = Escaped(self.redirect_uri),
        );
        // Browsers apply this to the redirect after the form as well. It has the scheme and not the host, since a
        // source cannot be an IPv6 address.
        let scheme = self.redirect_uri.split(':').next().unwrap_or_default();
        page(status, &main, &format!("'self' {scheme}:"))
    }
}

/// The error page.
pub(super) fn error_page(status: StatusCode, reason: &str) -> Response {
    let main = format!(
        "<h1>You cannot sign in</h1>\n<p role=\"alert\" id=\"problem\">{}</p>",
        Escaped(reason)
    );
    page(status, &main, "'none'")
}

fn page(status: StatusCode, main: &str, form_action: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Sign in – embedded Genesys Cloud</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<p id=\"place\">Embedded Genesys Cloud, a simulation</p>\n{main}\n</main>\n</body>\n</html>\n"
    );
    let fixed = |name: HeaderName, value| (name, HeaderValue::from_static(value));
    let policy = format!("{} {form_action}", *POLICY);
    let policy =
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (CONTENT_SECURITY_POLICY, policy),
        fixed(CONTENT_TYPE, "text/html; charset=utf-8"),
        fixed(REFERRER_POLICY, "no-referrer"),
        fixed(X_CONTENT_TYPE_OPTIONS, "nosniff"),
        fixed(X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, html).into_response()
}

/// Escapes text for elements and quoted attributes (HTML, section 13.1).
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(index) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..index])?;
            f.write_str(match rest.as_bytes()[index] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[index + 1..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let escaped = Escaped("a<b> & \"c\" 'd' é").to_string();
        assert_eq!(escaped, "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; é");
    }
}
