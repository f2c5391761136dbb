//! Reports why a bot failed, or why a command could not run: in the language of the reader, and as JSON.

use std::error::Error;
use std::fmt;

use action_host::{ComponentsError, LoadError, SetupError};
use bot_engine::action::{CallError, Failure};
use bot_engine::api_error::ApiError;
use bot_engine::credential_path::PathError;
use bot_engine::name::{DescriptionError, NameError};
use bot_engine::{CatalogueError, Language, Problem, Problems, ResolveError, RunError, StepError};
use clap::error::ContextKind;
#[cfg(feature = "control-room")]
use control_room::connections::ConnectionError;
use egress::{CaFileError, Cause, GatewayError, GrantError};
use genesys_sim::{AddClientError, AddUserError, StartError};
use serde_json::{Map, Value, json};

use super::definition::NotADefinition;
use super::locale::{language, locale};
use super::output;

/// Whether a setting of the network that is not valid made the bot fail.
pub(crate) fn failed_by_setting(error: &RunError) -> bool {
    let RunError::Step { error, .. } = error else {
        return false;
    };
    match error {
        StepError::Action { error, .. } => is_invalid_setting(error),
        StepError::Api(ApiError::Network(error)) => {
            error.cause().is_some_and(|cause| cause.is_setting())
        }
        StepError::Bot { error, .. } => failed_by_setting(error),
        #[cfg(feature = "control-room")]
        StepError::Connection { error, .. } => {
            let error = error.source().and_then(<dyn Error>::downcast_ref);
            error.is_some_and(ConnectionError::is_setting)
        }
        _ => false,
    }
}

/// Whether a setting of the network that is not valid made the call fail.
pub(crate) fn is_invalid_setting(error: &CallError) -> bool {
    let CallError::Failed(failure) = error else {
        return false;
    };
    Cause::from_facts(|name| failure.detail(name)).is_some_and(|cause| cause.is_setting())
}

/// The failure of a run as JSON.
pub(crate) fn run_error(error: &RunError, language: Language) -> Value {
    let message = || error.message(language);
    match error {
        RunError::Invalid(problems) => problems_json(problems, language),
        RunError::SecretProvider(_) => {
            json!({ "kind": "control-room-failed", "message": message() })
        }
        RunError::Interrupted { step } => {
            json!({ "kind": "interrupted", "message": message(), "step": step })
        }
        RunError::Step {
            step,
            action,
            error,
        } => {
            let mut json = match error {
                StepError::Action {
                    error,
                    message: said,
                } => call_error(error, said),
                other => json!({ "kind": other.kind(), "message": other.message(language) }),
            };
            if let StepError::Api(error) = error
                && let Some(refusal) = error.refusal()
            {
                json["host"] = refusal.host.as_str().into();
                json["method"] = refusal.method.as_str().into();
                json["path"] = refusal.path.as_str().into();
                json["status"] = refusal.status.as_u16().into();
                json["code"] = refusal.code.as_deref().into();
                json["description"] = refusal.message.as_deref().into();
                json["correlation-id"] = refusal.correlation_id.as_deref().into();
            }
            json["step"] = (*step).into();
            json["action"] = action.as_str().into();
            json
        }
    }
}

/// An error as JSON: the contract's variant with its fields, and the message for people.
pub(crate) fn call_error(error: &CallError, message: &str) -> Value {
    let mut json = match error {
        CallError::Failed(failure) => fields(failure),
        _ => Map::new(),
    };
    // Last, as a fact of a component may have any name.
    json.insert("kind".into(), error.kind().into());
    json.insert("message".into(), message.into());
    json.into()
}

/// The field and the facts of an error. Two of them also have the names of earlier versions: `code` is the server's error
/// code, and `reason` the reason of a failure.
fn fields(failure: &Failure) -> Map<String, Value> {
    let fact = |(name, value): &(String, String)| {
        let number = match name.as_str() {
            "status" | "retry-after" => value.parse::<u32>().ok(),
            _ => None,
        };
        let name = if name == "error" { "code" } else { name };
        (
            name.into(),
            number.map_or_else(|| value.as_str().into(), Value::from),
        )
    };
    let mut fields: Map<_, _> = failure.details.iter().map(fact).collect();
    if let Some(field) = &failure.field {
        fields.insert("field".into(), field.as_str().into());
    }
    fields
}

/// Several bots that cannot run, and why.
#[derive(Debug)]
pub(crate) struct CannotRun(pub(crate) Vec<anyhow::Error>);

impl fmt::Display for CannotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bots cannot run", self.0.len())
    }
}

impl Error for CannotRun {}

/// Reports why a command could not run.
pub(crate) fn not_run(json: bool, error: &anyhow::Error) {
    let one = std::slice::from_ref(error);
    let errors = error.downcast_ref().map_or(one, |CannotRun(errors)| errors);
    if json {
        let mut described = errors.iter().map(not_run_json);
        let mut first = described.next().unwrap_or_default();
        let others: Vec<_> = described.collect();
        if !others.is_empty() {
            first["others"] = others.into();
        }
        output::object(&json!({ "error": first }));
    }
    for error in errors {
        print(error);
    }
}

/// The error of a command that could not run as JSON.
pub(crate) fn not_run_json(error: &anyhow::Error) -> Value {
    let mut described = match (problems(error), error.downcast_ref::<RunError>()) {
        (Some(problems), _) => problems_json(problems, language()),
        (_, Some(error)) => run_error(error, language()),
        #[cfg(feature = "control-room")]
        _ if is_store_error(error) => json!({ "kind": "control-room-failed" }),
        _ => json!({ "kind": "usage" }),
    };
    described["message"] = message(error).into();
    described
}

/// The error of the store that an error is or holds.
#[cfg(feature = "control-room")]
macro_rules! store_error {
    ($error:expr) => {{
        use control_room::connections::ConnectionError;
        use control_room::passwords::PasswordError;
        use control_room::queue::QueueError;
        use control_room::schedules::SchedulesError;
        use control_room::users::UserError;
        use control_room::vault::VaultError;
        if let Some(VaultError::Store(error)) = $error.downcast_ref() {
            Some(error)
        } else if let Some(UserError::Store(error)) = $error.downcast_ref() {
            Some(error)
        } else if let Some(PasswordError::Store(error)) = $error.downcast_ref() {
            Some(error)
        } else if let Some(ConnectionError::Store(error)) = $error.downcast_ref() {
            Some(&**error)
        } else if let Some(QueueError::Store(error)) = $error.downcast_ref() {
            Some(error)
        } else if let Some(SchedulesError::Store(error)) = $error.downcast_ref() {
            Some(error)
        } else {
            $error.downcast_ref::<control_room::StoreError>()
        }
    }};
}

/// Whether the Control Room cannot be read or written. Refusals are other errors.
#[cfg(feature = "control-room")]
fn is_store_error(error: &anyhow::Error) -> bool {
    store_error!(error).is_some()
}

/// An error with its causes, each of them once: some errors name their cause themselves.
pub(crate) fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let complete = in_language(cause);
        let is_complete = complete.is_some();
        let cause = complete
            .or_else(|| of_simulation(cause))
            .unwrap_or_else(|| cause.to_string());
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
        if is_complete {
            break;
        }
    }
    message
}

/// What is wrong with an argument that a parser of this program has refused, if clap would say it in another language than
/// that of the reader.
pub(crate) fn invalid_argument(error: &clap::Error) -> Option<String> {
    if language() == Language::English {
        return None;
    }
    let source = error.source()?;
    let why = match source.downcast_ref() {
        Some(NotADefinition) => source.to_string(),
        None => in_language(source)?,
    };
    let argument = error.get(ContextKind::InvalidArg)?;
    Some(format!("{argument}: {why}"))
}

/// The message of an error of the embedded Genesys Cloud in German, if that is the language of the reader.
fn of_simulation(error: &(dyn Error + 'static)) -> Option<String> {
    if language() == Language::English {
        return None;
    }
    let start = error.downcast_ref().map(StartError::in_german);
    let client = || error.downcast_ref().map(AddClientError::in_german);
    let user = || error.downcast_ref().map(AddUserError::in_german);
    start.or_else(client).or_else(user)
}

/// The message of an error that has one in each language, which says all about its causes.
fn in_language(error: &(dyn Error + 'static)) -> Option<String> {
    /// The message of the first of these types that the error is of.
    macro_rules! message {
        ($message:ident($language:expr): $($error:ty),*) => {$(
            if let Some(error) = error.downcast_ref::<$error>() {
                return Some(error.$message($language));
            }
        )*};
    }
    #[cfg(feature = "control-room")]
    {
        use bot_engine::ProviderError as _;
        use control_room::connections::ConnectionError;
        use control_room::oauth::{ProviderError, RegistrationError, ScopeError};
        use control_room::passwords::PasswordError;
        use control_room::queue::QueueError;
        use control_room::schedules::{RecurrenceError, SchedulesError};
        use control_room::users::UserError;
        use control_room::vault::VaultError;
        // For operators, with the details that `message` of these has not.
        if let Some(error) = store_error!(error) {
            return Some(error.message(language()));
        }
        match error.downcast_ref() {
            Some(ConnectionError::Registration(error)) => return Some(error.message(language())),
            Some(ConnectionError::Provider(error)) => return Some(error.message(language())),
            Some(error) => return Some(error.message(language())),
            None => {}
        }
        message!(message(language()): UserError, VaultError, PasswordError);
        message!(message(language()): RegistrationError, ProviderError, ScopeError);
        message!(message(language()): QueueError, RecurrenceError, SchedulesError);
    }
    #[cfg(feature = "web")]
    message!(message(language()): control_room_web::StartError, control_room_web::TlsError);
    message!(message(language()): RunError, Problems, ResolveError, CatalogueError, NameError);
    message!(message(language()): PathError, DescriptionError);
    message!(localized(locale()): LoadError, SetupError, ComponentsError);
    message!(localized(locale()): CaFileError, GatewayError, GrantError, egress::SetupError);
    None
}

/// The problems of a bot, if a cause is that it has some.
fn problems_of<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a Problems> {
    match cause.downcast_ref() {
        Some(RunError::Invalid(problems)) => Some(problems),
        _ => cause.downcast_ref(),
    }
}

/// Prints an error: one line, or the bot and a line for each of its problems.
fn print(error: &anyhow::Error) {
    match problems(error) {
        Some(problems) if problems.all().len() > 1 => {
            output::error(&error.to_string());
            for found in problems.all() {
                output::error(&found.message_with_place(language()));
            }
        }
        _ => output::error(&message(error)),
    }
}

/// The problems of a bot, if these are the error.
fn problems(error: &anyhow::Error) -> Option<&Problems> {
    error.chain().find_map(problems_of)
}

/// The problems of a bot as JSON: the members of the first one, and all of them as a list.
fn problems_json(problems: &Problems, language: Language) -> Value {
    let mut first = problem_json(problems.first(), language);
    let all = problems.all().iter();
    first["problems"] = all.map(|it| problem_json(it, language)).collect();
    first
}

/// A problem of a bot as JSON.
pub(crate) fn problem_json(problem: &Problem, language: Language) -> Value {
    json!({
        "kind": problem.code(),
        "message": problem.message_with_place(language),
        "step": problem.step,
        "action": problem.action,
        "variable": problem.variable,
        "field": problem.field,
        "pointer": problem.pointer(),
    })
}

#[cfg(test)]
mod tests {
    use bot_engine::action::Retry;

    use super::*;

    #[test]
    fn facts_are_members_and_cannot_replace_the_kind_or_the_message() {
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let error = CallError::Failed(Failure {
            code: "invalid-input".into(),
            field: Some("connection".into()),
            retry: Retry::Never,
            message: "for a log".into(),
            details: vec![
                fact("status", "429"),
                fact("retry-after", "7"),
                fact("error", "invalid_client"),
                fact("reason", "not-genesys"),
                fact("member", "url"),
                fact("kind", "forged"),
                fact("message", "forged"),
            ],
        });
        assert_eq!(
            call_error(&error, "for people"),
            json!({
                "kind": "invalid-input",
                "message": "for people",
                "field": "connection",
                "member": "url",
                "reason": "not-genesys",
                "code": "invalid_client",
                "status": 429,
                "retry-after": 7,
            })
        );
    }
}
