//! One request of the step `genesys/api-request`, as it is sent once: what it may be, how its response is read, and what its
//! failure means for another attempt.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use action_types::is_unprintable;
use bytes::Bytes;
use egress::{Client, Grant, Timeouts, stays_below};
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;

use crate::action::{Redactor, Session};
use crate::api_error::{ApiError, Refusal};
use crate::retry::{Advice, Retryable};

/// A successful response.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    /// JSON, which is null if there is none.
    pub(crate) content: Json,
    /// The size of all pages, in bytes.
    pub(crate) size: usize,
}

/// How all paths of the API begin.
pub(crate) const API: &str = "/api/";

/// What the step may send, whatever the client that it is given may: requests to the API of Genesys Cloud, with a session's
/// token.
pub(crate) static GRANT: LazyLock<Arc<Grant>> = LazyLock::new(|| Grant::genesys_api().into());

/// Whether it is a path below `/api/` that a server cannot resolve to another one. A query may follow.
pub(crate) fn is_api_path(path: &str) -> bool {
    let (below, _) = path.split_once('?').unwrap_or((path, ""));
    below.starts_with(API) && stays_below(below) && !path.contains('#')
}

/// The time-outs of a request. Genesys Cloud itself responds with 504 after 15 s.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(30),
    between_bytes: Duration::from_secs(10),
};

/// A request, as it is sent once.
#[derive(Clone, Copy)]
pub(crate) struct ApiCall<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// Empty for none.
    pub(crate) body: &'a Bytes,
    /// Besides those that every request has.
    pub(crate) headers: &'a HeaderMap,
}

impl ApiCall<'_> {
    /// Sends it to the session's API. Errors are redacted.
    ///
    /// # Errors
    ///
    /// If the status is not 2xx, or the content is not JSON.
    pub(crate) async fn send(
        &self,
        client: &Client,
        session: &Session,
        redactor: &Redactor,
    ) -> Result<Response, ApiError> {
        let Self {
            method, path, body, ..
        } = *self;
        let shown_path = || redactor.redact(path).into_owned();
        let bad_path = || ApiError::BadPath { path: shown_path() };
        if !is_api_path(path) {
            return Err(bad_path());
        }
        let mut request = Request::builder()
            .method(method)
            .uri([&session.base_url, path].concat())
            .header(ACCEPT, "application/json")
            .body(Full::new(body.clone()))
            .map_err(|_| bad_path())?;
        let headers = request.headers_mut();
        headers.extend(self.headers.clone());
        headers.insert(AUTHORIZATION, bearer(&session.token).ok_or_else(bad_path)?);
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let host = request.uri().host().unwrap_or_default().to_owned();

        let response = client.send(request, TIMEOUTS).await?;
        let status = response.status();
        if !status.is_success() {
            let (head, body) = response.into_parts();
            let header = |name| head.headers.get(name)?.to_str().ok();
            let retry_after = may_pass(status)
                .then(|| retry_after(&head.headers, SystemTime::now()))
                .flatten();
            let shown = |text: &str, most| shown(&redactor.redact(text), most);
            let correlation_id = header("inin-correlation-id").map(|id| shown(id, 64));
            // The body only explains the status: an error without one is reported as well.
            let body = body.collect().await;
            let body = body
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            let body: Json = serde_json::from_slice(&body).unwrap_or_default();
            let member = |name: &str, most| body[name].as_str().map(|text| shown(text, most));
            let code = member("code", 100);
            let refusal = Refusal {
                host,
                method: method.clone(),
                path: shown_path(),
                is_of_genesys: is_of_genesys(&head.headers, code.as_deref()),
                code,
                message: member("message", 500),
                status,
                retry_after,
                correlation_id,
            };
            return Err(ApiError::Refused(refusal.into()));
        }
        let body = response.into_body().collect().await?.to_bytes();
        let content = if body.is_empty() {
            Json::Null
        } else {
            serde_json::from_slice(&body).map_err(|_| ApiError::NotJson { host })?
        };
        Ok(Response {
            status,
            content,
            size: body.len(),
        })
    }
}

/// Whether Genesys Cloud refused, and not a gateway, firewall or portal before it: the refusal is no page, and it has a code,
/// a correlation id, or the challenge for a bearer token (RFC 6750, section 3).
fn is_of_genesys(headers: &HeaderMap, code: Option<&str>) -> bool {
    let begins = |name, text: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        let beginning = value.and_then(|value| value.trim_start().get(..text.len()));
        beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(text))
    };
    let has_id = headers.contains_key("inin-correlation-id");
    !begins(CONTENT_TYPE, "text/html")
        && (code.is_some() || has_id || begins(WWW_AUTHENTICATE, "bearer"))
}

/// The beginning of a text of the server, as it may be shown.
fn shown(text: &str, most: usize) -> String {
    let plain = |c: char| if is_unprintable(c) { ' ' } else { c };
    text.chars().take(most).map(plain).collect()
}

/// The header of a bearer token (RFC 6750, section 2.1), marked as sensitive so that logs do not show it.
fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let value = SecretString::from(["Bearer ", token.expose_secret()].concat());
    let mut header = HeaderValue::from_str(value.expose_secret()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

impl Retryable for ApiError {
    fn advice(&self) -> Advice {
        match self {
            Self::Refused(refusal) if may_pass(refusal.status) => {
                Advice::TryAgain(refusal.retry_after)
            }
            Self::Network(error) => of_network(error),
            Self::Refused(_)
            | Self::BadPath { .. }
            | Self::NotJson { .. }
            | Self::TooManyPages(_)
            | Self::Unconfirmed(_)
            | Self::TimedOut(_) => Advice::GiveUp,
        }
    }

    fn timed_out(limit: Duration) -> Self {
        Self::TimedOut(limit)
    }
}

/// Whether the same request may succeed later.
fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500..=599)
}

/// Whether the server may have done what it was asked for, although there is no answer that says so.
pub(crate) fn may_have_been_executed(error: &ApiError) -> bool {
    match error {
        ApiError::Refused(refusal) => {
            let status = refusal.status;
            status == StatusCode::REQUEST_TIMEOUT || status.is_server_error()
        }
        ApiError::Network(error) => error.may_have_been_sent(),
        ApiError::TimedOut(_) | ApiError::Unconfirmed(_) => true,
        ApiError::BadPath { .. } | ApiError::NotJson { .. } | ApiError::TooManyPages(_) => false,
    }
}

/// How long the server asks to wait: seconds, or a date in any of its three forms, which counts from the server's own
/// clock if it says what that shows.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let date = |text| httpdate::parse_http_date(text).ok();
    let wait = text(RETRY_AFTER)?;
    if !wait.is_empty() && wait.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit is the largest that does.
        return Some(Duration::from_secs(wait.parse().unwrap_or(u32::MAX).into()));
    }
    let now = text(DATE).and_then(date).unwrap_or(now);
    Some(date(wait)?.duration_since(now).unwrap_or_default())
}

/// The action classifies the same failures in the same way.
fn of_network(error: &egress::Error) -> Advice {
    use egress::Error as E;
    match error {
        E::Busy
        | E::NameNotResolved { .. }
        | E::TooManyFiles
        | E::Connect { .. }
        | E::GatewayNotFound { .. }
        | E::GatewayConnect { .. }
        | E::ProxyNotFound { .. }
        | E::ProxyConnect { .. }
        | E::Protocol { .. }
        | E::Tls { .. }
        | E::TimedOut { .. }
        | E::Disconnected { .. }
        | E::Incomplete { .. } => Advice::TryAgain(None),
        E::ProxyRefused { status, .. } if status.is_server_error() => Advice::TryAgain(None),
        _ => Advice::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_path_of_the_api_has_no_segments_that_a_server_may_resolve() {
        for path in [
            "/api/v2/users/me",
            "/api/v2/users?expand=a/../b//",
            "/api/v2/a%2Fb/c.d/...",
            "/api/v2/J%C3%B6rg;v=1/100%25",
        ] {
            assert!(is_api_path(path), "{path}");
        }
        for path in [
            "",
            "/",
            "/api",
            "/api/",
            "api/v2",
            "//api/v2",
            "/api//v2",
            "/api/v2/users#x",
            "/api/v2/users?a=b#x",
            "/api/v2/users/",
            "/api/v2/users/?a=b",
            "/api/../oauth/token",
            "/api/v2/..",
            "/api/./v2",
            "/api/%2e%2E/oauth",
            "/api/.%2e/oauth",
            "/api/%2E/v2",
            "/api/..\\oauth",
            "/api/..;/oauth",
            "/api/%3Bx/oauth",
            "/api/..%3Bx/oauth",
            "/api/%252e%252E/oauth",
            "/api/%25%32%65%25%32%65/oauth",
            "/api/..%2Foauth/token",
            "/api/v2/a%2F..%2F..",
            "/api/..%5Coauth",
            "/api/v2/a%00b",
            "/api/\u{2025}/oauth",
            "/api/v2/J\u{f6}rg",
            "/api/v2/a b",
            "/apis/v2",
            "https://evil.example/api/v2",
        ] {
            assert!(!is_api_path(path), "{path}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_in_any_of_its_three_forms() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let wait = |retry_after: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
            headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
            super::retry_after(&headers, now)
        };
        for date in [
            "Sun, 06 Nov 1994 08:50:37 GMT",
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun Nov  6 08:50:37 1994",
        ] {
            assert_eq!(wait(date, None), Some(60 * SECOND), "{date}");
            let server = Some("Sun, 06 Nov 1994 08:50:30 GMT");
            assert_eq!(wait(date, server), Some(7 * SECOND), "{date}");
            let later = Some("Sun, 06 Nov 1994 08:59:00 GMT");
            assert_eq!(wait(date, later), Some(Duration::ZERO), "{date}");
        }
        assert_eq!(wait(" 42 ", None), Some(42 * SECOND));
        assert_eq!(
            wait("99999999999999999999999", None),
            Some(SECOND * u32::MAX)
        );
        for unusable in ["", "soon", "-1", "+1", "1.5"] {
            assert_eq!(wait(unusable, None), None, "{unusable}");
        }
    }

    fn refused(status: StatusCode, retry_after: Option<Duration>) -> ApiError {
        ApiError::Refused(Box::new(Refusal {
            host: "api.mypurecloud.de".into(),
            method: Method::GET,
            path: "/api/v2/users/me".into(),
            status,
            code: None,
            message: None,
            retry_after,
            correlation_id: None,
            is_of_genesys: false,
        }))
    }

    #[test]
    fn a_request_may_have_been_executed_unless_it_was_refused_or_never_sent() {
        for (status, expected) in [
            (400, false),
            (401, false),
            (409, false),
            (429, false),
            (408, true),
            (500, true),
            (503, true),
            (504, true),
        ] {
            let error = refused(StatusCode::from_u16(status).unwrap(), None);
            assert_eq!(may_have_been_executed(&error), expected, "{status}");
        }
        let host = || "api.mypurecloud.de".to_owned();
        // An alert may arrive after the request was sent.
        assert!(may_have_been_executed(
            &egress::Error::Tls { host: host() }.into()
        ));
        assert!(!may_have_been_executed(
            &egress::Error::NameNotResolved { host: host() }.into()
        ));
        assert!(may_have_been_executed(&ApiError::TimedOut(SECOND)));
    }

    #[test]
    fn every_status_that_may_pass_is_tried_again_after_the_wait_that_the_server_asks_for() {
        let advice = |status: u16, retry_after| {
            refused(StatusCode::from_u16(status).unwrap(), retry_after).advice()
        };
        for status in [408, 429, 500, 502, 503, 504] {
            for wait in [None, Some(SECOND)] {
                assert_eq!(advice(status, wait), Advice::TryAgain(wait), "{status}");
            }
        }
        for status in [301, 400, 401, 403, 404] {
            assert_eq!(advice(status, Some(SECOND)), Advice::GiveUp, "{status}");
        }
    }
}
