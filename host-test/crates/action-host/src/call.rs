//! The functions of the contract. Each call gets a fresh instance with zeroed memory, which is dropped afterwards, so that
//! no data of one bot reaches the next.

use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::bindings::exports::bot::action::form;
use super::bindings::exports::genesys::authentication::oauth as wit;
use super::component::{Action, Linked};
use super::computing_time::Meter;
use super::error::{ActionError, CallError};
use super::outgoing_http::OutgoingHttp;
use super::state::{self, State};
use super::stopped::stopped;
use super::types::{Credentials, Session};

impl Action {
    /// Opens a session with the name `session_name`.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] if the action reports an error; any other [`CallError`] if the call was stopped or refused.
    pub async fn authenticate(
        &self,
        authentication: &Credentials,
        session_name: &str,
    ) -> Result<Session, CallError> {
        let authentication = Zeroizing::new(authentication_type(authentication));
        let session = self
            .call(async |linked, instance, store| {
                let oauth = linked.oauth.load(&mut *store, instance)?;
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

    /// Revokes the session's token at Genesys Cloud. It becomes invalid for all its users.
    ///
    /// # Errors
    ///
    /// As [`Action::authenticate`].
    pub async fn disconnect(&self, session: &Session) -> Result<(), CallError> {
        let session = Zeroizing::new(wit::Session {
            name: session.name.clone(),
            token: session.token.expose_secret().into(),
            token_type: session.token_type.clone(),
            expires_in: session.expires_in,
            api_url: session.api_url.clone(),
        });
        self.call(async |linked, instance, store| {
            let oauth = linked.oauth.load(&mut *store, instance)?;
            oauth.call_disconnect(store, &session).await
        })
        .await?
        .map_err(CallError::Failed)
    }

    /// The action's message for an error, localized for `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// A [`CallError`] if the call was stopped or refused, never [`CallError::Failed`].
    pub async fn explain(&self, error: &ActionError, locale: &str) -> Result<String, CallError> {
        self.call(async |linked, instance, store| {
            let oauth = linked.oauth.load(&mut *store, instance)?;
            oauth.call_explain(store, error, locale).await
        })
        .await
    }

    /// The component's actions with their forms, localized for `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// As [`Action::explain`].
    pub async fn actions(&self, locale: &str) -> Result<Vec<form::Action>, CallError> {
        self.call(async |linked, instance, store| {
            let form = linked.form.load(&mut *store, instance)?;
            form.call_actions(store, locale).await
        })
        .await
    }

    /// Waits for a permit, makes an instance, lets `function` call it, and drops it, all within the deadline.
    async fn call<T>(
        &self,
        function: impl AsyncFnOnce(&Linked, &Instance, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let limits = self.runtime.limits();
        let start = Instant::now();
        let _permit = timeout(limits.deadline, self.runtime.permit())
            .await
            .map_err(|_| CallError::NoTurn(limits.deadline))??;
        let meter = Meter::new();
        let call = async {
            let http = OutgoingHttp::new(self.client.clone(), limits.requests);
            let mut store = state::store(&self.runtime, http, meter.clone());
            let instance = self.linked.instance.instantiate_async(&mut store).await?;
            function(&self.linked, &instance, &mut store).await
        };
        let remaining = limits.deadline.saturating_sub(start.elapsed());
        match timeout(remaining, meter.measure(call)).await {
            Ok(called) => called.map_err(|error| stopped(&error, limits)),
            Err(_) => Err(CallError::DeadlineExceeded(limits.deadline)),
        }
    }
}

// What is handed to wasmtime is plain text: its secrets are zeroed when the call is over, however it
// ends.

impl Zeroize for wit::AuthenticationType {
    fn zeroize(&mut self) {
        match self {
            Self::ClientCredentials(credentials) => {
                credentials.client_id.zeroize();
                credentials.client_secret.zeroize();
            }
            Self::ControlRoomConnection(connection) => connection.access_token.zeroize(),
        }
    }
}

impl Zeroize for wit::Session {
    fn zeroize(&mut self) {
        self.token.zeroize();
    }
}

fn authentication_type(authentication: &Credentials) -> wit::AuthenticationType {
    let exposed = |secret: &SecretString| String::from(secret.expose_secret());
    match authentication {
        Credentials::ClientCredentials {
            url,
            client_id,
            client_secret,
        } => wit::AuthenticationType::ClientCredentials(wit::ClientCredentials {
            url: url.clone(),
            client_id: exposed(client_id),
            client_secret: exposed(client_secret),
        }),
        Credentials::ControlRoomConnection(connection) => {
            wit::AuthenticationType::ControlRoomConnection(wit::Connection {
                url: connection.url.clone(),
                access_token: exposed(&connection.access_token),
                token_type: connection.token_type.clone(),
                expires_in: connection.expires_in,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Limits, Runtime, Source};
    use super::*;
    use egress::{AllowList, Client, Options};

    #[tokio::test(start_paused = true)]
    async fn a_call_that_gets_no_permit_ends_at_its_deadline() {
        let runtime = Runtime::new(Limits {
            calls: 1,
            deadline: Duration::from_secs(5),
            ..Limits::default()
        })
        .unwrap();
        let client = Client::new(Options::new(AllowList::genesys())).unwrap();
        let action = Action::load(
            &runtime,
            &Source::Bytes(built_in_component::BYTES.into()),
            client,
        )
        .unwrap();
        let permit = runtime.permit().await.unwrap();
        let start = Instant::now();
        let error = action.actions("en").await.unwrap_err();
        assert!(matches!(error, CallError::NoTurn(_)), "{error:?}");
        assert_eq!(start.elapsed().as_secs(), 5);
        drop(permit);
        assert!(action.actions("en").await.is_ok());
    }
}
