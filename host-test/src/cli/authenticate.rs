//! `bot-runner authenticate`: runs the action alone.

use action_host::Component;
use anyhow::Context;
use bot_engine::action::{Argument, CallError, Session, SessionChange, SessionFault};
use bot_engine::report::StepOutcome;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::Outcome;
use super::args::Authenticate;
use super::components::BUILT_IN;
use super::demonstration;
use super::environment::variable;
use super::errors::{call_error, is_invalid_setting};
use super::locale::{language, locale};
use super::messages;
use super::output::{self, SUCCESS};
use super::prompt;
use super::setup::Setup;

const AUTHENTICATE: &str = "oauth-authenticate";
const DISCONNECT: &str = "disconnect";
const SESSION_NAME: &str = "session-name";

/// The names that the Genesys CLI and Terraform use.
const REGION: &str = "GENESYSCLOUD_REGION";
const CLIENT_ID: &str = "GENESYSCLOUD_OAUTHCLIENT_ID";
const CLIENT_SECRET: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";

pub(crate) async fn run(args: &Authenticate) -> anyhow::Result<Outcome> {
    let mut inputs = Inputs {
        url: match &args.url {
            Some(url) => Some(url.clone()),
            None => variable(REGION)?.map(|url| url.expose_secret().into()),
        },
        client_id: match &args.client_id {
            Some(id) => Some(id.clone().into()),
            None => variable(CLIENT_ID)?,
        },
        client_secret: None,
    };
    let setup = Setup::new(&args.common).await?;
    // Last, as it may be asked for.
    inputs.client_secret = match &args.client_secret_file {
        Some(file) => Some(prompt::from_file(file, messages::client_secret(language())).await?),
        None => variable(CLIENT_SECRET)?,
    };
    let mut arguments = match &setup.embedded {
        // The simulation starts without clients, so add one.
        Some(cloud) if inputs.client_id.is_none() && inputs.client_secret.is_none() => {
            demonstration::client(cloud, inputs.url)?
        }
        _ => inputs.complete()?,
    };
    let name = args.session_name.trim();
    arguments.push(Argument::text("authentication-type", "client-credentials"));
    arguments.push(Argument::text(SESSION_NAME, name));
    let component = setup.components.get(BUILT_IN).context(BUILT_IN)?;
    match authenticate(component, &arguments).await {
        Ok(session) => {
            succeeded(args.common.json, name, &session);
            // The token is not used after this command, so it is revoked.
            let session = [Argument::session(SESSION_NAME, session)];
            if let Err(error) = component.run(DISCONNECT, &session).await {
                let why = message(component, DISCONNECT, &error.into()).await?;
                output::urgent(&messages::token_not_revoked(language(), why));
            }
            Ok(Outcome::Done)
        }
        Err(error) => {
            let message = message(component, AUTHENTICATE, &error).await?;
            failed(args.common.json, &error, &message);
            Ok(if is_invalid_setting(&error) {
                Outcome::InvalidSetting
            } else {
                Outcome::Failed
            })
        }
    }
}

/// The message for an error of an action in the language of the command.
async fn message(component: &Component, action: &str, error: &CallError) -> anyhow::Result<String> {
    Ok(match error {
        CallError::Failed(failure) => component.explain(action, failure, locale()).await?,
        other => other.message(language()),
    })
}

async fn authenticate(component: &Component, arguments: &[Argument]) -> Result<Session, CallError> {
    match component.run(AUTHENTICATE, arguments).await?.session {
        SessionChange::Opened(session) => Ok(session),
        _ => Err(CallError::InvalidSession(SessionFault::NotOpened)),
    }
}

/// The inputs from the command line and the environment.
struct Inputs {
    url: Option<String>,
    client_id: Option<SecretString>,
    client_secret: Option<SecretString>,
}

impl Inputs {
    fn complete(self) -> anyhow::Result<Vec<Argument>> {
        let missing = |option, variable| messages::missing_option(language(), option, variable);
        let url = self.url.with_context(|| missing("--url", REGION))?;
        let id = self.client_id;
        let id = id.with_context(|| missing("--client-id", CLIENT_ID))?;
        let secret = self.client_secret;
        let secret = secret.with_context(|| missing("--client-secret-file", CLIENT_SECRET))?;
        Ok(demonstration::client_arguments(url, id, secret))
    }
}

fn succeeded(json: bool, name: &str, session: &Session) {
    if json {
        // Everything but the token, which must not be shown.
        output::object(&json!({ "session": {
            "name": name,
            "token-type": session.token_type,
            "expires-in": session.expires_in,
            "api-url": session.base_url,
        } }));
        return;
    }
    let opened = StepOutcome::SessionOpened {
        session: name.into(),
        base_url: session.base_url.clone(),
        expires_in: session.expires_in,
    };
    let opened = output::one_line(&opened.message(None, language()));
    output::line(false, &format!("{SUCCESS}ok{SUCCESS:#}  {opened}"));
}

fn failed(json: bool, error: &CallError, message: &str) {
    if json {
        output::object(&json!({ "error": call_error(error, message) }));
    }
    output::error(message);
}
