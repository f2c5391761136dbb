//! A step that runs the action of a component. It knows the action by its form alone: no action is special here.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::{Map, Value as Json};

use super::{StepRun, StepType};
use crate::action::{
    ActionForm, Argument, ComponentAction, FieldKind, FormField, OutputKind, SessionUse, Success,
};
use crate::catalogue::{OUTPUT, OWN, SHARED, SHARING, TOKEN_OWNER, USER_SPECIFIC};
use crate::checking::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::location::Location;
use crate::problem::{Expected, ProblemKind};
use crate::report::{Note, OutputSummary, StepOutcome};
use crate::secrets::{ConnectionRef, TokenOwner};
use crate::value::Value;
use crate::watch::Event;

/// Runs an action.
#[derive(Debug, Clone)]
pub struct ActionStep {
    /// The action's form.
    pub form: Arc<ActionForm>,
    /// What the engine has to know of the action.
    pub(crate) action: ComponentAction,
    /// The fields that are shown and filled in, in the order of the form, without the session's name.
    pub fields: Vec<(String, FieldValue)>,
    /// The session that it opens, uses or closes.
    pub session: Option<SessionField>,
    /// Whether other bots may use a session that it opens.
    pub sharing: Sharing,
    /// The name under which later steps find what the action returns.
    pub output: Option<String>,
}

/// The field for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionField {
    /// The field's name in the form.
    pub field: String,
    /// The name that steps refer to the session by.
    pub name: String,
}

/// The value of a field, before it is resolved.
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// An option of a choice.
    Choice(String),
    /// A text that may be shown, and where it comes from.
    Text(Value),
    /// A value that is not shown, and where it comes from. It may be a password only if `is_secret`.
    Hidden {
        /// The value.
        value: Value,
        /// Whether the field is for secrets.
        is_secret: bool,
    },
    /// An OAuth connection.
    Connection(ConnectionRef),
}

impl FieldValue {
    /// The value to resolve, and whether the field is for secrets.
    pub(crate) fn value(&self) -> Option<(&Value, bool)> {
        match self {
            Self::Text(value) => Some((value, false)),
            Self::Hidden { value, is_secret } => Some((value, *is_secret)),
            Self::Choice(_) | Self::Connection(_) => None,
        }
    }
}

/// Whether bots with the same fields use the same session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// `shared`: all of them use one token.
    Shared,
    /// `own`: the bot has a session of its own.
    Own,
}

impl ActionStep {
    pub(super) fn parse(
        form: &Arc<ActionForm>,
        action: &ComponentAction,
        fields: &mut Fields<'_>,
    ) -> Self {
        let mut step = Self {
            form: Arc::clone(form),
            action: action.clone(),
            fields: Vec::new(),
            session: None,
            sharing: Sharing::Shared,
            output: None,
        };
        // The choices so far; `None` if a choice is not valid, so that it is unknown which fields are shown.
        let mut choices: Vec<(&str, Option<String>)> = Vec::new();
        for field in &form.fields {
            let name = field.name.as_str();
            if let Some(condition) = &field.shown_when {
                let choice = choices.iter().find(|(field, _)| *field == condition.field);
                match choice {
                    Some((_, Some(chosen))) if *chosen == condition.value => {}
                    // The choice is not shown either, or another option is chosen.
                    Some((_, Some(_))) | None => continue,
                    Some((_, None)) => {
                        fields.skip(name);
                        continue;
                    }
                }
            }
            let default = field.default.as_deref();
            let is_mandatory = field.required && default.is_none();
            match &field.kind {
                FieldKind::Choice(_) if name == SHARING => {
                    let options = [(SHARED, Sharing::Shared), (OWN, Sharing::Own)];
                    step.sharing = fields.choice(SHARING, Sharing::Shared, &options);
                }
                // Parsed with the connection.
                FieldKind::Choice(_) if name == TOKEN_OWNER => {}
                FieldKind::Choice(_) if default.is_none() && !fields.has(name) => {
                    fields.skip(name);
                    if is_mandatory {
                        fields.note(name, ProblemKind::Missing(Expected::Text));
                        choices.push((name, None));
                    } else {
                        choices.push((name, Some(String::new())));
                    }
                }
                FieldKind::Choice(options) => {
                    let words: Vec<_> = options
                        .iter()
                        .map(|option| (option.value.as_str(), option.value.as_str()))
                        .collect();
                    let chosen = fields.try_choice(name, default.unwrap_or_default(), &words);
                    let chosen = chosen.map(str::to_owned);
                    if let Some(chosen) = &chosen {
                        let value = FieldValue::Choice(chosen.clone());
                        step.fields.push((field.name.clone(), value));
                    }
                    choices.push((name, chosen));
                }
                FieldKind::SessionName => {
                    if default.is_none() && !fields.has(name) {
                        fields.note(name, ProblemKind::Missing(Expected::Text));
                    }
                    step.session = Some(SessionField {
                        field: field.name.clone(),
                        name: fields.name(name, default.unwrap_or_default()),
                    });
                }
                FieldKind::OauthConnection => {
                    let value = parse_connection(field, fields);
                    step.fields.extend(value.map(|it| (field.name.clone(), it)));
                }
                FieldKind::Text if name == OUTPUT => step.output = fields.output_name(OUTPUT),
                FieldKind::Text | FieldKind::Credential | FieldKind::Secret => {
                    let value = parse_value(field, fields);
                    step.fields.extend(value.map(|it| (field.name.clone(), it)));
                }
            }
        }
        step
    }

    /// Whether it returns outputs, which may be shown.
    pub(crate) fn returns_something(&self) -> bool {
        !self.form.outputs.is_empty()
    }

    pub(super) fn uses_secrets(&self) -> bool {
        self.fields.iter().any(|(_, value)| match value {
            FieldValue::Connection(_) => true,
            other => matches!(other.value(), Some((Value::Credential(_), _))),
        })
    }

    /// Whether the step requests a new token, rather than borrowing that of a connection.
    pub(super) fn requests_token(&self) -> bool {
        let is_connection =
            |(_, value): &(_, FieldValue)| matches!(value, FieldValue::Connection(_));
        self.form.session == SessionUse::Opens && !self.fields.iter().any(is_connection)
    }

    /// The fields whose values are known before the bot runs.
    fn known(&self) -> Vec<Argument> {
        let mut known = Vec::new();
        for (name, value) in &self.fields {
            match value {
                FieldValue::Choice(chosen) | FieldValue::Text(Value::Text(chosen)) => {
                    known.push(Argument::text(name, chosen));
                }
                FieldValue::Text(Value::InsecureString(text)) => {
                    known.push(Argument::text(name, text.expose_secret()));
                }
                FieldValue::Hidden { value, .. } => match value {
                    Value::Text(text) => known.push(Argument::secret(name, text.as_str())),
                    Value::InsecureString(text) => known.push(Argument::secret(name, text.clone())),
                    _ => {}
                },
                _ => {}
            }
        }
        if let (Some(session), SessionUse::Opens) = (&self.session, self.form.session) {
            known.push(Argument::text(&session.field, &session.name));
        }
        known
    }

    fn set_outputs(
        &self,
        run: &mut StepRun<'_>,
        success: Success,
    ) -> Result<Vec<OutputSummary>, StepError> {
        let bad = |output: &str| StepError::BadOutput {
            output: output.chars().take(100).collect(),
        };
        let (mut shown, mut secrets) = (Map::new(), BTreeMap::new());
        let mut summaries = Vec::new();
        for (name, value) in success.outputs {
            let declared = self.form.outputs.iter().find(|it| it.name == name);
            let declared = declared.ok_or_else(|| bad(&name))?;
            let json = match declared.kind {
                OutputKind::Secret => {
                    secrets.insert(name, value);
                    continue;
                }
                OutputKind::Text => Json::String(value.expose_secret().into()),
                OutputKind::Json => {
                    serde_json::from_str(value.expose_secret()).map_err(|_| bad(&name))?
                }
            };
            summaries.push(OutputSummary::of(declared, &json));
            if shown.insert(name.clone(), json).is_some() {
                return Err(bad(&name));
            }
        }
        if self.returns_something() {
            run.set_output(self.output.as_deref(), Json::Object(shown), secrets)?;
        }
        Ok(summaries)
    }
}

/// A connection with the owner of its token. `None` if it is left out, or is not valid.
fn parse_connection(field: &FormField, fields: &mut Fields<'_>) -> Option<FieldValue> {
    let name = (fields.has(&field.name) || field.required).then(|| fields.connection(&field.name));
    let owners = [
        (SHARED, TokenOwner::Shared),
        (USER_SPECIFIC, TokenOwner::UserSpecific),
    ];
    let owner = fields.choice(TOKEN_OWNER, TokenOwner::Shared, &owners);
    let name = name.flatten()?;
    Some(FieldValue::Connection(ConnectionRef { name, owner }))
}

/// A value with its source. `None` if it is left out.
fn parse_value(field: &FormField, fields: &mut Fields<'_>) -> Option<FieldValue> {
    let is_secret = matches!(field.kind, FieldKind::Secret);
    let value = match (fields.has(&field.name), &field.default) {
        (false, Some(default)) => {
            fields.skip(&field.name);
            Value::Text(default.clone())
        }
        (false, None) if !field.required => {
            fields.skip(&field.name);
            return None;
        }
        _ if is_secret => fields.secret(&field.name),
        _ => fields.value(&field.name),
    };
    Some(match field.kind {
        FieldKind::Text => FieldValue::Text(value),
        _ => FieldValue::Hidden { value, is_secret },
    })
}

impl StepType for ActionStep {
    async fn check(&self, at: &Location, checking: &mut Checking<'_>) {
        for (field, value) in &self.fields {
            if let Some((value, is_secret)) = value.value() {
                checking.value(at, field, value, is_secret).await;
            }
            if let FieldValue::Text(Value::Variable(name)) = value
                && self.returns_something()
            {
                checking.not_a_credential(at, field, name);
            }
            if let FieldValue::Connection(connection) = value {
                checking.connection(at, field, connection).await;
            }
        }
        checking
            .validate_by_action(at, &self.action.action, self.known())
            .await;
        if let Some(session) = &self.session {
            checking.session(
                at,
                &session.name,
                &session.field,
                self.form.session,
                &self.action.component,
            );
        }
        checking.outputs.extend(self.output.clone());
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let (success, outcome) = match (&self.session, self.form.session) {
            (Some(session), SessionUse::Opens) => {
                let (opened, success) = run.open_session(self, session).await?;
                let outcome = StepOutcome::SessionOpened {
                    session: session.name.clone(),
                    base_url: opened.session.base_url.clone(),
                    expires_in: opened.session.expires_in,
                };
                if let Some(replaced) = run.flow.sessions.open(opened) {
                    // The bot can no longer use the replaced session. The step succeeds even if its token cannot be
                    // revoked.
                    let note = Note::Replaced {
                        session: session.name.clone(),
                        outcome: run.runner.release(replaced).await,
                    };
                    run.watcher.on_event(Event::Noted { note: &note });
                }
                (success, Some(outcome))
            }
            (Some(session), SessionUse::Closes) => {
                let name = run.session(&session.name)?.name.clone();
                let (outcome, success) = run.close_session(self, session).await?;
                let session = name;
                (
                    success,
                    Some(StepOutcome::SessionClosed { session, outcome }),
                )
            }
            (session, _) => (Some(run.run_action(self, session.as_ref()).await?), None),
        };
        let outputs = match success {
            Some(success) => self.set_outputs(run, success)?,
            None => Vec::new(),
        };
        Ok(outcome.unwrap_or(StepOutcome::ActionRan { outputs }))
    }
}
