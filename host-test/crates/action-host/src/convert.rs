//! Turns the generated types into those of [`action_types`], and back.

use action_types::{
    Argument, Failure, Redactor, Retry, Session, SessionChange, Success, Value, form,
    is_unprintable,
};
use egress::Cause;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};

use super::bindings::exports::bot::action::form as wit_form;
use super::bindings::exports::bot::action::run as wit;

/// Arguments as they are handed to wasmtime: plain text, whose secrets are zeroed when the call is over, however it ends.
pub(super) fn arguments(arguments: &[Argument]) -> Vec<wit::Argument> {
    let exposed = |secret: &SecretString| String::from(secret.expose_secret());
    let value = |value: &Value| match value {
        Value::Text(text) => wit::Value::Text(text.clone()),
        Value::Secret(secret) => wit::Value::Secret(exposed(secret)),
        Value::Token(token) => wit::Value::Token(wit::BorrowedToken {
            url: token.url.clone(),
            access_token: exposed(&token.access_token),
            token_type: token.token_type.clone(),
            expires_in: token.expires_in,
        }),
        Value::Session(session) => wit::Value::Session(wit::Session {
            token: exposed(&session.token),
            token_type: session.token_type.clone(),
            base_url: session.base_url.clone(),
            expires_in: session.expires_in,
        }),
    };
    let argument = |argument: &Argument| wit::Argument {
        name: argument.name.clone(),
        value: value(&argument.value),
    };
    arguments.iter().map(argument).collect()
}

impl Zeroize for wit::Argument {
    fn zeroize(&mut self) {
        match &mut self.value {
            wit::Value::Text(_) => {}
            wit::Value::Secret(secret) => secret.zeroize(),
            wit::Value::Token(token) => token.access_token.zeroize(),
            wit::Value::Session(session) => session.token.zeroize(),
        }
    }
}

/// What an action did. Texts that are shown have neither the secrets that the component was given nor the token that it
/// returns. Outputs are not shown, as only the action's form says which of them are secrets.
pub(super) fn success(success: wit::Success, mut redactor: Redactor) -> Success {
    use wit::SessionChange as Change;
    if let Change::Opened(it) | Change::Replaced(it) = &success.session {
        redactor.add(&it.token.as_str().into());
    }
    let shown = |text: String| redactor.redact(&text).into_owned();
    let session = |session: wit::Session| Session {
        token: session.token.into(),
        token_type: shown(session.token_type),
        base_url: shown(session.base_url),
        expires_in: session.expires_in,
    };
    let outputs = success.outputs.into_iter();
    let outputs = outputs.map(|it| (shown(it.name), it.value.into()));
    Success {
        outputs: outputs.collect(),
        session: match success.session {
            Change::Unchanged => SessionChange::Unchanged,
            Change::Opened(it) => SessionChange::Opened(session(it)),
            Change::Replaced(it) => SessionChange::Replaced(session(it)),
            Change::Closed => SessionChange::Closed,
        },
    }
}

/// The longest message, and the longest of the other texts of an error, in characters.
const MAX_MESSAGE: usize = 2000;
const MAX_FACT: usize = 200;

/// The most facts about an error.
const MAX_FACTS: usize = 20;

/// A component's text as it may be shown in a terminal or a log: at most `max` characters, the last of which is an ellipsis
/// if there were more, and spaces instead of control characters.
fn plain(text: &str, max: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(max)
        .map(|c| if is_unprintable(c) { ' ' } else { c })
        .collect();
    if text.chars().nth(max).is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// A component's message for people, or one about it.
pub(super) fn message(text: &str) -> String {
    plain(text, MAX_MESSAGE)
}

/// A component's code, name or other short text.
pub(super) fn fact(text: &str) -> String {
    plain(text, MAX_FACT)
}

/// A failure without the secrets that the component was given. They are redacted before texts are shortened, so that no part
/// of one is left.
pub(super) fn failure(failure: &wit::Failure, redactor: &Redactor) -> Failure {
    let fact = |text: &str| fact(&redactor.redact(text));
    // Those of the host are not the component's to say.
    let is_own = |it: &&wit::Detail| !Cause::FACTS.contains(&it.name.as_str());
    let details = failure.details.iter().filter(is_own).take(MAX_FACTS);
    Failure {
        code: fact(&failure.code),
        field: failure.field.as_deref().map(&fact),
        retry: match failure.retry {
            wit::Retry::Never => Retry::Never,
            wit::Retry::Backoff => Retry::Backoff,
            wit::Retry::After(seconds) => Retry::After(seconds),
            wit::Retry::NewToken => Retry::NewToken,
        },
        message: message(&redactor.redact(&failure.message)),
        details: details
            .map(|it| (fact(&it.name), fact(&it.value)))
            .collect(),
    }
}

pub(super) fn to_wit(failure: &Failure) -> wit::Failure {
    let details = failure.details.iter().cloned();
    wit::Failure {
        code: failure.code.clone(),
        field: failure.field.clone(),
        retry: match failure.retry {
            Retry::Never => wit::Retry::Never,
            Retry::Backoff => wit::Retry::Backoff,
            Retry::After(seconds) => wit::Retry::After(seconds),
            Retry::NewToken => wit::Retry::NewToken,
        },
        message: failure.message.clone(),
        details: details
            .map(|(name, value)| wit::Detail { name, value })
            .collect(),
    }
}

pub(super) fn action(action: wit_form::Action) -> form::Action {
    form::Action {
        name: action.name,
        path: action.path,
        description: action.description,
        fields: action.fields.into_iter().map(field).collect(),
        session: match action.session {
            wit_form::SessionUse::None => form::SessionUse::None,
            wit_form::SessionUse::Opens => form::SessionUse::Opens,
            wit_form::SessionUse::Uses => form::SessionUse::Uses,
            wit_form::SessionUse::Closes => form::SessionUse::Closes,
        },
        outputs: action.outputs.into_iter().map(output).collect(),
        repeatable: action.repeatable,
        requests: action.requests.into_iter().map(request).collect(),
    }
}

fn field(field: wit_form::Field) -> form::Field {
    let option = |it: wit_form::ChoiceOption| form::ChoiceOption {
        value: it.value,
        label: it.label,
    };
    form::Field {
        name: field.name,
        label: field.label,
        help: field.help,
        kind: match field.kind {
            wit_form::FieldKind::Text => form::FieldKind::Text,
            wit_form::FieldKind::Credential => form::FieldKind::Credential,
            wit_form::FieldKind::Secret => form::FieldKind::Secret,
            wit_form::FieldKind::Choice(options) => {
                form::FieldKind::Choice(options.into_iter().map(option).collect())
            }
            wit_form::FieldKind::OauthConnection => form::FieldKind::OauthConnection,
            wit_form::FieldKind::SessionName => form::FieldKind::SessionName,
        },
        required: field.required,
        default: field.default,
        shown_when: field.shown_when.map(|it| form::Condition {
            field: it.field,
            value: it.value,
        }),
    }
}

fn output(output: wit_form::Output) -> form::Output {
    form::Output {
        name: output.name,
        label: output.label,
        help: output.help,
        kind: match output.kind {
            wit_form::OutputKind::Text => form::OutputKind::Text,
            wit_form::OutputKind::Json => form::OutputKind::Json,
            wit_form::OutputKind::Secret => form::OutputKind::Secret,
        },
    }
}

fn request(request: wit_form::Request) -> form::Request {
    form::Request {
        hosts: request.hosts,
        methods: request.methods,
        paths: request.paths,
        headers: request.headers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_the_host_are_not_taken_from_a_component() {
        let detail = |name: &str| wit::Detail {
            name: name.into(),
            value: "x".into(),
        };
        let mut details = vec![detail("host")];
        details.extend(Cause::FACTS.map(detail));
        let failure = wit::Failure {
            code: "unavailable".into(),
            field: None,
            retry: wit::Retry::Never,
            message: String::new(),
            details,
        };
        let failure = super::failure(&failure, &Redactor::default());
        assert_eq!(failure.details, [("host".to_owned(), "x".to_owned())]);
    }
}
