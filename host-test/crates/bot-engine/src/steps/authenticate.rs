//! `genesys/oauth-authenticate`: opens a session.
//!
//! The component describes the form. It has two fields more, which the engine answers and the component never sees:
//! whose token of a connection it is, and whether bots share the session.

use super::field_check::Typed;
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

/// The connection.
pub const CONNECTION: &str = "connection";
/// The environment, which messages name.
pub(super) const URL: Field = Field {
    name: "url",
    is_secret: false,
};
/// The client id, which is no secret (RFC 6749, section 2.2).
pub(super) const CLIENT_ID: Field = Field {
    name: "client-id",
    is_secret: false,
};
/// The client secret.
pub(super) const CLIENT_SECRET: Field = Field {
    name: "client-secret",
    is_secret: true,
};
/// Whose token of the connection it is. The name is older than the term.
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
    /// How, and with what.
    pub authentication: Authentication,
    /// The name that later steps use.
    pub session_name: String,
    /// Whether it may be one that other bots use, too.
    pub sharing: Sharing,
}

/// The fields that depend on the authentication type.
#[derive(Debug, Clone)]
pub enum Authentication {
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
    /// A type or a connection that could not be read. No bot that runs has one.
    Unreadable,
}

/// Whether bots that authenticate alike get the same session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// `shared`: one token serves them all.
    Shared,
    /// `own`: nobody else gets this one.
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
        is_implied: true,
        takes_sources: false,
    }
}

impl Authenticate {
    fn parse(fields: &mut Fields<'_>) -> Self {
        let with_client = [
            ("client-credentials", true),
            ("control-room-connection", false),
        ];
        let is_with_client = fields.try_choice("authentication-type", true, &with_client);
        let authentication = match is_with_client {
            Some(true) => Authentication::ClientCredentials {
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
                        Authentication::ControlRoomConnection(ConnectionRef { name, owner })
                    }
                    None => Authentication::Unreadable,
                }
            }
            // Which of these belong here cannot be told.
            None => {
                fields.skip(&[
                    URL.name,
                    CLIENT_ID.name,
                    CLIENT_SECRET.name,
                    CONNECTION,
                    TOKEN_OWNER,
                ]);
                Authentication::Unreadable
            }
        };
        let sharing = [(SHARED, Sharing::Shared), (OWN, Sharing::Own)];
        Self {
            authentication,
            session_name: session_name(fields),
            sharing: fields.choice(SHARING, Sharing::Shared, &sharing),
        }
    }

    /// The fields that take values, with their values.
    fn values(&self) -> impl Iterator<Item = (Field, &Value)> {
        let values = match &self.authentication {
            Authentication::ClientCredentials {
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
            Authentication::ControlRoomConnection(_)
        ) || values.any(|(_, value)| matches!(value, Value::Credential(_)))
    }

    /// Whether it asks Genesys Cloud for a token, rather than using one that is there.
    pub(crate) fn asks_for_a_token(&self) -> bool {
        matches!(
            self.authentication,
            Authentication::ClientCredentials { .. }
        )
    }
}

impl StepType for Authenticate {
    async fn check(&self, step: &Step, checking: &mut Checking<'_>) {
        for (field, value) in self.values() {
            checking.value(step, field, value).await;
        }
        if let Authentication::ControlRoomConnection(connection) = &self.authentication {
            checking.connection(step, connection).await;
        }
        let mut typed = Typed::of(SESSION_NAME, &Value::Text(self.session_name.clone()));
        for (field, value) in self.values() {
            typed.add(field.name, value);
        }
        checking.ask_action(step, typed).await;
        checking.sessions.insert(self.session_name.clone());
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let opened = run.open_session(self).await?;
        let session = &opened.session;
        let done = StepOutcome::Opened {
            session: session.name.clone(),
            api_url: session.api_url.clone(),
            expires_in: session.expires_in,
        };
        if let Some(replaced) = run.flow.sessions.open(opened) {
            // Nobody can use it any more. That it cannot be revoked is no reason to stop.
            let note = Note::Replaced {
                session: self.session_name.clone(),
                outcome: run.runner.release(replaced).await,
            };
            run.watcher.tell(Event::Noted { note: &note });
        }
        Ok(done)
    }
}

mod texts {
    crate::messages! {
        token_owner { en: "Token", de: "Token" }
        token_owner_help { en: "The one of all who may use the connection, or that of the user for whom the bot runs.", de: "Das aller, die die Verbindung verwenden dürfen, oder das des Benutzers, für den der Bot läuft." }
        token_shared { en: "Shared", de: "Gemeinsames" }
        token_user_specific { en: "User-specific", de: "Benutzerspezifisches" }
        sharing { en: "Session", de: "Sitzung" }
        sharing_help { en: "Bots with the same authentication share a session and spare Genesys requests. One of its own ends with the bot.", de: "Bots mit derselben Authentifizierung teilen sich eine Sitzung und ersparen Genesys Anfragen. Eine eigene endet mit dem Bot." }
        session_shared { en: "Shared with other bots", de: "Mit anderen Bots geteilt" }
        session_own { en: "The bot's own", de: "Eigene des Bots" }
    }
}
