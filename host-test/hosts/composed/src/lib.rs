//! A bot as a component: *Check credentials* opens a session with an OAuth client and closes it at once.
//!
//! It imports the contract and exports it too. Composed with the component whose actions it runs, it is an action like any
//! other, for any host: one call, one instance, no engine in between. It knows the two actions by their names and fields only.

mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit/deps/bot-action",
        inline: "
            package example:check-credentials;
            world bot {
                import bot:action/form@0.2.0;
                import bot:action/run@0.2.0;
                export bot:action/form@0.2.0;
                export bot:action/run@0.2.0;
            }
        ",
        world: "example:check-credentials/bot",
        generate_all,
    });

    export!(Bot);

    pub(crate) struct Bot;
}

use bindings::Bot;
use bindings::bot::action as other;
use bindings::exports::bot::action::{form, run};

const NAME: &str = "check-credentials";
const FIELDS: [&str; 3] = ["url", "client-id", "client-secret"];

impl form::Guest for Bot {
    /// Its texts are in English only. Its fields and its requests are those of the actions that it runs.
    fn actions(locale: String) -> Vec<form::Action> {
        let parts = other::form::actions(&locale);
        let fields = parts.iter().flat_map(|action| &action.fields);
        let fields = FIELDS
            .iter()
            .filter_map(|name| fields.clone().find(|field| field.name == *name));
        let requests = parts.iter().flat_map(|action| &action.requests);
        vec![form::Action {
            name: NAME.into(),
            path: vec![
                "Genesys".into(),
                "Authentication".into(),
                "Check credentials".into(),
            ],
            description: "Opens a session with an OAuth client and closes it at once.".into(),
            fields: fields.map(field).collect(),
            session: form::SessionUse::None,
            outputs: vec![form::Output {
                name: "lifetime".into(),
                label: "Lifetime".into(),
                help: "How long a session of this client lasts, in seconds.".into(),
                kind: form::OutputKind::Text,
            }],
            repeatable: true,
            requests: requests.map(request).collect(),
        }]
    }
}

impl run::Guest for Bot {
    fn run(action: String, arguments: Vec<run::Argument>) -> Result<run::Success, run::Failure> {
        if action != NAME {
            return Err(unknown_action());
        }
        let mut opening: Vec<_> = arguments.into_iter().map(argument).collect();
        opening.push(text("authentication-type", "client-credentials"));
        opening.push(text("session-name", "Check"));
        let opened = other::run::run("oauth-authenticate", &opening).map_err(failure)?;
        let other::run::SessionChange::Opened(session) = opened.session else {
            return Err(no_session());
        };
        let lifetime = session.expires_in;
        let closing = [other::run::Argument {
            name: "session-name".into(),
            value: other::run::Value::Session(session),
        }];
        other::run::run("disconnect", &closing).map_err(failure)?;
        let lifetime = lifetime.map(|seconds| run::Output {
            name: "lifetime".into(),
            value: seconds.to_string(),
        });
        Ok(run::Success {
            outputs: lifetime.into_iter().collect(),
            session: run::SessionChange::Unchanged,
        })
    }

    fn check(_: String, arguments: Vec<run::Argument>) -> Vec<run::Failure> {
        let arguments: Vec<_> = arguments.into_iter().map(argument).collect();
        other::run::check("oauth-authenticate", &arguments)
            .into_iter()
            .map(failure)
            .collect()
    }

    /// The message is in English: `failure` has it from the other component.
    fn explain(_: String, failure: run::Failure, _: String) -> String {
        failure.message
    }
}

fn text(name: &str, value: &str) -> other::run::Argument {
    other::run::Argument {
        name: name.into(),
        value: other::run::Value::Text(value.into()),
    }
}

fn unknown_action() -> run::Failure {
    own_failure("unknown-action", "This component does not have the action.")
}

fn no_session() -> run::Failure {
    own_failure("unexpected-response", "The action opened no session.")
}

fn own_failure(code: &str, message: &str) -> run::Failure {
    run::Failure {
        code: code.into(),
        field: None,
        retry: run::Retry::Never,
        message: message.into(),
        details: Vec::new(),
    }
}

// What is imported and what is exported are different types to Rust, although the contract is the same.

fn argument(argument: run::Argument) -> other::run::Argument {
    let value = match argument.value {
        run::Value::Text(text) => other::run::Value::Text(text),
        run::Value::Secret(secret) => other::run::Value::Secret(secret),
        // No field of this bot takes one; the other action says so.
        run::Value::Token(_) | run::Value::Session(_) => other::run::Value::Text(String::new()),
    };
    other::run::Argument {
        name: argument.name,
        value,
    }
}

fn failure(failure: other::run::Failure) -> run::Failure {
    let retry = match failure.retry {
        other::run::Retry::Never => run::Retry::Never,
        other::run::Retry::Backoff => run::Retry::Backoff,
        other::run::Retry::After(seconds) => run::Retry::After(seconds),
        other::run::Retry::NewToken => run::Retry::NewToken,
    };
    let detail = |detail: other::run::Detail| run::Detail {
        name: detail.name,
        value: detail.value,
    };
    run::Failure {
        code: failure.code,
        field: failure.field,
        retry,
        message: failure.message,
        details: failure.details.into_iter().map(detail).collect(),
    }
}

/// A field that is always shown.
fn field(field: &other::form::Field) -> form::Field {
    form::Field {
        name: field.name.clone(),
        label: field.label.clone(),
        help: field.help.clone(),
        kind: match field.kind {
            other::form::FieldKind::Secret => form::FieldKind::Secret,
            other::form::FieldKind::Credential => form::FieldKind::Credential,
            _ => form::FieldKind::Text,
        },
        required: true,
        default: field.default.clone(),
        shown_when: None,
    }
}

fn request(request: &other::form::Request) -> form::Request {
    form::Request {
        hosts: request.hosts.clone(),
        methods: request.methods.clone(),
        paths: request.paths.clone(),
        headers: request.headers.clone(),
    }
}
