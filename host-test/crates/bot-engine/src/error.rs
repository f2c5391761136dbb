//! Why a run failed.

use thiserror::Error;

use super::api_error::ApiError;
use super::outputs::OutputError;
use super::problem::texts::at_action;
use super::problem::{ProblemKind, Problems};
use super::template::TemplateError;
use super::value::ValueError;
use crate::action::CallError;
use crate::bot_source::BotSourceError;
use crate::messages::{Language, escaped};
use crate::secrets::{ResolveError, ResolveErrorKind};

/// Why a bot did not run to completion. `Display` is the message in English.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum RunError {
    /// The bot has problems; nothing ran.
    Invalid(#[from] Problems),
    /// The secret provider failed, so the bot could not be checked; nothing ran.
    SecretProvider(#[source] ResolveError),
    /// A step failed.
    Step {
        /// The step's number.
        step: usize,
        /// Its action.
        action: String,
        /// The reason.
        error: StepError,
    },
    /// The bot was interrupted.
    Interrupted {
        /// The step that was not started or not completed.
        step: usize,
    },
}

/// Why a step failed. `Display` is the message in English, except for what an action says in the language of the run.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum StepError {
    /// The action failed.
    Action {
        /// The error.
        error: Box<CallError>,
        /// The message for it in the language of the run.
        message: String,
    },
    /// An API request failed.
    Api(#[from] ApiError),
    /// The value of a field is no longer available.
    Value {
        /// The field.
        field: String,
        /// The reason.
        error: ValueError,
    },
    /// A placeholder in a text cannot be filled in.
    Template {
        /// The field.
        field: String,
        /// The reason.
        error: TemplateError,
    },
    /// The session is no longer open.
    NoSession(String),
    /// The server no longer accepts the token of a session that another bot opened.
    NotReopened(String),
    /// The bot was not looked up before this one ran.
    NoBot(String),
    /// The bot that the step ran failed.
    Bot {
        /// Its name.
        bot: String,
        /// Why it failed.
        error: Box<RunError>,
    },
    /// The connection has no token. The message says what to do, and who can do it.
    Connection {
        /// The field.
        field: String,
        /// The reason.
        error: ResolveError,
    },
    /// The component could reach hosts that the session is not for.
    OutsideAudience {
        /// The session's name.
        session: String,
        /// The component's name.
        component: String,
    },
    /// What the step returned is too large to be kept.
    Output {
        /// The name under which later steps would find it.
        output: String,
        /// The reason.
        error: OutputError,
    },
    /// The action returned an output that its form does not have, or that is not of the type in the form.
    BadOutput {
        /// The output's name.
        output: String,
    },
}

impl RunError {
    /// The message for people, with the step.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Invalid(problems) => problems.message(language),
            Self::SecretProvider(error) => {
                texts::cannot_be_checked(language, error.message(language))
            }
            Self::Step {
                step,
                action,
                error,
            } => at_action(language, step, action) + &error.message(language),
            Self::Interrupted { step } => texts::interrupted(language, step),
        }
    }
}

impl StepError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Action { message, .. } => message.clone(),
            Self::Api(error) => error.message(language),
            Self::Value { field, error } => format!("{field}: {}", error.message(language)),
            Self::Template { field, error } => format!("{field}: {}", error.message(language)),
            Self::NoSession(name) => ProblemKind::NoSession(name.clone()).message(language),
            Self::NotReopened(name) => texts::not_reopened(language, escaped(name)),
            Self::NoBot(name) => {
                ProblemKind::NoBot(name.clone(), BotSourceError::None).message(language)
            }
            Self::Bot { bot, error } => {
                texts::in_bot(language, escaped(bot), error.message(language))
            }
            Self::Connection { error, .. } => error.message(language),
            Self::OutsideAudience { session, component } => {
                let (session, component) = (session.clone(), component.clone());
                ProblemKind::OutsideAudience { session, component }.message(language)
            }
            Self::Output { output, error } => format!("{output}: {}", error.message(language)),
            Self::BadOutput { output } => texts::bad_output(language, escaped(output)),
        }
    }

    /// A stable name for the variant; for an action, the contract's. `control-room-failed` stands for any secret provider:
    /// the name is older than the trait.
    pub fn kind(&self) -> &str {
        match self {
            Self::Action { error, .. } => error.kind(),
            Self::Api(ApiError::Unconfirmed(_)) => "api-request-unconfirmed",
            Self::Api(_) => "api-request-failed",
            Self::Value {
                error: ValueError::Credential(error),
                ..
            } if error.kind() == ResolveErrorKind::ProviderFailed => "control-room-failed",
            Self::Value { .. } | Self::Template { .. } => "invalid-input",
            Self::Connection { error, .. } => error.kind().of_connection(),
            Self::NoSession(_) | Self::NotReopened(_) => "no-session",
            Self::Bot { error, .. } => match &**error {
                RunError::Step { error, .. } => error.kind(),
                _ => "invalid-bot",
            },
            Self::NoBot(_) => "invalid-bot",
            Self::OutsideAudience { .. } => "outside-audience",
            Self::Output { .. } => "output-too-large",
            Self::BadOutput { .. } => "invalid-output",
        }
    }
}

mod texts {
    crate::messages! {
        cannot_be_checked(reason) {
            en: "Credentials and connections cannot be checked. {reason}",
            de: "Anmeldedaten und Verbindungen lassen sich nicht prüfen. {reason}",
        }
        interrupted(step) { en: "Stopped at step {step}.", de: "Bei Schritt {step} angehalten." }
        not_reopened(session) {
            en: "The server no longer accepts the token of the session “{session}”, and only the bot that opened the session can open it again. Run the bots again, or let this one open its own session.",
            de: "Der Server akzeptiert das Token der Sitzung „{session}“ nicht mehr, und nur der Bot, der sie geöffnet hat, kann sie wieder öffnen. Führen Sie die Bots noch einmal aus, oder lassen Sie diesen eine eigene Sitzung öffnen.",
        }
        in_bot(bot, reason) { en: "Bot “{bot}”: {reason}", de: "Bot „{bot}“: {reason}" }
        bad_output(output) {
            en: "The action returned “{output}”, which does not fit its form. Ask your operator.",
            de: "Die Aktion hat „{output}“ zurückgegeben, was nicht zu ihrem Formular passt. Fragen Sie Ihren Betreiber.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unresolved() -> ResolveError {
        crate::secrets::NoSecrets::error()
    }

    fn step_errors() -> Vec<StepError> {
        let field = || "path".to_owned();
        vec![
            StepError::Api(ApiError::NotJson {
                host: "api.mypurecloud.de".into(),
            }),
            StepError::Value {
                field: field(),
                error: ValueError::Credential(unresolved()),
            },
            StepError::Value {
                field: field(),
                error: ValueError::NoVariable("name".into()),
            },
            StepError::Value {
                field: field(),
                error: ValueError::Output(TemplateError::SingleBrace),
            },
            StepError::Value {
                field: field(),
                error: ValueError::Unreadable,
            },
            StepError::Template {
                field: field(),
                error: TemplateError::TooLong,
            },
            StepError::NoSession("Default".into()),
            StepError::Connection {
                field: field(),
                error: unresolved(),
            },
            StepError::OutsideAudience {
                session: "Default".into(),
                component: "acme".into(),
            },
            StepError::Output {
                output: "users".into(),
                error: OutputError::TooLarge,
            },
            StepError::BadOutput {
                output: "users".into(),
            },
        ]
    }

    #[test]
    fn each_error_of_a_step_is_said_in_both_languages() {
        for error in step_errors() {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            assert_eq!(english, error.to_string());
        }
    }

    #[test]
    fn an_action_says_itself_why_it_failed() {
        let error = StepError::Action {
            error: CallError::DeadlineExceeded(std::time::Duration::from_secs(1)).into(),
            message: "in the language of the run".into(),
        };
        for language in Language::ALL {
            assert_eq!(error.message(language), "in the language of the run");
        }
    }

    #[test]
    fn each_error_of_a_run_is_said_in_both_languages() {
        let problems = Problems::new(vec![crate::problem::Problem::of_bot(ProblemKind::Empty)]);
        let step = StepError::NoSession("Default".into());
        for error in [
            RunError::Invalid(problems.unwrap()),
            RunError::SecretProvider(unresolved()),
            RunError::Step {
                step: 2,
                action: "log".into(),
                error: step,
            },
            RunError::Interrupted { step: 2 },
        ] {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            assert_eq!(english, error.to_string());
        }
    }
}
