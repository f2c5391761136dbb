//! Security headers of every response, and the rejection of cross-site requests.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::failure::Failure;

/// Pages load only from this server, have no inline script or style, and cannot be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // With `no-referrer`, browsers would send our own forms with `Origin: null`.
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

/// Half a year, in seconds.
const HSTS: &str = "max-age=15768000";

/// Adds the headers to every response. A response without `Cache-Control` must not be stored.
pub(super) async fn headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Rejects requests that another site makes a browser send.
pub(super) async fn origin(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    // DNS rebinding: a foreign site's name can resolve to this server. Without TLS only the `Host` tells, so that only
    // names of loopback are answered.
    if !app.secure && !host(headers).is_some_and(is_loopback) {
        return Failure::CrossSite.into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && !is_same_origin(headers, app.secure) {
        return Failure::CrossSite.into_response();
    }
    next.run(request).await
}

/// The host and port by which the browser reaches these pages.
pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST)?.to_str().ok()
}

/// Whether a `Host` is a loopback name, with or without a port.
fn is_loopback(host: &str) -> bool {
    let is_port = |port: &str| {
        port.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok()
        })
    };
    let end = match host.strip_prefix('[') {
        Some(rest) => rest.find(']').map(|end| end + 2),
        None => host.find(':'),
    };
    let (name, port) = host.split_at(end.unwrap_or(host.len()));
    if !port.is_empty() && !is_port(port) {
        return false;
    }
    match name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        Some(name) => name.parse::<Ipv6Addr>().is_ok_and(|it| it.is_loopback()),
        None => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback())
        }
    }
}

/// Whether the browser says that another site made it send the request. Then it keeps back cookies that are
/// `SameSite=Strict`.
pub(super) fn is_cross_site(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
}

/// Whether a redirect to `path` stays on this server: `//host` and `/\host` lead to other sites, and a header takes only
/// visible ASCII.
pub(super) fn is_local_path(path: &str) -> bool {
    path.strip_prefix('/')
        .is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether the request has the same origin, by the headers that the browser sends. Without these headers, the form token
/// alone decides.
fn is_same_origin(headers: &HeaderMap, secure: bool) -> bool {
    let header = |name: HeaderName| headers.get(name).map(|it| it.to_str().unwrap_or_default());
    let site = header(HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    let scheme = if secure { "https" } else { "http" };
    match (header(ORIGIN), host(headers)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin == format!("{scheme}://{host}"),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_hosts_are_accepted() {
        for host in [
            "127.0.0.1:80",
            "127.1.2.3",
            "localhost:8080",
            "LOCALHOST",
            "[::1]:80",
            "[::1]",
            "[0:0::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "127.0.0.1.example.com",
            "localhost.example.com",
            "[::2]",
            "[",
            "[]",
            "[::1",
            "::1",
            "[::1].evil.example",
            "[::1]evil.example:80",
            "[::1]:",
            "[::1]:+80",
            "[127.0.0.1]",
            "127.0.0.1:80.evil.example",
            "127.0.0.1:99999",
            "127.0.0.1@evil.example",
            "localhost:evil.example",
            "localhost:80:80",
            "localhost.",
            "10.0.0.1",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn only_same_origin_requests_are_accepted() {
        for (site, origin, right) in [
            (None, None, true),
            (Some("same-origin"), Some("http://127.0.0.1:80"), true),
            (None, Some("http://127.0.0.1:80"), true),
            (Some("same-site"), None, false),
            (Some("cross-site"), Some("http://127.0.0.1:80"), false),
            (Some("none"), None, false),
            (None, Some("null"), false),
            (None, Some("http://127.0.0.1:81"), false),
            (None, Some("https://127.0.0.1:80"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:80"));
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(
                is_same_origin(&headers, false),
                right,
                "{site:?} {origin:?}"
            );
        }
    }
}
