//! `genesys/api-request`: a request to the Genesys Cloud API with a session's token. It represents the actions that follow
//! in a real flow.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, DATE, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;

use egress::{Client, Grant, Timeouts, stays_below};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{StepRun, StepType};
use action_types::is_unprintable;

use crate::action::{ActionForm, FieldKind, FormField, Redactor, Session, SessionUse};
use crate::api_error::{ApiError, Refusal};
use crate::catalogue::{self, OUTPUT};
use crate::checking::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::location::Location;
use crate::messages::Language;
use crate::problem::ProblemKind;
use crate::redact::redact_json;
use crate::report::{RetryReason, StepOutcome};
use crate::retry::{Advice, Retryable};
use crate::template::Template;

const PATH: &str = "path";

/// The field with the session name, and its default.
const SESSION_NAME: &str = "session-name";
const DEFAULT_SESSION: &str = "Default";

/// The name of the action.
pub(crate) const ACTION: &str = "genesys/api-request";

/// Sends a GET request to the API.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// The session to use.
    pub session_name: String,
    /// The path, which begins with `/api/`.
    pub path: Template,
    /// The name under which later steps find the response.
    pub output: Option<String>,
}

/// Everything but unreserved characters is escaped in a segment of a path (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(crate) fn form(language: Language) -> ActionForm {
    let field = |name: &str, label: &str, help: &str, kind, required| FormField {
        name: name.into(),
        label: label.into(),
        help: help.into(),
        kind,
        required,
        default: None,
        shown_when: None,
        omit_if_default: false,
        takes_sources: false,
    };
    let session_name = FormField {
        default: Some(DEFAULT_SESSION.into()),
        ..field(
            SESSION_NAME,
            texts::session_name(language),
            texts::session_name_help(language),
            FieldKind::SessionName,
            true,
        )
    };
    let path = field(
        PATH,
        texts::path(language),
        texts::path_help(language),
        FieldKind::Text,
        true,
    );
    ActionForm {
        name: ACTION.into(),
        component: None,
        path: vec![
            "Genesys".into(),
            texts::group(language).into(),
            texts::label(language).into(),
        ],
        description: texts::description(language).into(),
        fields: vec![session_name, path, catalogue::output(language)],
        session: SessionUse::Uses,
        outputs: Vec::new(),
        requests: Vec::new(),
    }
}

impl ApiRequest {
    pub(super) fn parse(fields: &mut Fields<'_>) -> Self {
        let session_name = fields.name(SESSION_NAME, DEFAULT_SESSION);
        let path = fields.template(PATH);
        // The request contains the session's token, so the path must not be able to change the host, nor to leave the API.
        let is_valid =
            || path.beginning().starts_with(API) && is_api_path(&path.with_placeholders("x"));
        if path != Template::default() && !is_valid() {
            fields.note(PATH, ProblemKind::NotAnApiPath);
        }
        let output = fields.output_name(OUTPUT);
        Self {
            session_name,
            path,
            output,
        }
    }

    async fn get(
        &self,
        run: &mut StepRun<'_>,
        path: &str,
    ) -> Result<(StatusCode, Json), StepError> {
        let client = run.runner.client.with_grant(Arc::clone(&GRANT));
        let mut tries = run.runner.retry.begin();
        loop {
            let open = run.session(&self.session_name)?;
            let attempt = get(&client, &open.session, path, &run.flow.redactor);
            match tries.attempt(attempt).await {
                Ok(response) => return Ok(response),
                Err(error) => {
                    let wait = tries.next_wait(error)?;
                    let reason = RetryReason::Api(wait.reason);
                    run.wait(wait, reason).await;
                }
            }
        }
    }
}

impl StepType for ApiRequest {
    async fn check(&self, at: &Location, checking: &mut Checking<'_>) {
        if !checking.has_session(&self.session_name) {
            let kind = ProblemKind::NoSession(self.session_name.clone());
            checking.note(at, SESSION_NAME, kind);
        }
        checking.template(at, PATH, &self.path);
        checking.outputs.extend(self.output.clone());
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let escape = |value: &str| utf8_percent_encode(value, UNRESERVED).to_string();
        let path = run.fill(PATH, &self.path, escape)?;
        let mut response = self.get(run, &path).await;
        if is_unauthorized(&response) {
            run.reopen(&self.session_name).await?;
            response = self.get(run, &path).await;
        }
        let (status, mut content) = response?;
        let redactor = &run.flow.redactor;
        redact_json(redactor, &mut content);
        let path = redactor.redact(&path).into_owned();
        if let Some(output) = &self.output {
            run.set_output(output, content, BTreeMap::new())?;
        }
        Ok(StepOutcome::ApiResponse { path, status })
    }
}

/// How all paths of the API begin.
const API: &str = "/api/";

/// What the step may send, whatever the client that it is given may: reading requests to the API of Genesys Cloud, with a
/// session's token.
static GRANT: LazyLock<Arc<Grant>> = LazyLock::new(|| Grant::genesys_api().into());

/// Whether it is a path below `/api/` that a server cannot resolve to another one. A query may follow.
fn is_api_path(path: &str) -> bool {
    let (path, _) = path.split_once(['?', '#']).unwrap_or((path, ""));
    path.starts_with(API) && stays_below(path)
}

/// Whether Genesys Cloud no longer accepts the session's token (RFC 6750, section 3.1).
fn is_unauthorized<T>(response: &Result<T, StepError>) -> bool {
    matches!(
        response,
        Err(StepError::Api(ApiError::Refused(it))) if it.status == StatusCode::UNAUTHORIZED
    )
}

/// The time-outs of a request. Genesys Cloud itself responds with 504 after 15 s.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(30),
    between_bytes: Duration::from_secs(10),
};

/// Sends `GET path` to the session's API. Returns the status, and the content as JSON, which is null if there is none. Errors
/// are redacted.
///
/// # Errors
///
/// If the status is not 2xx, or the content is not JSON.
async fn get(
    client: &Client,
    session: &Session,
    path: &str,
    redactor: &Redactor,
) -> Result<(StatusCode, Json), ApiError> {
    let shown_path = || redactor.redact(path).into_owned();
    let bad_path = || ApiError::BadPath { path: shown_path() };
    if !is_api_path(path) {
        return Err(bad_path());
    }
    let mut request = Request::builder()
        .method(Method::GET)
        .uri([&session.base_url, path].concat())
        .header(ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())
        .map_err(|_| bad_path())?;
    request
        .headers_mut()
        .insert(AUTHORIZATION, bearer(&session.token).ok_or_else(bad_path)?);
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
        let refusal = Refusal {
            host,
            path: shown_path(),
            code: member("code", 100),
            message: member("message", 500),
            status,
            retry_after,
            correlation_id,
        };
        return Err(Box::new(refusal).into());
    }
    let body = response.into_body().collect().await?.to_bytes();
    if body.is_empty() {
        return Ok((status, Json::Null));
    }
    let json = serde_json::from_slice(&body).map_err(|_| ApiError::NotJson { host })?;
    Ok((status, json))
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
            Self::Refused(_) | Self::BadPath { .. } | Self::NotJson { .. } | Self::TimedOut(_) => {
                Advice::GiveUp
            }
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
            "/api/v2/users#x//",
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
            "/api/v2/users/",
            "/api/v2/users/?a=b",
            "/api/../oauth/token",
            "/api/v2/..",
            "/api/./v2",
            "/api/%2e%2E/oauth",
            "/api/.%2e/oauth",
            "/api/%2E/v2",
            "/api/..\\oauth",
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
            path: "/api/v2/users/me".into(),
            status,
            code: None,
            message: None,
            retry_after,
            correlation_id: None,
        }))
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

    #[test]
    fn the_time_to_come_back_is_part_of_the_message() {
        let error = refused(StatusCode::SERVICE_UNAVAILABLE, Some(300 * SECOND));
        assert_eq!(
            error.to_string(),
            "api.mypurecloud.de responded with 503 Service Unavailable to GET /api/v2/users/me; \
             it asks you to wait 300 s"
        );
    }
}

mod texts {
    crate::messages! {
        group { en: "API", de: "API" }
        label { en: "API request", de: "API-Anfrage" }
        description { en: "Sends a GET request to the Genesys Cloud API with the session's token.", de: "Ruft einen Pfad der Genesys-Cloud-API mit dem Token der Sitzung ab." }
        session_name { en: "Session name", de: "Sitzungsname" }
        session_name_help { en: "The session name from OAuth authenticate.", de: "Der Name aus OAuth-Authentifizierung." }
        path { en: "Path", de: "Pfad" }
        path_help { en: "Begins with /api/, such as /api/v2/users/me. {name} stands for a variable or an output.", de: "Beginnt mit /api/, etwa /api/v2/users/me. {name} steht für eine Variable oder eine Ausgabe." }
    }
}
