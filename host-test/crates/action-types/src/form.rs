//! What an action says of itself: `bot:action/form`. Nothing here is secret.

/// An action that a designer can drop into a flow.
///
/// ```
/// use action_types::form::Action;
///
/// # fn example(actions: &[Action]) {
/// for action in actions {
///     println!("{}: {}", action.path.join(" > "), action.description);
///     if !action.repeatable {
///         println!("a second call has its effect again");
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its stable name within its component, in kebab case.
    pub name: String,
    /// Its place in the list of actions, from the outermost group to its own label.
    pub path: Vec<String>,
    /// What it does, in a sentence or two.
    pub description: String,
    /// The fields of its form, in the order in which to show them.
    pub fields: Vec<Field>,
    /// What it does with a session.
    pub session: SessionUse,
    /// What it returns.
    pub outputs: Vec<Output>,
    /// Whether a second call with the same fields changes nothing more.
    pub repeatable: bool,
    /// The requests that it asks for. What it may send is what the operator grants.
    pub requests: Vec<Request>,
}

/// What an action does with a session.
///
/// ```
/// use action_types::form::{Action, SessionUse};
/// use action_types::{Argument, Session};
///
/// // The argument for the field of the kind `session-name`.
/// let argument = |action: &Action, field: &str, open: Session| match action.session {
///     SessionUse::None => None,
///     SessionUse::Opens => Some(Argument::text(field, "Default")),
///     SessionUse::Uses | SessionUse::Closes => Some(Argument::session(field, open)),
/// };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionUse {
    /// It has nothing to do with sessions.
    None,
    /// It opens one.
    Opens,
    /// It uses one.
    Uses,
    /// It closes one.
    Closes,
}

/// A field of an action's form.
///
/// ```
/// use std::collections::HashMap;
///
/// use action_types::form::Field;
///
/// // Whether to show a field, after what was chosen in others.
/// let is_shown = |field: &Field, chosen: &HashMap<String, String>| match &field.shown_when {
///     Some(condition) => chosen.get(&condition.field) == Some(&condition.value),
///     None => true,
/// };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its stable name, in kebab case.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What to enter, and where to find it.
    pub help: String,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must be filled in when it is shown.
    pub required: bool,
    /// The initial value.
    pub default: Option<String>,
    /// When to show it; always if there is none.
    pub shown_when: Option<Condition>,
}

/// What a field takes.
///
/// ```
/// use action_types::form::FieldKind;
///
/// let hint = |kind: &FieldKind| match kind {
///     FieldKind::Choice(options) => {
///         let labels: Vec<_> = options.iter().map(|it| it.label.as_str()).collect();
///         format!("one of {}", labels.join(", "))
///     }
///     FieldKind::Secret => "not shown as you type".into(),
///     other => other.name().into(),
/// };
/// assert_eq!(hint(&FieldKind::OauthConnection), "oauth-connection");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A value that is better kept in a credential locker, but is not a secret. It may be shown.
    Credential,
    /// A secret.
    Secret,
    /// One of these.
    Choice(Vec<ChoiceOption>),
    /// An OAuth connection.
    OauthConnection,
    /// The name under which the actions of a flow find a session.
    SessionName,
}

impl FieldKind {
    /// The contract's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Credential => "credential",
            Self::Secret => "secret",
            Self::Choice(_) => "choice",
            Self::OauthConnection => "oauth-connection",
            Self::SessionName => "session-name",
        }
    }
}

/// One of the options of a choice. See the example of [`FieldKind`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOption {
    /// Its stable value in bot files.
    pub value: String,
    /// Its label.
    pub label: String,
}

/// Met when the choice in the field named `field` is `value`. See the example of [`Field`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The field with the choice.
    pub field: String,
    /// The option that has to be chosen.
    pub value: String,
}

/// Something that an action returns.
///
/// ```
/// use action_types::Success;
/// use action_types::form::{Output, OutputKind};
/// use secrecy::ExposeSecret;
///
/// # fn example(output: &Output, success: &Success) {
/// let found = success.outputs.iter().find(|(name, _)| *name == output.name);
/// match (found, output.kind) {
///     (Some((_, value)), OutputKind::Text | OutputKind::Json) => println!("{}", value.expose_secret()),
///     (Some(_), OutputKind::Secret) => println!("{}: a secret", output.label),
///     (None, _) => println!("{}: no value", output.label),
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its stable name, in kebab case.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What it is.
    pub help: String,
    /// Its type.
    pub kind: OutputKind,
}

/// The type of an output. See the example of [`Output`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// A text that may be shown.
    Text,
    /// JSON that may be shown.
    Json,
    /// A secret, which is never shown.
    Secret,
}

impl OutputKind {
    /// The contract's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Secret => "secret",
        }
    }
}

/// Requests that an action makes: any of the methods, to any of the paths, of any of the hosts.
///
/// ```
/// use action_types::form::{Action, Request};
///
/// # fn example(action: &Action) {
/// // For the operator, who decides what to grant.
/// for Request { hosts, methods, paths, headers } in &action.requests {
///     println!("{methods:?} {hosts:?} {paths:?} with {headers:?}");
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Host names, with `*` for exactly one label.
    pub hosts: Vec<String>,
    /// Methods.
    pub methods: Vec<String>,
    /// Paths without a query, with `*` for exactly one segment.
    pub paths: Vec<String>,
    /// The headers that it sets, besides `accept`, `content-type` and `content-length`.
    pub headers: Vec<String>,
}
