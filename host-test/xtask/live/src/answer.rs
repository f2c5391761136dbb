//! What is kept of an answer.

use std::fmt;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use secrecy::SecretString;
use serde_json::{Map, Value};

/// The members whose values are tokens.
const TOKENS: [&str; 2] = ["access_token", "refresh_token"];

/// The members that say why a request was refused.
const REASONS: [&str; 5] = [
    "error",
    "code",
    "description",
    "error_description",
    "message",
];

/// An answer without its tokens.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    /// The header `ININ-Correlation-Id`.
    pub(crate) correlation_id: Option<String>,
    pub(crate) has_retry_after: bool,
    pub(crate) has_body: bool,
    /// The members of the body, if it is a JSON object.
    pub(crate) members: Option<Map<String, Value>>,
}

impl Answer {
    /// Reads an answer. Its access token, if it has one, is separate.
    pub(crate) fn read(
        status: u16,
        headers: &HeaderMap,
        body: &[u8],
    ) -> (Self, Option<SecretString>) {
        let header = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        let media_type = header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let mut members: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
        let mut token = None;
        for (name, value) in members.iter_mut().flatten() {
            if TOKENS.contains(&name.as_str())
                && let Value::String(text) = value.take()
                && name == "access_token"
            {
                token = Some(SecretString::from(text));
            }
        }
        let answer = Self {
            status,
            media_type: media_type.to_ascii_lowercase(),
            correlation_id: header("inin-correlation-id"),
            has_retry_after: headers.contains_key(RETRY_AFTER),
            has_body: !body.is_empty(),
            members,
        };
        (answer, token)
    }

    /// The text of a member.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.as_ref()?.get(name)?.as_str()
    }

    /// The names of the members.
    pub(crate) fn names(&self) -> Vec<&str> {
        let members = self.members.iter().flatten();
        members.map(|(name, _)| name.as_str()).collect()
    }

    /// Whether it has all these members, and maybe others.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        let members = self.members.as_ref();
        members.is_some_and(|members| names.iter().all(|name| members.contains_key(*name)))
    }

    /// Whether the same request may be answered otherwise later: throttled, or a failure of the server.
    pub(crate) fn may_pass(&self) -> bool {
        let is_throttled = |text: &str| text.starts_with("rate limit exceeded");
        self.status == 429
            || self.status >= 500
            || self.text("error_description").is_some_and(is_throttled)
    }

    /// Status and reason, or the names of the members.
    pub(crate) fn summary(&self) -> String {
        let reasons: Vec<_> = REASONS
            .iter()
            .filter_map(|name| Some(format!("`{name}` `{}`", self.text(name)?)))
            .collect();
        let body = match &self.members {
            _ if !self.has_body => "no body".into(),
            None => format!(
                "a body of type {:?} that is not a JSON object",
                self.media_type
            ),
            Some(_) if reasons.is_empty() => format!("members {}", self.names().join(", ")),
            Some(_) => reasons.join(", "),
        };
        format!("{}, {body}", self.status)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut answer = f.debug_struct("Answer");
        answer.field("status", &self.status).finish_non_exhaustive()
    }
}
