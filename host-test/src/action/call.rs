//! The functions of the contract. Each call gets a fresh instance, which starts with zeroed memory
//! and is dropped afterwards: nothing of one bot is left for the next.

use secrecy::{ExposeSecret, SecretString};
use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap};
use wasmtime_wasi::I32Exit;

use super::bindings::OauthAuthentication;
use super::bindings::exports::bot::action::form;
use super::bindings::exports::genesys::authentication::oauth as wit;
use super::component::Action;
use super::egress::Egress;
use super::error::{ActionError, CallError};
use super::runtime::Limits;
use super::state::{self, LimitReached, State};
use super::types::{Authentication, Session};

impl Action {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] with what the action says, else what stopped it.
    pub async fn authenticate(
        &self,
        authentication: &Authentication,
        session_name: &str,
    ) -> Result<Session, CallError> {
        let authentication = authentication_type(authentication);
        let session = self
            .call(async |action, store| {
                let oauth = action.genesys_authentication_oauth();
                oauth
                    .call_authenticate(store, &authentication, session_name)
                    .await
            })
            .await?
            .map_err(CallError::Failed)?;
        Ok(Session {
            name: session.name,
            token: session.token.into(),
            token_type: session.token_type,
            expires_in: session.expires_in,
            api_url: session.api_url,
        })
    }

    /// Ends a session's token at Genesys Cloud, for everybody who holds it.
    ///
    /// # Errors
    ///
    /// As [`Action::authenticate`].
    pub async fn disconnect(&self, session: &Session) -> Result<(), CallError> {
        let session = wit::Session {
            name: session.name.clone(),
            token: session.token.expose_secret().into(),
            token_type: session.token_type.clone(),
            expires_in: session.expires_in,
            api_url: session.api_url.clone(),
        };
        self.call(async |action, store| {
            action
                .genesys_authentication_oauth()
                .call_disconnect(store, &session)
                .await
        })
        .await?
        .map_err(CallError::Failed)
    }

    /// The action's words for an error, in the language of `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// What stopped the call; the action itself cannot fail at this.
    pub async fn explain(&self, error: &ActionError, locale: &str) -> Result<String, CallError> {
        self.call(async |action, store| {
            action
                .genesys_authentication_oauth()
                .call_explain(store, error, locale)
                .await
        })
        .await
    }

    /// An error in words: the action's own for what it says itself, in the language of `locale`.
    pub async fn in_words(&self, error: &CallError, locale: &str) -> String {
        let explained = match error {
            CallError::Failed(failed) => self.explain(failed, locale).await.ok(),
            _ => None,
        };
        explained.unwrap_or_else(|| error.to_string())
    }

    /// The forms of the component's actions, in the language of `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// What stopped the call; the action itself cannot fail at this.
    pub async fn actions(&self, locale: &str) -> Result<Vec<form::Action>, CallError> {
        self.call(async |action, store| action.bot_action_form().call_actions(store, locale).await)
            .await
    }

    /// Waits for its turn, makes an instance, lets `function` call it, and drops it, within the
    /// deadline.
    async fn call<T>(
        &self,
        function: impl AsyncFnOnce(&OauthAuthentication, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let limits = self.runtime.limits();
        let call = async {
            let _turn = self.runtime.turn().await?;
            let egress = Egress::new(self.client.clone(), limits.requests);
            let mut store = state::store(&self.runtime, egress);
            let called = async {
                let action = self.component.instantiate_async(&mut store).await?;
                function(&action, &mut store).await
            };
            called.await.map_err(|error| stopped(&error, limits))
        };
        match tokio::time::timeout(limits.deadline, call).await {
            Ok(result) => result,
            Err(_) => Err(CallError::DeadlineExceeded(limits.deadline)),
        }
    }
}

fn authentication_type(authentication: &Authentication) -> wit::AuthenticationType {
    let exposed = |secret: &SecretString| String::from(secret.expose_secret());
    match authentication {
        Authentication::ClientCredentials {
            url,
            client_id,
            client_secret,
        } => wit::AuthenticationType::ClientCredentials(wit::ClientCredentials {
            url: url.clone(),
            client_id: exposed(client_id),
            client_secret: exposed(client_secret),
        }),
        Authentication::ControlRoomConnection(connection) => {
            wit::AuthenticationType::ControlRoomConnection(wit::Connection {
                url: connection.url.clone(),
                access_token: exposed(&connection.access_token),
                token_type: connection.token_type.clone(),
                expires_in: connection.expires_in,
            })
        }
    }
}

/// Which limit a trap tells of, if any.
fn stopped(error: &wasmtime::Error, limits: &Limits) -> CallError {
    if let Some(reached) = error.downcast_ref::<LimitReached>() {
        return match reached {
            LimitReached::Memory => CallError::MemoryExceeded(limits.memory),
            LimitReached::Table => CallError::ResourcesExceeded(limits.table_elements),
            LimitReached::Cpu => CallError::CpuExceeded(limits.cpu),
        };
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return CallError::ResourcesExceeded(limits.resources);
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return CallError::Trapped(format!("it ended itself with status {}", exit.0));
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => CallError::StackExceeded,
        Some(Trap::AllocationTooLarge) => CallError::ResultTooLarge(limits.output),
        Some(trap) => CallError::Trapped(trap.to_string()),
        None => CallError::Trapped(format!("{:#}", error.root_cause())),
    }
}
