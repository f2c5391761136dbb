//! `genesys/api-request`: a request to the Genesys Cloud API with a session's token. It represents the actions that follow
//! in a real flow.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use thiserror::Error;

use egress::{Client, Timeouts};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{StepRun, StepType};
use action_types::is_unprintable;

use crate::action::{ActionForm, FieldKind, FormField, Redactor, Session, SessionUse};
use crate::catalogue::{self, OUTPUT};
use crate::check::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::file::Step;
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
        // The request contains the session's token, so the path must not be able to change the host.
        if path != Template::default() && !path.beginning().starts_with("/api/") {
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
        let mut tries = run.runner.retry.begin();
        loop {
            let open = run.session(&self.session_name)?;
            let attempt = get(&run.runner.client, &open.session, path);
            match tries.attempt(attempt).await {
                Ok(response) => return Ok(response),
                Err(mut error) => {
                    error.redact(&run.flow.redactor);
                    let wait = tries.next_wait(error)?;
                    let reason = RetryReason::Api(wait.reason);
                    run.wait(wait, reason).await;
                }
            }
        }
    }
}

impl StepType for ApiRequest {
    async fn check(&self, step: &Step, checking: &mut Checking<'_>) {
        if !checking.sessions.contains_key(&self.session_name) {
            let kind = ProblemKind::NoSession(self.session_name.clone());
            checking.note(step, SESSION_NAME, kind);
        }
        checking.template(step, PATH, &self.path);
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

/// Why an API request failed.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The path is not valid after its placeholders were filled in.
    #[error("{path:?} is not a valid API path")]
    BadPath {
        /// The path.
        path: String,
    },
    /// The status of the response is not a success.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// The response is not JSON.
    #[error("the response of {host} is not JSON")]
    NotJson {
        /// The host.
        host: String,
    },
    /// The first attempt did not finish within the deadline of all attempts.
    #[error("the API did not respond within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// There was no complete response.
    #[error(transparent)]
    Network(#[from] egress::Error),
}

/// A response whose status is not a success.
#[derive(Debug, Error)]
#[error(
    "{host} responded with {status} to GET {path}{}{}",
    said(.code.as_deref(), .message.as_deref()),
    correlation(.correlation_id.as_deref())
)]
pub struct Refusal {
    /// The host.
    pub host: String,
    /// The path of the request.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The API's code for the error, such as `not.found`.
    pub code: Option<String>,
    /// What the API says of the error.
    pub message: Option<String>,
    /// `Retry-After`, if the API sent it (RFC 9110, section 10.2.3; Genesys sends seconds).
    pub retry_after: Option<Duration>,
    /// `ININ-Correlation-Id`, for Genesys' support.
    pub correlation_id: Option<String>,
}

impl ApiError {
    /// Redacts the texts that may repeat a secret.
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::BadPath { path } => redactor.redact_in(path),
            Self::Refused(refusal) => {
                let texts = [
                    &mut refusal.code,
                    &mut refusal.message,
                    &mut refusal.correlation_id,
                ];
                let texts = texts.into_iter().flatten();
                texts
                    .chain([&mut refusal.path])
                    .for_each(|it| redactor.redact_in(it));
            }
            _ => {}
        }
    }
}

fn said(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (None, None) => String::new(),
        (Some(said), None) | (None, Some(said)) => format!(": {said}"),
        (Some(code), Some(message)) => format!(": {message} ({code})"),
    }
}

fn correlation(id: Option<&str>) -> String {
    id.map(|id| format!("; for Genesys' support: correlation id {id}"))
        .unwrap_or_default()
}

/// Sends `GET path` to the session's API. Returns the status, and the content as JSON, which is null if there is none.
///
/// # Errors
///
/// If the status is not 2xx, or the content is not JSON.
async fn get(
    client: &Client,
    session: &Session,
    path: &str,
) -> Result<(StatusCode, Json), ApiError> {
    let bad_path = || ApiError::BadPath { path: path.into() };
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
        let seconds = header("retry-after").and_then(|value| value.trim().parse().ok());
        let retry_after = seconds.map(Duration::from_secs);
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
            path: path.into(),
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
            Self::Refused(refusal) => match refusal.status.as_u16() {
                429 => Advice::TryAgain(refusal.retry_after),
                408 | 500..=599 => Advice::TryAgain(None),
                _ => Advice::GiveUp,
            },
            Self::Network(error) => of_network(error),
            Self::BadPath { .. } | Self::NotJson { .. } | Self::TimedOut(_) => Advice::GiveUp,
        }
    }

    fn timed_out(limit: Duration) -> Self {
        Self::TimedOut(limit)
    }
}

/// The action classifies the same failures in the same way.
fn of_network(error: &egress::Error) -> Advice {
    use egress::Error as E;
    match error {
        E::Busy
        | E::NameNotResolved { .. }
        | E::Connect { .. }
        | E::ProxyConnect { .. }
        | E::Tls { .. }
        | E::TimedOut { .. }
        | E::Disconnected { .. }
        | E::Incomplete { .. } => Advice::TryAgain(None),
        _ => Advice::GiveUp,
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
