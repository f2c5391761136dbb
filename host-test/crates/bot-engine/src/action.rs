//! Actions as the engine sees them: [`ActionRunner`], behind which they run, and the forms that describe them. The engine
//! knows no action and no WebAssembly.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use egress::AllowList;
use thiserror::Error;

pub use action_types::form::{
    ChoiceOption, Condition, FieldKind, Output, OutputKind, Request, SessionUse,
};
pub use action_types::{
    Argument, BorrowedToken, Failure, Redactor, Retry, Session, SessionChange, Success, Value, form,
};

use crate::messages::Language;
use crate::retry::{Advice, Retryable};

/// Describes and runs actions. A call is tried once: retries are up to the engine.
#[async_trait]
pub trait ActionRunner: Send + Sync {
    /// The components, each with its actions, localized for `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// What stopped the call of a component.
    async fn components(
        &self,
        locale: &str,
    ) -> Result<Vec<(ComponentInfo, Vec<form::Action>)>, ListError>;

    /// Runs an action. The base URL of its session has none of the secrets among `arguments`, whatever the action returned.
    ///
    /// # Errors
    ///
    /// What the action reports, or what stopped it.
    async fn run(&self, action: &ActionRef, arguments: &[Argument]) -> Result<Success, CallError>;

    /// Lets an action check fields before it runs, without network access. Fields whose values are not known yet are left
    /// out.
    ///
    /// # Errors
    ///
    /// What stopped the call.
    async fn check(
        &self,
        action: &ActionRef,
        arguments: &[Argument],
    ) -> Result<Vec<Failure>, CallError>;

    /// The action's message for an error, localized for `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// What stopped the call.
    async fn explain(
        &self,
        action: &ActionRef,
        failure: &Failure,
        locale: &str,
    ) -> Result<String, CallError>;
}

/// An action of a component. `Display` is its name in bot files, such as `genesys/oauth-authenticate`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionRef {
    /// The name of the component, which the operator gave it.
    pub component: Arc<str>,
    /// The name of the action within the component.
    pub action: Arc<str>,
}

impl fmt::Display for ActionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.component, self.action)
    }
}

/// A component, as the host loaded it.
#[derive(Debug, Clone)]
pub struct ComponentInfo {
    /// The name that the operator gave it. No two components have the same.
    pub name: Arc<str>,
    /// SHA-256 of the component. Sessions are shared only between bots that use the same component.
    pub digest: [u8; 32],
    /// The hosts that the operator granted to it. They are the audience of the sessions that it opens: another component
    /// gets such a session only if it can reach no other hosts than these.
    pub hosts: AllowList,
}

/// The form of an action, as the engine offers it: what the component says of it, and the fields that the engine adds.
#[derive(Debug, Clone)]
pub struct ActionForm {
    /// Its name in bot files. The same in every language.
    pub name: Arc<str>,
    /// The action of a component; `None` for the engine's own.
    pub component: Option<ComponentAction>,
    /// Its place in the list of actions, from the outermost group to its own label.
    pub path: Vec<String>,
    /// What it does, in a sentence or two.
    pub description: String,
    /// The fields, in the order to show them in.
    pub fields: Vec<FormField>,
    /// What it does with a session.
    pub session: SessionUse,
    /// What it returns.
    pub outputs: Vec<Output>,
    /// The requests that it asks for.
    pub requests: Vec<Request>,
}

/// What the engine has to know of a component's action to run it.
#[derive(Debug, Clone)]
pub struct ComponentAction {
    /// The action.
    pub action: ActionRef,
    /// Its component.
    pub component: Arc<ComponentInfo>,
    /// Whether a second call with the same fields changes nothing more.
    pub repeatable: bool,
    /// The component's action that closes sessions, if it has one.
    pub closes: Option<Closing>,
}

/// The action that closes a component's sessions.
#[derive(Debug, Clone)]
pub struct Closing {
    /// The action.
    pub action: ActionRef,
    /// Its field for the session.
    pub field: String,
}

/// A field of an action's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its name in bot files. The same in every language.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What to enter, and where to find it.
    pub help: String,
    /// What the field takes.
    pub kind: FieldKind,
    /// Whether it must be filled in when it is shown.
    pub required: bool,
    /// The initial value.
    pub default: Option<String>,
    /// When to show the field; always if there is none.
    pub shown_when: Option<Condition>,
    /// Whether a bot file omits the field if it has its default. The engine adds such fields.
    pub omit_if_default: bool,
    /// Whether its value may come from a credential, a variable or an insecure string, besides plain text.
    pub takes_sources: bool,
}

/// Why the actions of a component cannot be listed.
#[derive(Debug, Clone, Error)]
#[error("the actions of the component {component} cannot be listed: {error}")]
pub struct ListError {
    /// The component.
    pub component: Arc<str>,
    /// What stopped the call.
    pub error: CallError,
}

/// What an action reports about its session although it may not: a fault of its component, which neither the bot nor the
/// user can correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionFault {
    /// It opens sessions according to its form, and opened none.
    NotOpened,
    /// It closes sessions according to its form, and left this one open.
    NotClosed,
    /// It opened a session, which its form does not declare.
    Opened,
    /// It replaced the session, which it may only if it uses one.
    Replaced,
    /// It closed the session, which its form does not declare.
    Closed,
    /// It opened a session for an address that its component may not reach.
    OpenedElsewhere,
    /// It replaced the session by one for an address that the session is not for.
    ReplacedElsewhere,
}

impl SessionFault {
    /// The message for people.
    pub fn message(self, language: Language) -> String {
        let what = match self {
            Self::NotOpened => texts::not_opened(language),
            Self::NotClosed => texts::not_closed(language),
            Self::Opened => texts::opened(language),
            Self::Replaced => texts::replaced(language),
            Self::Closed => texts::closed(language),
            Self::OpenedElsewhere => texts::opened_elsewhere(language),
            Self::ReplacedElsewhere => texts::replaced_elsewhere(language),
        };
        texts::component_fault(language, what)
    }

    /// What is wrong with a change of a session, if the action may do `allowed` with it.
    pub(crate) fn of(allowed: SessionUse, change: &SessionChange) -> Option<Self> {
        match (allowed, change) {
            (SessionUse::Opens, SessionChange::Opened(_))
            | (SessionUse::Closes, SessionChange::Closed)
            | (SessionUse::Uses, SessionChange::Replaced(_))
            | (SessionUse::None | SessionUse::Uses, SessionChange::Unchanged) => None,
            (SessionUse::Opens, _) => Some(Self::NotOpened),
            (SessionUse::Closes, _) => Some(Self::NotClosed),
            (_, SessionChange::Opened(_)) => Some(Self::Opened),
            (_, SessionChange::Replaced(_)) => Some(Self::Replaced),
            (_, SessionChange::Closed) => Some(Self::Closed),
        }
    }
}

/// Why a call gave no result.
#[derive(Debug, Clone, Error)]
pub enum CallError {
    /// The action reports an error; [`ActionRunner::explain`] has a message for it.
    #[error("the action failed: {}", .0.code)]
    Failed(Failure),
    /// The call exceeded its deadline.
    #[error("{}", texts::too_slow(Language::English, .0.as_secs_f32()))]
    DeadlineExceeded(Duration),
    /// The limit of concurrent and queued calls is reached.
    #[error("{message}")]
    Busy {
        /// A stable name.
        kind: &'static str,
        /// Which limit is reached.
        message: String,
    },
    /// The action succeeded, but what it reports about its session is not allowed.
    #[error("{}", .0.message(Language::English))]
    InvalidSession(SessionFault),
    /// The host stopped the action.
    #[error("{message}")]
    Stopped {
        /// A stable name, such as `memory-exceeded`.
        kind: String,
        /// Which limit the action exceeded, or how it crashed.
        message: String,
    },
}

impl CallError {
    /// A stable name: the action's code for an error that it reports.
    pub fn kind(&self) -> &str {
        match self {
            Self::Failed(failure) => &failure.code,
            Self::DeadlineExceeded(_) => "deadline-exceeded",
            Self::Busy { kind, .. } => kind,
            Self::InvalidSession(_) => "invalid-session",
            Self::Stopped { kind, .. } => kind,
        }
    }

    /// The message for a designer, if the action has none of its own.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::DeadlineExceeded(limit) => texts::too_slow(language, limit.as_secs_f32()),
            Self::InvalidSession(fault) => fault.message(language),
            Self::Busy { kind, .. } if language == Language::German => in_german(kind).into(),
            Self::Stopped { kind, .. } if language == Language::German => in_german(kind).into(),
            other => other.to_string(),
        }
    }

    /// Redacts every text of the component.
    pub(crate) fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Failed(failure) => redactor.redact_failure(failure),
            Self::Busy { message, .. } | Self::Stopped { message, .. } => {
                redactor.redact_in(message);
            }
            Self::DeadlineExceeded(_) | Self::InvalidSession(_) => {}
        }
    }

    /// Whether a new token or session can help.
    pub(crate) fn needs_new_token(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.retry == Retry::NewToken)
    }
}

/// What it means that a call was stopped or not started, by its kind. In English, the runner says it itself.
fn in_german(kind: &str) -> &'static str {
    match kind {
        "queue-timeout" | "too-many-calls" => "es laufen zu viele Aktionen zugleich",
        "cpu-exceeded" => "die Aktion rechnete zu lange und wurde angehalten",
        "memory-exceeded" | "table-exceeded" => {
            "die Aktion brauchte zu viel Speicher und wurde angehalten"
        }
        "resources-exceeded" => {
            "die Aktion hatte zu viele Anfragen zugleich offen und wurde angehalten"
        }
        "result-too-large" => "das Ergebnis der Aktion ist zu groß",
        "stack-exceeded" => "die Aktion war zu tief verschachtelt und wurde angehalten",
        "no-component" => "die Komponente der Aktion fehlt",
        _ => "die Aktion ist abgestürzt",
    }
}

mod texts {
    crate::messages! {
        component_fault(what) {
            en: "the component is at fault: {what}; ask your operator",
            de: "die Komponente ist fehlerhaft: {what}; fragen Sie Ihren Betreiber",
        }
        not_opened {
            en: "the action opened no session, although that is what it is for",
            de: "die Aktion hat keine Sitzung geöffnet, obwohl sie dafür da ist",
        }
        not_closed {
            en: "the action did not close the session, although that is what it is for",
            de: "die Aktion hat die Sitzung nicht geschlossen, obwohl sie dafür da ist",
        }
        opened {
            en: "the action opened a session, which its form does not declare",
            de: "die Aktion hat eine Sitzung geöffnet, was ihr Formular nicht vorsieht",
        }
        replaced {
            en: "the action replaced a session, which its form does not declare",
            de: "die Aktion hat eine Sitzung ersetzt, was ihr Formular nicht vorsieht",
        }
        closed {
            en: "the action closed the session, which its form does not declare",
            de: "die Aktion hat die Sitzung geschlossen, was ihr Formular nicht vorsieht",
        }
        opened_elsewhere {
            en: "the action opened a session for an address that it may not reach itself",
            de: "die Aktion hat eine Sitzung für eine Adresse geöffnet, die sie selbst nicht erreichen darf",
        }
        replaced_elsewhere {
            en: "the action replaced the session by one for an address that the session is not for",
            de: "die Aktion hat die Sitzung durch eine für eine Adresse ersetzt, für die die Sitzung nicht gilt",
        }
        too_slow(seconds) {
            en: "the action did not finish within {seconds} s and was stopped; try again, or allow it more time",
            de: "die Aktion wurde nicht innerhalb von {seconds} s fertig und wurde angehalten; versuchen Sie es noch einmal, oder geben Sie ihr mehr Zeit",
        }
    }
}

impl Retryable for CallError {
    fn advice(&self) -> Advice {
        match self {
            Self::Failed(failure) => match failure.retry {
                Retry::Never | Retry::NewToken => Advice::GiveUp,
                Retry::Backoff => Advice::TryAgain(None),
                Retry::After(seconds) => {
                    Advice::TryAgain(Some(Duration::from_secs(seconds.into())))
                }
            },
            _ => Advice::GiveUp,
        }
    }

    fn timed_out(limit: Duration) -> Self {
        Self::DeadlineExceeded(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_error_is_retried_if_the_action_says_so() {
        let failed = |retry| {
            CallError::Failed(Failure {
                code: "x".into(),
                field: None,
                retry,
                message: String::new(),
                details: Vec::new(),
            })
        };
        for (retry, advice) in [
            (Retry::Never, Advice::GiveUp),
            (Retry::NewToken, Advice::GiveUp),
            (Retry::Backoff, Advice::TryAgain(None)),
            (Retry::After(7), Advice::TryAgain(Some(7 * SECOND))),
        ] {
            assert_eq!(failed(retry).advice(), advice);
        }
    }

    #[test]
    fn a_call_that_took_too_long_says_so_in_both_languages() {
        let error = CallError::DeadlineExceeded(3 * SECOND);
        assert_eq!(error.message(Language::English), error.to_string());
        assert!(
            error
                .message(Language::German)
                .contains("innerhalb von 3 s")
        );
    }

    #[test]
    fn a_call_that_was_stopped_is_not_retried() {
        for error in [
            CallError::Stopped {
                kind: "stack-exceeded".into(),
                message: String::new(),
            },
            CallError::Busy {
                kind: "too-many-calls",
                message: String::new(),
            },
            CallError::DeadlineExceeded(SECOND),
        ] {
            assert_eq!(error.advice(), Advice::GiveUp);
        }
    }
}
