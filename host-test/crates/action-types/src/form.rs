//! What an action says of itself: `bot:action/form`. Nothing here is secret.

/// An action that a designer can drop into a flow.
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

/// One of the options of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOption {
    /// Its stable value in bot files.
    pub value: String,
    /// Its label.
    pub label: String,
}

/// Met when the choice in the field named `field` is `value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The field with the choice.
    pub field: String,
    /// The option that has to be chosen.
    pub value: String,
}

/// Something that an action returns.
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

/// The type of an output.
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
