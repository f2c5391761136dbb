//! `genesys/api-request`: a request to the Genesys Cloud API with a session's token. A listing can be read with all its pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_LANGUAGE, IF_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::{StepRun, StepType};
use crate::action::{ActionForm, Condition, FieldKind, FormField, Notation, SessionUse};
use crate::api_call::{API, ApiCall, GRANT, Response, is_api_path, may_have_been_executed};
use crate::api_error::ApiError;
use crate::catalogue::{OUTPUT, choice, field, output};
use crate::checking::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::json_template::JsonTemplate;
use crate::location::Location;
use crate::messages::Language;
use crate::outputs::{MAX_OUTPUT, OutputError};
use crate::placeholder::{TemplateError, shortened};
use crate::problem::{Expected, ProblemKind};
use crate::redact::redact_json;
use crate::report::{RetryReason, StepOutcome};
use crate::template::Template;

const METHOD: &str = "method";
const PATH: &str = "path";
const BODY: &str = "body";
const HEADERS: &str = "headers";
const PAGES: &str = "pages";

/// The methods, the first of which is the default.
static METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// The headers that a bot may set: the language of names and messages, and the version of a resource that a change is based
/// on (`/api/v2/scim`). Not `If-None-Match`: its answer has no content (304), so no step could use it. `egress` has a
/// list of its own, `Grant::genesys_api`.
static ALLOWED_HEADERS: [HeaderName; 2] = [ACCEPT_LANGUAGE, IF_MATCH];

/// The longest value of a header, in bytes.
const MAX_HEADER: usize = 1024;

const FIRST_PAGE: &str = "first";
const ALL_PAGES: &str = "all";

/// The list in a listing of the API.
const ENTITIES: &str = "entities";

/// The most pages of a listing. A server could name the next page for ever.
const MAX_PAGES: usize = 400;

/// The field with the session name, and its default.
const SESSION_NAME: &str = "session-name";
const DEFAULT_SESSION: &str = "Default";

/// The name of the action.
pub(crate) const ACTION: &str = "genesys/api-request";

/// Sends a request to the API.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// The session to use.
    pub session_name: String,
    /// The method.
    pub method: Method,
    /// The path, which begins with `/api/`. A query may follow.
    pub path: Template,
    /// What is sent as JSON.
    pub body: Option<JsonTemplate>,
    /// Headers besides those that every request has.
    pub headers: Vec<(HeaderName, Template)>,
    /// Whether the pages of a listing are requested until its end, and their entities put together.
    pub all_pages: bool,
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
    let session_name = FormField {
        default: Some(DEFAULT_SESSION.into()),
        ..field(
            SESSION_NAME,
            texts::session_name(language),
            texts::session_name_help(language),
            FieldKind::SessionName,
        )
    };
    let method = choice(
        METHOD,
        texts::method(language),
        texts::method_help(language),
        &METHODS
            .each_ref()
            .map(|method| (method.as_str(), method.as_str())),
    );
    let path = field(
        PATH,
        texts::path(language),
        texts::path_help(language),
        FieldKind::Text,
    );
    let body = FormField {
        notation: Notation::Json,
        required: false,
        ..field(
            BODY,
            texts::body(language),
            texts::body_help(language),
            FieldKind::Text,
        )
    };
    let headers = FormField {
        notation: Notation::JsonObject,
        required: false,
        ..field(
            HEADERS,
            texts::headers(language),
            texts::headers_help(language),
            FieldKind::Text,
        )
    };
    let pages = FormField {
        shown_when: Some(Condition {
            field: METHOD.into(),
            value: METHODS[0].to_string(),
        }),
        ..choice(
            PAGES,
            texts::pages(language),
            texts::pages_help(language),
            &[
                (FIRST_PAGE, texts::first_page(language)),
                (ALL_PAGES, texts::all_pages(language)),
            ],
        )
    };
    ActionForm {
        name: ACTION.into(),
        component: None,
        path: vec![
            "Genesys".into(),
            texts::group(language).into(),
            texts::label(language).into(),
        ],
        description: texts::description(language).into(),
        fields: vec![
            session_name,
            method,
            path,
            body,
            headers,
            pages,
            output(language),
        ],
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
        let options = METHODS.each_ref().map(|method| (method.as_str(), method));
        let method = fields.choice(METHOD, &METHODS[0], &options).clone();
        let body = fields.json_template(BODY);
        if body.is_some() && !has_body(&method) {
            fields.note(BODY, ProblemKind::NoBody(method.clone()));
        }
        let headers = parse_headers(fields);
        // The form has the choice for GET only.
        let all_pages = method == Method::GET
            && fields.choice(PAGES, false, &[(FIRST_PAGE, false), (ALL_PAGES, true)]);
        let output = fields.output_name(OUTPUT);
        Self {
            session_name,
            method,
            path,
            body,
            headers,
            all_pages,
            output,
        }
    }

    /// Sends the request. If it fails, it is sent again when that may help, also with a new token.
    async fn send(&self, run: &mut StepRun<'_>, call: ApiCall<'_>) -> Result<Response, StepError> {
        let response = self.send_with_token(run, call).await;
        if !is_unauthorized(&response) {
            return response;
        }
        run.reopen(&self.session_name).await?;
        self.send_with_token(run, call).await
    }

    async fn send_with_token(
        &self,
        run: &mut StepRun<'_>,
        call: ApiCall<'_>,
    ) -> Result<Response, StepError> {
        let client = run.runner.client.with_grant(Arc::clone(&GRANT));
        let mut tries = run.runner.retry.begin();
        loop {
            let open = run.session(&self.session_name)?;
            let attempt = call.send(&client, &open.session, &run.flow.redactor);
            let sent = if self.method.is_idempotent() {
                tries.attempt(attempt).await
            } else {
                tries.attempt_change(attempt).await
            };
            match sent {
                Ok(response) => return Ok(response),
                Err(error) if !self.method.is_idempotent() && may_have_been_executed(&error) => {
                    return Err(ApiError::Unconfirmed(error.into()).into());
                }
                Err(error) => {
                    let wait = tries.next_wait(error)?;
                    let reason = RetryReason::Api(wait.reason);
                    run.wait(wait, reason).await;
                }
            }
        }
    }

    /// The path of the next page of a listing, if it has one and all are wanted. The listings of Genesys Cloud name it in
    /// `nextUri`, or have the numbers of the page and of the last one. A page without entities is the last one.
    fn next_page(&self, page: &Json, path: &str) -> Option<String> {
        if !self.all_pages || page[ENTITIES].as_array()?.is_empty() {
            return None;
        }
        if let Some(next) = page["nextUri"].as_str() {
            return Some(next.into());
        }
        let (number, count) = (page["pageNumber"].as_u64()?, page["pageCount"].as_u64()?);
        (number < count).then(|| with_page(path, number + 1))
    }
}

impl StepType for ApiRequest {
    async fn check(&self, at: &Location, checking: &mut Checking<'_>) {
        if !checking.has_session(&self.session_name) {
            let kind = ProblemKind::NoSession(self.session_name.clone());
            checking.note(at, SESSION_NAME, kind);
        }
        checking.template(at, PATH, &self.path);
        for template in self.body.iter().flat_map(JsonTemplate::templates) {
            checking.template(at, BODY, template);
        }
        for (_, template) in &self.headers {
            checking.template(at, HEADERS, template);
        }
        checking.outputs.extend(self.output.clone());
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let escape = |value: &str| utf8_percent_encode(value, UNRESERVED).to_string();
        let path = run.fill(PATH, &self.path, escape)?;
        let body = match &self.body {
            Some(body) => run.fill_json(BODY, body)?.into(),
            None => Bytes::new(),
        };
        let mut headers = HeaderMap::new();
        for (name, template) in &self.headers {
            let text = run.fill(HEADERS, template, str::to_owned)?;
            let value = header_value(&text).ok_or_else(|| StepError::Template {
                field: HEADERS.into(),
                error: TemplateError::NotAHeader,
            })?;
            headers.insert(name, value);
        }
        let call = ApiCall {
            method: &self.method,
            path: &path,
            body: &body,
            headers: &headers,
        };
        let mut response = self.send(run, call).await?;
        let mut pages = 1;
        let mut next = self.next_page(&response.content, &path);
        while let Some(at) = next {
            if pages == MAX_PAGES {
                return Err(ApiError::TooManyPages(MAX_PAGES).into());
            }
            let page = self.send(run, ApiCall { path: &at, ..call }).await?;
            pages += 1;
            next = self.next_page(&page.content, &at);
            response.append(page);
            if response.size > MAX_OUTPUT {
                return Err(StepError::Output {
                    output: self.output.clone().unwrap_or_else(|| PAGES.into()),
                    error: OutputError::TooLarge,
                });
            }
        }
        let Response {
            status,
            mut content,
            ..
        } = response;
        let redactor = &run.flow.redactor;
        redact_json(redactor, &mut content);
        let path = redactor.redact(&path).into_owned();
        run.set_output(self.output.as_deref(), content, BTreeMap::new())?;
        Ok(StepOutcome::ApiResponse {
            method: self.method.clone(),
            path,
            status,
            pages,
        })
    }
}

impl Response {
    /// Adds the entities of the next page.
    fn append(&mut self, mut page: Self) {
        self.size += page.size;
        let entities = page.content.get_mut(ENTITIES).and_then(Json::as_array_mut);
        let all = self.content.get_mut(ENTITIES).and_then(Json::as_array_mut);
        if let (Some(entities), Some(all)) = (entities, all) {
            all.append(entities);
        }
    }
}

/// The headers that a step sets. The problems of others are recorded.
fn parse_headers(fields: &mut Fields<'_>) -> Vec<(HeaderName, Template)> {
    let mut headers: Vec<(HeaderName, Template)> = Vec::new();
    let Some(json) = fields.json_template(HEADERS) else {
        return headers;
    };
    let Some(texts) = json.texts() else {
        let (expected, found) = (Expected::Headers, None);
        fields.note(HEADERS, ProblemKind::Expected { expected, found });
        return headers;
    };
    for (name, template) in texts {
        let is_it = |it: &&HeaderName| it.as_str().eq_ignore_ascii_case(name);
        let Some(header) = ALLOWED_HEADERS.iter().find(is_it) else {
            let kind = ProblemKind::NotAnOption {
                options: ALLOWED_HEADERS.each_ref().map(ToString::to_string).into(),
                found: shortened(name),
            };
            fields.note(HEADERS, kind);
            continue;
        };
        let is_set = headers.iter().any(|(other, _)| other == header);
        if is_set || header_value(&template.with_placeholders("x")).is_none() {
            fields.note(HEADERS, ProblemKind::Template(TemplateError::NotAHeader));
        } else {
            headers.push((header.clone(), template.clone()));
        }
    }
    headers
}

/// The value of a header, which can neither end its line nor be read in several ways (RFC 9110, section 5.5).
fn header_value(text: &str) -> Option<HeaderValue> {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    let is_valid = !text.trim().is_empty() && text.len() <= MAX_HEADER;
    let value = HeaderValue::from_str(text.trim()).ok();
    value.filter(|_| is_valid && text.bytes().all(is_plain))
}

/// The path with another number of the page in its query.
fn with_page(path: &str, number: u64) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let others = query
        .split('&')
        .filter(|it| !it.is_empty() && !it.starts_with("pageNumber="));
    let number = format!("pageNumber={number}");
    let query: Vec<_> = others.chain([number.as_str()]).collect();
    format!("{path}?{}", query.join("&"))
}

/// Whether a request with this method has a body.
fn has_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// Whether Genesys Cloud no longer accepts the session's token (RFC 6750, section 3.1).
fn is_unauthorized<T>(response: &Result<T, StepError>) -> bool {
    matches!(
        response,
        Err(StepError::Api(ApiError::Refused(it)))
            if it.status == StatusCode::UNAUTHORIZED && it.is_of_genesys
    )
}

mod texts {
    crate::messages! {
        group { en: "API", de: "API" }
        label { en: "API request", de: "API-Anfrage" }
        description {
            en: "Sends a request to the Genesys Cloud API with the session's token.",
            de: "Sendet eine Anfrage an die Genesys-Cloud-API mit dem Token der Sitzung.",
        }
        method { en: "Method", de: "Methode" }
        method_help {
            en: "GET only reads; POST, PUT, PATCH and DELETE can change something in Genesys Cloud.",
            de: "GET liest nur; POST, PUT, PATCH und DELETE können etwas in Genesys Cloud ändern.",
        }
        body { en: "Body", de: "Body" }
        body_help {
            en: "For POST, PUT and PATCH: JSON, such as {\"name\": \"{user.name}\"}. {name} in a text stands for a variable or an output; a text that is only {name} is replaced by the value itself, even a number or a list.",
            de: "Für POST, PUT und PATCH: JSON, etwa {\"name\": \"{user.name}\"}. {name} in einem Text steht für eine Variable oder eine Ausgabe; ein Text, der nur aus {name} besteht, wird durch den Wert selbst ersetzt, auch durch eine Zahl oder Liste.",
        }
        headers { en: "Headers", de: "Header" }
        headers_help {
            en: "JSON, such as {\"Accept-Language\": \"de\"}. Accept-Language and If-Match can be set. {name} stands for a variable or an output.",
            de: "JSON, etwa {\"Accept-Language\": \"de\"}. Möglich sind Accept-Language und If-Match. {name} steht für eine Variable oder eine Ausgabe.",
        }
        pages { en: "Pages of a listing", de: "Seiten einer Auflistung" }
        pages_help {
            en: "With “All pages”, the pages are requested one after the other, and the output contains the entries (entities) of all of them.",
            de: "Mit „Alle Seiten“ werden die Seiten nacheinander abgefragt, und die Ausgabe enthält die Einträge (entities) aller Seiten.",
        }
        first_page { en: "This page only", de: "Nur diese Seite" }
        all_pages { en: "All pages", de: "Alle Seiten" }
        session_name { en: "Session name", de: "Sitzungsname" }
        session_name_help {
            en: "The name of a session that an earlier step opens.",
            de: "Der Name einer Sitzung, die ein früherer Schritt öffnet.",
        }
        path { en: "Path", de: "Pfad" }
        path_help {
            en: "Begins with /api/, such as /api/v2/users/me or /api/v2/users?pageSize=50. {name} stands for a variable or an output.",
            de: "Beginnt mit /api/, etwa /api/v2/users/me oder /api/v2/users?pageSize=50. {name} steht für eine Variable oder eine Ausgabe.",
        }
    }
}
