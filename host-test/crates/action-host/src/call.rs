//! The functions of the contract. Each call gets a fresh instance, which starts with zeroed memory
//! and is dropped afterwards: nothing of one bot is left for the next.

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
use super::outgoing_http::Egress;
use super::state::{self, State};
use super::stopped::stopped;
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

    /// Ends a session's token at Genesys Cloud, for everybody who holds it.
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

    /// The action's words for an error, in the language of `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// What stopped the call; the action itself cannot fail at this.
    pub async fn explain(&self, error: &ActionError, locale: &str) -> Result<String, CallError> {
        self.call(async |linked, instance, store| {
            let oauth = linked.oauth.load(&mut *store, instance)?;
            oauth.call_explain(store, error, locale).await
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
        self.call(async |linked, instance, store| {
            let form = linked.form.load(&mut *store, instance)?;
            form.call_actions(store, locale).await
        })
        .await
    }

    /// Waits for its turn, makes an instance, lets `function` call it, and drops it, within the
    /// deadline.
    async fn call<T>(
        &self,
        function: impl AsyncFnOnce(&Linked, &Instance, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let limits = self.runtime.limits();
        let asked = Instant::now();
        let _turn = timeout(limits.deadline, self.runtime.turn())
            .await
            .map_err(|_| CallError::NoTurn(limits.deadline))??;
        let meter = Meter::new();
        let call = async {
            let egress = Egress::new(self.client.clone(), limits.requests);
            let mut store = state::store(&self.runtime, egress, meter.clone());
            let instance = self.linked.instance.instantiate_async(&mut store).await?;
            function(&self.linked, &instance, &mut store).await
        };
        let left = limits.deadline.saturating_sub(asked.elapsed());
        match timeout(left, meter.measure(call)).await {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Limits, Runtime, Source};
    use super::*;
    use egress::{AllowList, Client, Options};

    #[tokio::test(start_paused = true)]
    async fn a_call_whose_turn_does_not_come_ends_at_its_deadline() {
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
        let turn = runtime.turn().await.unwrap();
        let asked = Instant::now();
        let error = action.actions("en").await.unwrap_err();
        assert!(matches!(error, CallError::NoTurn(_)), "{error:?}");
        assert_eq!(asked.elapsed().as_secs(), 5);
        drop(turn);
        assert!(action.actions("en").await.is_ok());
    }
}
