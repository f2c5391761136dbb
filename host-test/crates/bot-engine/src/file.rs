//! The bot file: a name and steps, in JSON. A mistake in it is reported with step, field and what
//! was expected, before anything runs.

use std::fmt;
use std::str;

use thiserror::Error;

use super::fields::Fields;
use super::json::Json;
use super::template::Template;
use super::value::{Field, Value};
use crate::secrets::{ConnectionRef, TokenOwner};

/// The largest bot file, in bytes.
pub const MAX_FILE: usize = 1 << 20;

/// The most steps that a bot may have.
pub const MAX_STEPS: usize = 1000;

/// A bot, as it was read.
#[derive(Debug, Clone)]
pub struct Bot {
    /// Its name, for people.
    pub name: String,
    /// What it does, in this order.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The first one is 1.
    pub number: usize,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does, with its fields.
#[derive(Debug, Clone)]
pub enum StepKind {
    /// `genesys/oauth-authenticate`
    Authenticate {
        /// How, and with what.
        authentication: Authentication,
        /// The name that later steps use.
        session_name: String,
        /// Whether it may be one that other bots use, too.
        sharing: Sharing,
    },
    /// `genesys/disconnect`
    Disconnect {
        /// The session to end.
        session_name: String,
    },
    /// `genesys/api-request`: stands for the actions that follow in a real flow.
    ApiRequest {
        /// The session to use.
        session_name: String,
        /// A path of the API, which begins with `/api/`.
        path: Template,
        /// The name under which later steps find the answer.
        output: Option<String>,
    },
    /// `log`
    Log {
        /// What to show.
        message: Template,
    },
}

/// Whether bots that authenticate alike get the same session. This is the engine's affair: the action's form
/// has no such field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// `shared`: one token serves them all.
    Shared,
    /// `own`: nobody else gets this one.
    Own,
}

/// The fields of `genesys/oauth-authenticate` that depend on the authentication type.
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
    ///
    /// Whose token it is is the engine's affair: the action gets a token.
    ControlRoomConnection(ConnectionRef),
}

impl Authentication {
    /// The environment, which messages name.
    pub const URL: Field = Field {
        name: "url",
        is_secret: false,
    };
    /// The connection.
    pub const CONNECTION: &str = "connection";
    /// The client id, which is no secret (RFC 6749, section 2.2).
    pub const CLIENT_ID: Field = Field {
        name: "client-id",
        is_secret: false,
    };
    /// The client secret.
    pub const CLIENT_SECRET: Field = Field {
        name: "client-secret",
        is_secret: true,
    };

    /// The fields that take values, with their values.
    pub fn values(&self) -> impl Iterator<Item = (Field, &Value)> {
        let values = match self {
            Self::ClientCredentials {
                url,
                client_id,
                client_secret,
            } => vec![
                (Self::URL, url),
                (Self::CLIENT_ID, client_id),
                (Self::CLIENT_SECRET, client_secret),
            ],
            Self::ControlRoomConnection(_) => Vec::new(),
        };
        values.into_iter()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} ({})", self.number, self.kind.action())
    }
}

impl StepKind {
    /// The action's name in the bot file.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Authenticate { .. } => AUTHENTICATE,
            Self::Disconnect { .. } => DISCONNECT,
            Self::ApiRequest { .. } => API_REQUEST,
            Self::Log { .. } => LOG,
        }
    }
}

const AUTHENTICATE: &str = "genesys/oauth-authenticate";
const DISCONNECT: &str = "genesys/disconnect";
const API_REQUEST: &str = "genesys/api-request";
const LOG: &str = "log";
const ACTIONS: [&str; 4] = [AUTHENTICATE, DISCONNECT, API_REQUEST, LOG];

/// The default of the form.
const DEFAULT_SESSION: &str = "Default";

/// A mistake in a bot: where it is and what was expected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Error)]
pub struct BotFileError {
    /// The step's number; none where the mistake is outside of the steps.
    pub step: Option<usize>,
    /// The step's action, where it is known.
    pub action: Option<String>,
    /// The field.
    pub field: Option<String>,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl fmt::Display for BotFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(step) = self.step {
            write!(f, "step {step}")?;
            if let Some(action) = &self.action {
                write!(f, " ({action})")?;
            }
            f.write_str(": ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.problem)
    }
}

impl BotFileError {
    /// A mistake in a step.
    pub(super) fn in_step(step: &Step, field: &str, problem: impl Into<String>) -> Self {
        Self {
            step: Some(step.number),
            action: Some(step.kind.action().into()),
            field: Some(field.into()),
            problem: problem.into(),
        }
    }

    pub(super) fn because(self, problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            ..self
        }
    }
}

impl Bot {
    /// Whether it uses something that is kept for users: a credential of a locker, or a connection.
    pub fn uses_secrets(&self) -> bool {
        self.steps.iter().any(|step| match &step.kind {
            StepKind::Authenticate { authentication, .. } => {
                let is_connection =
                    matches!(authentication, Authentication::ControlRoomConnection(_));
                let mut values = authentication.values();
                is_connection || values.any(|(_, value)| matches!(value, Value::Credential(_)))
            }
            _ => false,
        })
    }

    /// Reads a bot file.
    ///
    /// # Errors
    ///
    /// The first mistake in it.
    pub fn parse(file: &[u8]) -> Result<Self, BotFileError> {
        let mistake = |problem: String| BotFileError::default().because(problem);
        if file.len() > MAX_FILE {
            return Err(mistake(format!(
                "the file is larger than {} KiB",
                MAX_FILE >> 10
            )));
        }
        let text = str::from_utf8(file).map_err(|error| {
            mistake(format!(
                "the file is not UTF-8: byte {} is not",
                error.valid_up_to() + 1
            ))
        })?;
        let json: Json = serde_json::from_str(text)
            .map_err(|error| mistake(format!("the file is not JSON: {error}")))?;

        let mut fields = Fields::new(json, BotFileError::default())?;
        let name = fields.name("name", "")?;
        if name.is_empty() {
            return Err(fields.error("name", "is missing; expected a text"));
        }
        let steps = fields.list("steps")?;
        if steps.is_empty() || steps.len() > MAX_STEPS {
            return Err(fields.error(
                "steps",
                format!("expected 1 to {MAX_STEPS} steps, found {}", steps.len()),
            ));
        }
        fields.finish()?;
        let steps = steps
            .into_iter()
            .zip(1..)
            .map(|(json, number)| step(json, number));
        Ok(Self {
            name,
            steps: steps.collect::<Result<_, _>>()?,
        })
    }
}

fn step(json: Json, number: usize) -> Result<Step, BotFileError> {
    let place = BotFileError {
        step: Some(number),
        ..BotFileError::default()
    };
    let mut fields = Fields::new(json, place)?;
    let action = fields.text("action")?;
    if !ACTIONS.contains(&action.as_str()) {
        let problem = format!(
            "there is no action {action:?}; expected {}",
            ACTIONS.join(", ")
        );
        return Err(fields.error("action", problem));
    }
    fields.of_action(&action);
    let kind = match action.as_str() {
        AUTHENTICATE => authenticate(&mut fields)?,
        DISCONNECT => StepKind::Disconnect {
            session_name: session_name(&mut fields)?,
        },
        API_REQUEST => api_request(&mut fields)?,
        _ => StepKind::Log {
            message: fields.template("message")?,
        },
    };
    fields.finish()?;
    Ok(Step { number, kind })
}

fn session_name(fields: &mut Fields) -> Result<String, BotFileError> {
    fields.name("session-name", DEFAULT_SESSION)
}

fn authenticate(fields: &mut Fields) -> Result<StepKind, BotFileError> {
    let with_client = [
        ("client-credentials", true),
        ("control-room-connection", false),
    ];
    let authentication = if fields.choice("authentication-type", true, &with_client)? {
        Authentication::ClientCredentials {
            url: fields.value(Authentication::URL.name)?,
            client_id: fields.value(Authentication::CLIENT_ID.name)?,
            client_secret: fields.secret(Authentication::CLIENT_SECRET.name)?,
        }
    } else {
        let name = fields.named(Authentication::CONNECTION, "oauth-connection")?;
        let name = name
            .parse()
            .map_err(|error| fields.error(Authentication::CONNECTION, format!("{error}")))?;
        let owners = [
            ("shared", TokenOwner::Shared),
            ("user-specific", TokenOwner::UserSpecific),
        ];
        Authentication::ControlRoomConnection(ConnectionRef {
            name,
            owner: fields.choice("token-type", TokenOwner::Shared, &owners)?,
        })
    };
    let sharing = [("shared", Sharing::Shared), ("own", Sharing::Own)];
    Ok(StepKind::Authenticate {
        authentication,
        session_name: session_name(fields)?,
        sharing: fields.choice("session", Sharing::Shared, &sharing)?,
    })
}

fn api_request(fields: &mut Fields) -> Result<StepKind, BotFileError> {
    let session_name = session_name(fields)?;
    let path = fields.template("path")?;
    // The session's token goes along, so the host must not be the text's to choose.
    if !path.beginning().starts_with("/api/") {
        return Err(fields.error(
            "path",
            "expected a path that begins with /api/, such as /api/v2/users/me",
        ));
    }
    let output = fields
        .optional_text("output")?
        .map(|name| name.trim().to_owned());
    if output
        .as_ref()
        .is_some_and(|name| name.contains(['{', '}', '.']))
    {
        return Err(fields.error("output", "a name must not contain braces or dots"));
    }
    Ok(StepKind::ApiRequest {
        session_name,
        path,
        output,
    })
}
