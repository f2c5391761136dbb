//! Keeps the secrets that steps were given out of what they return.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::action::{OutputKind, Redactor};

/// An output of an action without secrets; `None` if it has none. What is not JSON is redacted as a text, and is reported
/// later.
pub(crate) fn redact_output(redactor: &Redactor, kind: OutputKind, value: &str) -> Option<String> {
    let redacted = match redactor.redact(value) {
        Cow::Owned(redacted) if kind != OutputKind::Secret => redacted,
        _ => return None,
    };
    match (kind, serde_json::from_str(value)) {
        (OutputKind::Json, Ok(mut json)) => {
            redact_json(redactor, &mut json);
            Some(json.to_string())
        }
        _ => Some(redacted),
    }
}

/// Redacts the texts of a document, the names of its members included.
pub(crate) fn redact_json(redactor: &Redactor, json: &mut Json) {
    match json {
        Json::Null | Json::Bool(_) => {}
        Json::Number(number) => {
            if let Cow::Owned(redacted) = redactor.redact(&number.to_string()) {
                *json = redacted.into();
            }
        }
        Json::String(text) => redactor.redact_in(text),
        Json::Array(items) => items.iter_mut().for_each(|it| redact_json(redactor, it)),
        Json::Object(members) => {
            if members.keys().any(|name| redactor.finds(name)) {
                let renamed = std::mem::take(members).into_iter();
                let renamed = renamed.map(|(name, it)| (redactor.redact(&name).into_owned(), it));
                *members = renamed.collect();
            }
            members
                .values_mut()
                .for_each(|it| redact_json(redactor, it));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_stays_json_without_secrets() {
        let mut redactor = Redactor::default();
        for secret in ["123456", "a\"b\",", "hush"] {
            redactor.add(&secret.into());
        }
        let mut json = json!({
            "pin": 123_456,
            "hush": ["a\"b\",", { "x": "is hush." }],
            "kept": [1, true, null, "text"],
        });
        let expected = json!({
            "pin": "***",
            "***": ["***", { "x": "is ***." }],
            "kept": [1, true, null, "text"],
        });
        let redacted = redact_output(&redactor, OutputKind::Json, &json.to_string()).unwrap();
        assert_eq!(serde_json::from_str::<Json>(&redacted).unwrap(), expected);
        redact_json(&redactor, &mut json);
        assert_eq!(json, expected);
    }
}
