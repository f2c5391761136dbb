//! `genesys/oauth-authenticate`: opens a session.
//!
//! The component describes the form. The engine adds two fields that the component never sees: the owner of a connection's
//! token, and whether bots share the session.

use super::field_check::KnownValues;
use super::{Description, SESSION_NAME, StepKind, StepRun, StepType, session_name};
use crate::action::{ActionForm, ChoiceOption, FieldKind, FormField};
use crate::check::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::file::Step;
use crate::messages::Language;
use crate::report::{Note, StepOutcome};
use crate::secrets::{ConnectionRef, TokenOwner};
use crate::value::{Field, Value};
use crate::watch::Event;

/// The field with the OAuth connection.
pub const CONNECTION: &str = "connection";
/// The Genesys Cloud environment.
pub(super) const URL: Field = Field {
    name: "url",
    is_secret: false,
};
/// The client id, which is not a secret (RFC 6749, section 2.2).
pub(super) const CLIENT_ID: Field = Field {
    name: "client-id",
    is_secret: false,
};
/// The client secret.
pub(super) const CLIENT_SECRET: Field = Field {
    name: "client-secret",
    is_secret: true,
};
/// The token owner. The name in bot files is older than the term.
const TOKEN_OWNER: &str = "token-type";
const SHARING: &str = "session";

const SHARED: &str = "shared";
const USER_SPECIFIC: &str = "user-specific";
const OWN: &str = "own";

pub(super) const DESCRIPTION: Description = Description {
    action: "genesys/oauth-authenticate",
    form,
    parse: |fields| StepKind::Authenticate(Authenticate::parse(fields)),
};

/// Opens a session.
#[derive(Debug, Clone)]
pub struct Authenticate {
    /// The authentication type, with its fields.
    pub authentication: AuthenticationFields,
    /// The name that later steps refer to the session by.
    pub session_name: String,
    /// Whether other bots may use the same session.
    pub sharing: Sharing,
}

/// The authentication type with the fields that depend on it, before they are resolved.
#[derive(Debug, Clone)]
pub enum AuthenticationFields {
    /// `client-credentials`
    ClientCredentials {
        /// The Genesys Cloud environment.
        url: Value,
        /// The client id.
        client_id: Value,
        /// The client secret.
        client_secret: Value,
    },
    /// `control-room-connection`
    ControlRoomConnection(ConnectionRef),
    /// An authentication type or a connection that is not valid. A bot that passes the check has none.
    Unreadable,
}

/// Whether bots with the same authentication use the same session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// `shared`: all of them use one token.
    Shared,
    /// `own`: the bot has a session of its own.
    Own,
}

fn form(language: Language, of_component: Option<ActionForm>) -> Option<ActionForm> {
    let mut form = of_component?;
    for field in &mut form.fields {
        let sourced = [URL, CLIENT_ID, CLIENT_SECRET];
        field.takes_sources = sourced.iter().any(|it| it.name == field.name);
    }
    let is_connection = |field: &FormField| matches!(field.kind, FieldKind::OauthConnection);
    if let Some(at) = form.fields.iter().position(is_connection) {
        let owner = FormField {
            shown_when: form.fields[at].shown_when.clone(),
            ..choice(
                TOKEN_OWNER,
                texts::token_owner(language),
                texts::token_owner_help(language),
                [
                    (SHARED, texts::token_shared(language)),
                    (USER_SPECIFIC, texts::token_user_specific(language)),
                ],
            )
        };
        form.fields.insert(at + 1, owner);
    }
    form.fields.push(choice(
        SHARING,
        texts::sharing(language),
        texts::sharing_help(language),
        [
            (SHARED, texts::session_shared(language)),
            (OWN, texts::session_own(language)),
        ],
    ));
    Some(form)
}

/// A choice whose first option is the default.
fn choice(name: &str, label: &str, help: &str, options: [(&str, &str); 2]) -> FormField {
    FormField {
        name: name.into(),
        label: label.into(),
        help: help.into(),
        default: Some(options[0].0.into()),
        kind: FieldKind::Choice(
            options
                .map(|(value, label)| ChoiceOption {
                    value: value.into(),
                    label: label.into(),
                })
                .into(),
        ),
        required: true,
        shown_when: None,
        omit_if_default: true,
        takes_sources: false,
    }
}

impl Authenticate {
    fn parse(fields: &mut Fields<'_>) -> Self {
        let uses_client = [
            ("client-credentials", true),
            ("control-room-connection", false),
        ];
        let uses_client = fields.try_choice("authentication-type", true, &uses_client);
        let authentication = match uses_client {
            Some(true) => AuthenticationFields::ClientCredentials {
                url: fields.value(URL.name),
                client_id: fields.value(CLIENT_ID.name),
                client_secret: fields.secret(CLIENT_SECRET.name),
            },
            Some(false) => {
                let name = fields.connection(CONNECTION);
                let owners = [
                    (SHARED, TokenOwner::Shared),
                    (USER_SPECIFIC, TokenOwner::UserSpecific),
                ];
                let owner = fields.choice(TOKEN_OWNER, TokenOwner::Shared, &owners);
                match name {
                    Some(name) => {
                        AuthenticationFields::ControlRoomConnection(ConnectionRef { name, owner })
                    }
                    None => AuthenticationFields::Unreadable,
                }
            }
            // It is unknown which of these fields apply.
            None => {
                fields.skip(&[
                    URL.name,
                    CLIENT_ID.name,
                    CLIENT_SECRET.name,
                    CONNECTION,
                    TOKEN_OWNER,
                ]);
                AuthenticationFields::Unreadable
            }
        };
        let sharing = [(SHARED, Sharing::Shared), (OWN, Sharing::Own)];
        Self {
            authentication,
            session_name: session_name(fields),
            sharing: fields.choice(SHARING, Sharing::Shared, &sharing),
        }
    }

    /// The values to resolve, with their fields.
    fn values(&self) -> impl Iterator<Item = (Field, &Value)> {
        let values = match &self.authentication {
            AuthenticationFields::ClientCredentials {
                url,
                client_id,
                client_secret,
            } => vec![
                (URL, url),
                (CLIENT_ID, client_id),
                (CLIENT_SECRET, client_secret),
            ],
            _ => Vec::new(),
        };
        values.into_iter()
    }

    pub(super) fn uses_secrets(&self) -> bool {
        let mut values = self.values();
        matches!(
            self.authentication,
            AuthenticationFields::ControlRoomConnection(_)
        ) || values.any(|(_, value)| matches!(value, Value::Credential(_)))
    }

    /// Whether the step requests a token from Genesys Cloud, rather than borrowing that of a connection.
    pub(crate) fn requests_token(&self) -> bool {
        matches!(
            self.authentication,
            AuthenticationFields::ClientCredentials { .. }
        )
    }
}

impl StepType for Authenticate {
    async fn check(&self, step: &Step, checking: &mut Checking<'_>) {
        for (field, value) in self.values() {
            checking.value(step, field, value).await;
        }
        if let AuthenticationFields::ControlRoomConnection(connection) = &self.authentication {
            checking.connection(step, connection).await;
        }
        let mut known = KnownValues::of(SESSION_NAME, &Value::Text(self.session_name.clone()));
        for (field, value) in self.values() {
            known.add(field.name, value);
        }
        checking.validate_by_action(step, known).await;
        checking.sessions.insert(self.session_name.clone());
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let opened = run.open_session(self).await?;
        let session = &opened.session;
        let done = StepOutcome::SessionOpened {
            session: session.name.clone(),
            api_url: session.api_url.clone(),
            expires_in: session.expires_in,
        };
        if let Some(replaced) = run.flow.sessions.open(opened) {
            // The bot can no longer use the replaced session. The step succeeds even if its token cannot be revoked.
            let note = Note::Replaced {
                session: self.session_name.clone(),
                outcome: run.runner.release(replaced).await,
            };
            run.watcher.on_event(Event::Noted { note: &note });
        }
        Ok(done)
    }
}

mod texts {
    crate::messages! {
        token_owner { en: "Token", de: "Token" }
        token_owner_help { en: "The token that all users of the connection share, or that of the user on whose behalf the bot runs.", de: "Das aller, die die Verbindung verwenden dürfen, oder das des Benutzers, für den der Bot läuft." }
        token_shared { en: "Shared", de: "Gemeinsames" }
        token_user_specific { en: "User-specific", de: "Benutzerspezifisches" }
        sharing { en: "Session", de: "Sitzung" }
        sharing_help { en: "Bots with the same authentication can share a session, which saves requests to Genesys Cloud. The bot's own session is closed when the bot ends.", de: "Bots mit derselben Authentifizierung können sich eine Sitzung teilen, was Anfragen an Genesys Cloud spart. Eine eigene endet mit dem Bot." }
        session_shared { en: "Shared with other bots", de: "Mit anderen Bots geteilt" }
        session_own { en: "The bot's own", de: "Eigene des Bots" }
    }
}
