//! `bot-runner authenticate`: runs the action alone.

use anyhow::Context;
use bot_engine::action::{ActionError, ActionRunner, Authentication, CallError, Failure, Session};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::Outcome;
use super::args::Authenticate;
use super::demonstration;
use super::output::{self, SUCCESS};
use super::secret_file::read_secret;
use super::setup::{Setup, variable};

/// The names that the Genesys CLI and Terraform use.
const REGION: &str = "GENESYSCLOUD_REGION";
const CLIENT_ID: &str = "GENESYSCLOUD_OAUTHCLIENT_ID";
const CLIENT_SECRET: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";

pub(crate) async fn run(args: &Authenticate) -> anyhow::Result<Outcome> {
    let inputs = Inputs {
        url: match &args.url {
            Some(url) => Some(url.clone()),
            None => variable(REGION)?.map(|url| url.expose_secret().into()),
        },
        client_id: match &args.client_id {
            Some(id) => Some(id.clone().into()),
            None => variable(CLIENT_ID)?,
        },
        client_secret: match &args.client_secret_file {
            Some(file) => Some(read_secret(file)?),
            None => variable(CLIENT_SECRET)?,
        },
    };
    let setup = Setup::new(&args.common).await?;
    let authentication = match &setup.embedded {
        // The simulation starts without clients, so add one.
        Some(cloud) if inputs.client_id.is_none() && inputs.client_secret.is_none() => {
            demonstration::client(cloud, inputs.url)?
        }
        _ => inputs.complete()?,
    };
    let actions: &dyn ActionRunner = &setup.action;
    match actions
        .authenticate(&authentication, &args.session_name)
        .await
    {
        Ok(session) => {
            succeeded(args.common.json, &session);
            // The token is not used after this command, so it is revoked.
            if let Err(error) = actions.disconnect(&session).await {
                output::aside(&format!("the token could not be revoked: {error}"));
            }
            Ok(Outcome::Done)
        }
        Err(error) => {
            let message = actions.explain(&error, &setup.locale).await;
            failed(args.common.json, &error, &message);
            Ok(Outcome::Failed)
        }
    }
}

/// The inputs from the command line and the environment.
struct Inputs {
    url: Option<String>,
    client_id: Option<SecretString>,
    client_secret: Option<SecretString>,
}

impl Inputs {
    fn complete(self) -> anyhow::Result<Authentication> {
        let missing = |option, variable| format!("{option} is missing; pass it, or set {variable}");
        Ok(Authentication::ClientCredentials {
            url: self.url.with_context(|| missing("--url", REGION))?,
            client_id: self
                .client_id
                .with_context(|| missing("--client-id", CLIENT_ID))?,
            client_secret: self
                .client_secret
                .with_context(|| missing("--client-secret-file", CLIENT_SECRET))?,
        })
    }
}

fn succeeded(json: bool, session: &Session) {
    if json {
        // Everything but the token, which must not be shown.
        output::object(&json!({ "session": {
            "name": session.name,
            "token-type": session.token_type,
            "expires-in": session.expires_in,
            "api-url": session.api_url,
        } }));
        return;
    }
    let expiry = session
        .expires_in
        .map_or("expiry unknown".into(), |seconds| {
            format!("expires in {seconds} s")
        });
    output::line(
        false,
        &format!(
            "{SUCCESS}ok{SUCCESS:#}  session {:?} at {}, {expiry}",
            session.name,
            output::one_line(&session.api_url)
        ),
    );
}

fn failed(json: bool, error: &CallError, message: &str) {
    if json {
        output::object(&json!({ "error": call_error(error, message) }));
    }
    output::error(message);
}

/// An error as JSON: the contract's variant with its fields, and the message for people.
pub(crate) fn call_error(error: &CallError, message: &str) -> Value {
    let mut json = Map::new();
    json.insert("kind".into(), error.kind().into());
    json.insert("message".into(), message.into());
    if let CallError::Failed(failed) = error {
        json.extend(fields(failed));
    }
    json.into()
}

fn fields(error: &ActionError) -> Map<String, Value> {
    let failure = |failure: &Failure| {
        json!({
            "host": failure.host,
            "reason": failure.reason,
            "status": failure.status,
            "correlation-id": failure.correlation_id,
        })
    };
    let fields = match error {
        ActionError::InvalidInput(it) => json!({ "field": it.field, "reason": it.reason }),
        ActionError::Rejected(it) => json!({
            "host": it.host,
            "code": it.code,
            "description": it.description,
            "correlation-id": it.correlation_id,
        }),
        ActionError::Throttled(it) => json!({
            "host": it.host,
            "retry-after": it.retry_after,
            "correlation-id": it.correlation_id,
        }),
        ActionError::Unavailable(it)
        | ActionError::UntrustedServer(it)
        | ActionError::NotPermitted(it)
        | ActionError::UnexpectedResponse(it) => failure(it),
        ActionError::Other(text) => json!({ "text": text }),
    };
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
