//! Implements the flow engine's [`ActionRunner`] for a loaded action (feature `bot-engine`).

use async_trait::async_trait;
use bot_engine::action as engine;
use bot_engine::action::ActionRunner;
use secrecy::SecretString;

use super::form;
use super::types::{ConnectionToken, Credentials, Session};
use super::{Action, ActionError, CallError};

#[async_trait]
impl ActionRunner for Action {
    fn digest(&self) -> &[u8; 32] {
        Self::digest(self)
    }

    async fn forms(&self, locale: &str) -> Result<Vec<engine::ActionForm>, engine::CallError> {
        let actions = self.actions(locale).await?;
        Ok(actions.into_iter().map(action_form).collect())
    }

    async fn authenticate(
        &self,
        authentication: &engine::Authentication,
        session_name: &str,
    ) -> Result<engine::Session, engine::CallError> {
        let authentication = to_host(authentication);
        let session = Self::authenticate(self, &authentication, session_name).await;
        session.map(to_engine).map_err(Into::into)
    }

    async fn disconnect(&self, session: &engine::Session) -> Result<(), engine::CallError> {
        let session = Session {
            name: session.name.clone(),
            token: session.token.clone(),
            token_type: session.token_type.clone(),
            expires_in: session.expires_in,
            api_url: session.api_url.clone(),
        };
        let disconnected = Self::disconnect(self, &session).await;
        disconnected.map_err(Into::into)
    }

    async fn explain(&self, error: &engine::CallError, locale: &str) -> String {
        let engine::CallError::Failed(failed) = error else {
            return error.to_string();
        };
        let explained = Self::explain(self, &to_contract(failed), locale).await;
        explained.unwrap_or_else(|_| error.to_string())
    }
}

fn to_host(authentication: &engine::Authentication) -> Credentials {
    match authentication {
        engine::Authentication::ClientCredentials {
            url,
            client_id,
            client_secret,
        } => Credentials::ClientCredentials {
            url: url.clone(),
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
        },
        engine::Authentication::ControlRoomConnection(token) => {
            Credentials::ControlRoomConnection(ConnectionToken {
                url: token.url.clone(),
                access_token: SecretString::clone(&token.access_token),
                token_type: token.token_type.clone(),
                expires_in: token.expires_in,
            })
        }
    }
}

fn to_engine(session: Session) -> engine::Session {
    engine::Session {
        name: session.name,
        token: session.token,
        token_type: session.token_type,
        expires_in: session.expires_in,
        api_url: session.api_url,
    }
}

impl From<CallError> for engine::CallError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Failed(failed) => Self::Failed(action_error(failed)),
            CallError::DeadlineExceeded(limit) => Self::DeadlineExceeded(limit),
            CallError::NoTurn(_) | CallError::TooManyCalls(_) => Self::Busy {
                kind: error.kind(),
                message: error.to_string(),
            },
            _ => Self::Stopped {
                kind: error.kind(),
                message: error.to_string(),
            },
        }
    }
}

fn action_error(error: ActionError) -> engine::ActionError {
    use engine::ActionError as E;
    match error {
        ActionError::InvalidInput(it) => E::InvalidInput(engine::InvalidInput {
            field: it.field,
            reason: it.reason,
        }),
        ActionError::Rejected(it) => E::Rejected(engine::Rejection {
            host: it.host,
            code: it.code,
            description: it.description,
            correlation_id: it.correlation_id,
        }),
        ActionError::Throttled(it) => E::Throttled(engine::Throttling {
            host: it.host,
            retry_after: it.retry_after,
            correlation_id: it.correlation_id,
        }),
        ActionError::Unavailable(it) => E::Unavailable(failure(it)),
        ActionError::UntrustedServer(it) => E::UntrustedServer(failure(it)),
        ActionError::NotPermitted(it) => E::NotPermitted(failure(it)),
        ActionError::UnexpectedResponse(it) => E::UnexpectedResponse(failure(it)),
        ActionError::Other(text) => E::Other(text),
    }
}

fn failure(it: super::error::Failure) -> engine::Failure {
    engine::Failure {
        host: it.host,
        reason: it.reason,
        status: it.status,
        correlation_id: it.correlation_id,
    }
}

fn to_contract(error: &engine::ActionError) -> ActionError {
    use super::error::{Failure, InvalidInput, Rejection, Throttling};
    use engine::ActionError as E;
    let failure = |it: &engine::Failure| Failure {
        host: it.host.clone(),
        reason: it.reason.clone(),
        status: it.status,
        correlation_id: it.correlation_id.clone(),
    };
    match error {
        E::InvalidInput(it) => ActionError::InvalidInput(InvalidInput {
            field: it.field.clone(),
            reason: it.reason.clone(),
        }),
        E::Rejected(it) => ActionError::Rejected(Rejection {
            host: it.host.clone(),
            code: it.code.clone(),
            description: it.description.clone(),
            correlation_id: it.correlation_id.clone(),
        }),
        E::Throttled(it) => ActionError::Throttled(Throttling {
            host: it.host.clone(),
            retry_after: it.retry_after,
            correlation_id: it.correlation_id.clone(),
        }),
        E::Unavailable(it) => ActionError::Unavailable(failure(it)),
        E::UntrustedServer(it) => ActionError::UntrustedServer(failure(it)),
        E::NotPermitted(it) => ActionError::NotPermitted(failure(it)),
        E::UnexpectedResponse(it) => ActionError::UnexpectedResponse(failure(it)),
        E::Other(text) => ActionError::Other(text.clone()),
    }
}

fn action_form(action: form::Action) -> engine::ActionForm {
    engine::ActionForm {
        name: action.name,
        path: action.path,
        description: action.description,
        fields: action.fields.into_iter().map(form_field).collect(),
    }
}

fn form_field(field: form::Field) -> engine::FormField {
    use engine::FieldKind as K;
    let kind = match field.kind {
        form::FieldKind::Text => K::Text,
        form::FieldKind::Credential => K::Credential,
        form::FieldKind::Secret => K::Secret,
        form::FieldKind::Choice(options) => K::Choice(
            options
                .into_iter()
                .map(|it| engine::ChoiceOption {
                    value: it.value,
                    label: it.label,
                })
                .collect(),
        ),
        form::FieldKind::OauthConnection => K::OauthConnection,
        form::FieldKind::SessionName => K::SessionName,
    };
    engine::FormField {
        name: field.name,
        label: field.label,
        help: field.help,
        kind,
        required: field.required,
        default: field.default,
        shown_when: field.shown_when.map(|it| engine::Condition {
            field: it.field,
            value: it.value,
        }),
        omit_if_default: false,
        takes_sources: false,
    }
}
