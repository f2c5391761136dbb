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

impl ActionForm {
    /// Whether the action may change something at the server. Opening and closing sessions does not count, and neither does
    /// an action that only reads, as far as its form says so.
    pub fn changes_something(&self) -> bool {
        let reads = |method: &String| matches!(method.as_str(), "GET" | "HEAD");
        let only_reads = |action: &ComponentAction| {
            action.repeatable && self.requests.iter().flat_map(|it| &it.methods).all(reads)
        };
        matches!(self.session, SessionUse::None | SessionUse::Uses)
            && self.component.as_ref().is_some_and(|it| !only_reads(it))
    }
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
    /// How its value stands in a bot file.
    pub notation: Notation,
}

/// How the value of a field stands in a bot file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// In the one notation of its kind.
    OfKind,
    /// As a text, or as a credential, a variable or an insecure string.
    Sourced,
    /// As JSON: an object or a list, with placeholders in its texts.
    Json,
    /// As a JSON object, with placeholders in its texts.
    JsonObject,
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

impl ListError {
    /// The message for people. `Display` is for logs, with what the runner says.
    pub fn message(&self, language: Language) -> String {
        texts::not_listed(language, &self.component, self.error.message(language))
    }
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

/// Why a call gave no result. `Display` is for logs, with what the runner says; [`CallError::message`] is for designers.
#[derive(Debug, Clone, Error)]
pub enum CallError {
    /// The action reports an error; [`ActionRunner::explain`] has a message for it.
    #[error("{}", texts::failed(Language::English, &.0.code))]
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
            Self::Failed(failure) => texts::failed(language, &failure.code),
            Self::DeadlineExceeded(limit) => texts::too_slow(language, limit.as_secs_f32()),
            Self::Busy { .. } => texts::busy(language).into(),
            Self::InvalidSession(fault) => fault.message(language),
            Self::Stopped { kind, message } => match language {
                Language::English => texts::stopped(language, message),
                Language::German => texts::stopped(language, in_german(kind)),
            },
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

/// Why a call was stopped, by its kind. In English, the runner says it itself.
fn in_german(kind: &str) -> &'static str {
    match kind {
        "cpu-exceeded" => "die Aktion hat zu viel Rechenzeit verbraucht und wurde abgebrochen",
        "memory-exceeded" | "table-exceeded" => {
            "die Aktion hat zu viel Speicher belegt und wurde abgebrochen"
        }
        "resources-exceeded" => {
            "die Aktion hatte zu viele Anfragen gleichzeitig offen und wurde abgebrochen"
        }
        "result-too-large" => "das Ergebnis der Aktion ist zu groß",
        "stack-exceeded" => "die Aktion war zu tief verschachtelt und wurde abgebrochen",
        "no-component" => "die Komponente der Aktion fehlt",
        _ => "die Aktion ist abgestürzt",
    }
}

mod texts {
    crate::messages! {
        not_listed(component, error) {
            en: "the actions of the component {component} cannot be listed: {error}",
            de: "die Aktionen der Komponente {component} lassen sich nicht auflisten: {error}",
        }
        failed(code) { en: "The action failed: {code}.", de: "Die Aktion ist fehlgeschlagen: {code}." }
        busy {
            en: "Too many actions are running right now. Try again in a moment.",
            de: "Gerade laufen zu viele Aktionen. Versuchen Sie es gleich noch einmal.",
        }
        stopped(reason) {
            en: "The action failed unexpectedly and was stopped. Ask your operator. ({reason})",
            de: "Die Aktion ist unerwartet fehlgeschlagen und wurde angehalten. Fragen Sie Ihren Betreiber. ({reason})",
        }
        component_fault(what) {
            en: "The component is at fault: {what}. Ask your operator.",
            de: "Die Komponente ist fehlerhaft: {what}. Fragen Sie Ihren Betreiber.",
        }
        not_opened {
            en: "the action opened no session, although its form declares one",
            de: "die Aktion hat keine Sitzung geöffnet, obwohl ihr Formular das vorsieht",
        }
        not_closed {
            en: "the action did not close the session, although its form says that it does",
            de: "die Aktion hat die Sitzung nicht geschlossen, obwohl ihr Formular das vorsieht",
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
            en: "the action replaced the session with one for an address that the former session does not cover",
            de: "die Aktion hat die Sitzung durch eine neue ersetzt, deren Adresse nicht zur bisherigen gehört",
        }
        too_slow(seconds) {
            en: "The action did not finish within {seconds} s and was stopped. Try again; if the problem persists, ask your operator.",
            de: "Die Aktion wurde nicht innerhalb von {seconds} s fertig und wurde angehalten. Versuchen Sie es noch einmal; besteht das Problem weiter, fragen Sie Ihren Betreiber.",
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
    fn every_error_of_a_call_is_said_in_both_languages() {
        for (error, german) in [
            (CallError::DeadlineExceeded(3 * SECOND), "innerhalb von 3 s"),
            (
                CallError::InvalidSession(SessionFault::Opened),
                "fehlerhaft",
            ),
            (
                CallError::Busy {
                    kind: "too-many-calls",
                    message: "too many calls".into(),
                },
                "zu viele Aktionen",
            ),
            (
                CallError::Stopped {
                    kind: "stack-exceeded".into(),
                    message: "the action recursed too deeply".into(),
                },
                "(die Aktion war zu tief verschachtelt",
            ),
        ] {
            let message = error.message(Language::German);
            assert!(message.contains(german), "{message}");
            assert_ne!(error.message(Language::English), message);
        }
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
