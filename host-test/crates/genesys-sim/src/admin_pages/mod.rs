//! *Admin > Integrations > OAuth* and *Admin > People* as pages, with their own sign-in. They are served at
//! `apps.<domain>`, and at a gateway, where a browser on this machine reaches them.
//!
//! `session` identifies the browser, and checks that a form comes from a page of this server; `sign_in` is for users
//! with the role of administrator. `clients` lists the OAuth clients and shows one, `new_client` adds one, and `people`
//! manages the users. Secrets and passwords on these pages give access to the simulation only.
//!
//! All data is in memory, with at most [`MAX_ENTRIES`] clients and people.

mod clients;
mod layout;
mod messages;
mod new_client;
mod people;
mod session;
mod sign_in;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};

use super::cloud::Cloud;
use super::virtual_host::VirtualHost;
use session::{PageContext, Sessions};

/// The path of *Admin > Integrations > OAuth*.
pub const ADMIN_PATH: &str = "/admin/integrations/oauth";

const NEW_CLIENT: &str = "/admin/integrations/oauth/new";
const CLIENT: &str = "/admin/integrations/oauth/client";
const REMOVE_CLIENT: &str = "/admin/integrations/oauth/remove";
const PEOPLE: &str = "/admin/people";
const REMOVE_PERSON: &str = "/admin/people/remove";
const SIGN_IN: &str = "/admin/sign-in";
const SIGN_OUT: &str = "/admin/sign-out";
const LANGUAGE: &str = "/admin/language";
const STYLE: &str = "/admin/static/admin.css";
const SCRIPT: &str = "/admin/static/copy.js";

/// The most clients, and the most people, that can be added here.
const MAX_ENTRIES: usize = 500;

/// Pages load style and script from this server only, contain neither, and cannot be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // With `no-referrer`, browsers would not send the origin of our own forms.
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

pub(super) fn routes(cloud: &Arc<Cloud>) -> Router<Arc<Cloud>> {
    let asset = |content_type: &'static str, content: &'static str| {
        get(move || async move { ([(CONTENT_TYPE, content_type)], content) })
    };
    Router::new()
        .route("/admin", get(|| async { Redirect::to(ADMIN_PATH) }))
        .route(ADMIN_PATH, get(clients::list))
        .route(NEW_CLIENT, get(new_client::show).post(new_client::add))
        .route(CLIENT, get(clients::show).post(clients::change))
        .route(
            REMOVE_CLIENT,
            get(clients::confirm_removal).post(clients::remove),
        )
        .route(PEOPLE, get(people::list).post(people::add))
        .route(REMOVE_PERSON, post(people::remove))
        .route(SIGN_IN, get(sign_in::show).post(sign_in::sign_in))
        .route(SIGN_OUT, post(sign_in::sign_out))
        .route(LANGUAGE, post(sign_in::change_language))
        .route(
            STYLE,
            asset("text/css; charset=utf-8", include_str!("static/admin.css")),
        )
        .route(
            SCRIPT,
            asset(
                "text/javascript; charset=utf-8",
                include_str!("static/copy.js"),
            ),
        )
        .route("/admin/{*path}", get(not_found))
        .layer(from_fn_with_state(Arc::clone(cloud), guard))
        .layer(Extension(Arc::new(Sessions::new())))
}

async fn not_found(context: PageContext) -> Response {
    context.error(StatusCode::NOT_FOUND, context.language.not_found())
}

/// Rejects requests of other sites, and sets the headers of all responses.
async fn guard(context: PageContext, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_ours =
        has_trusted_host(request.headers()) && (is_read || is_same_origin(request.headers()));
    let mut response = if is_ours {
        next.run(request).await
    } else {
        context.error(StatusCode::FORBIDDEN, context.language.cross_site())
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST)?.to_str().ok()
}

/// Whether a DNS server of an attacker cannot have resolved the name (DNS rebinding): a name of Genesys, which is
/// served with our certificate, `localhost`, or an IP address.
fn has_trusted_host(headers: &HeaderMap) -> bool {
    let Some(host) = host(headers) else {
        return false;
    };
    if VirtualHost::from_host(host) != VirtualHost::Gateway {
        return true;
    }
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// Whether the request comes from a page of this server, as far as the browser says. If it says nothing, the form token
/// decides.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let header = |name: HeaderName| headers.get(name).map(|it| it.to_str().unwrap_or_default());
    let site = header(HeaderName::from_static("sec-fetch-site"));
    let origin = header(ORIGIN).map(|origin| origin.split_once("://").map(|(_, host)| host));
    site.is_none_or(|site| site == "same-origin")
        && origin.is_none_or(|origin| origin.is_some() && origin == host(headers))
}

/// `path` with a query.
fn with_query(path: &str, name: &str, value: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{path}?{}", query.append_pair(name, value).finish())
}

fn see_other(location: &str) -> Response {
    Redirect::to(location).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn names_that_dns_rebinding_could_use_are_not_trusted() {
        for (host, expected) in [
            ("127.0.0.1:9000", true),
            ("[::1]:9000", true),
            ("localhost:9000", true),
            ("10.0.0.1", true),
            ("apps.mypurecloud.de", true),
            ("example.com", false),
            ("127.0.0.1.example.com", false),
            ("localhost.example.com", false),
            ("apps.mypurecloud.de.example.com", false),
            ("", false),
        ] {
            assert_eq!(
                has_trusted_host(&headers(&[("host", host)])),
                expected,
                "{host}"
            );
        }
        assert!(!has_trusted_host(&HeaderMap::new()));
    }

    #[test]
    fn a_form_must_come_from_this_server() {
        let host = ("host", "127.0.0.1:80");
        for (pairs, expected) in [
            (vec![], true),
            (
                vec![
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "http://127.0.0.1:80"),
                ],
                true,
            ),
            (vec![("sec-fetch-site", "same-site")], false),
            (
                vec![
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://127.0.0.1:80"),
                ],
                false,
            ),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "null")], false),
            (vec![("origin", "http://127.0.0.1:81")], false),
        ] {
            let pairs = [vec![host], pairs].concat();
            assert_eq!(is_same_origin(&headers(&pairs)), expected, "{pairs:?}");
        }
    }
}
