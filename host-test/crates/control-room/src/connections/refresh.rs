//! How a token is refreshed: one refresh at a time, and without losing a refresh token that still works.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::watch;
use tokio::time::sleep;

use super::connection_table::{self, StoredConnection};
use super::lifetime::Lifetime;
use super::sign_in_table::{self, StoredSignIn, TokenState};
use super::{ConnectionError, Connections, LastFailure, Shared, SignInOwner};
use crate::name::Name;
use crate::oauth::{Grant, TokenEndpoint, TokenError, TokenSet};
use crate::store::{Exclusive, StoreError};
use crate::timestamp::Timestamp;
use bot_engine::retry::{Advice, Retryable};

/// How often storing is tried: a refresh token that was rotated exists nowhere else.
const STORE_ATTEMPTS: usize = 4;

/// The wait before storing is retried; it doubles each time.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Why somebody has to sign in again if the API refuses the token and there is no refresh token.
const TOKEN_REFUSED: &str =
    "Genesys Cloud no longer accepts its token, and the provider issued no refresh token";

/// Identifies a token: its connection and its owner.
#[derive(Debug, Clone)]
pub(super) struct TokenKey {
    pub(super) connection_id: String,
    /// `None` for the shared token.
    pub(super) user_id: Option<String>,
    /// The connection's name.
    pub(super) name: Name,
    pub(super) owner: SignInOwner,
}

/// Why a token is refreshed.
#[derive(Debug, Clone)]
pub(super) enum RefreshReason {
    /// A bot needs one that can be lent.
    NotUsable,
    /// The refresher finds that it is due.
    Due,
    /// A new one was requested explicitly, even if the present one is valid.
    Forced,
    /// The API refused this one.
    Refused(SecretString),
}

impl RefreshReason {
    /// Whether the stored token will do, for example because another task has refreshed it meanwhile.
    fn is_settled_by(&self, lifetime: Lifetime, now: Timestamp) -> bool {
        match self {
            Self::NotUsable | Self::Refused(_) => lifetime.is_usable(now),
            Self::Due => lifetime.is_fresh(now),
            Self::Forced => false,
        }
    }

    /// Whether the stored token is the one that the API refused.
    fn is_refused(&self, sign_in: Option<&StoredSignIn>) -> bool {
        match (self, sign_in) {
            (Self::Refused(refused), Some(sign_in)) => sign_in.has_token(refused),
            _ => false,
        }
    }

    fn kind(&self) -> ReasonKind {
        match self {
            Self::NotUsable | Self::Due => ReasonKind::Expiring,
            Self::Forced => ReasonKind::Forced,
            Self::Refused(_) => ReasonKind::Refused,
        }
    }
}

/// Refreshes of different kinds do not share their outcome: one may settle what does not settle the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ReasonKind {
    Expiring,
    Forced,
    Refused,
}

/// The ids of the connection and the user, and the kind of reason.
type FlightKey = (String, Option<String>, ReasonKind);
type Outcome = Result<(), ConnectionError>;

/// Single flight: the refreshes in progress in this process, whose outcome concurrent callers share.
#[derive(Default)]
pub(super) struct Refreshes(Mutex<HashMap<FlightKey, watch::Receiver<Option<Outcome>>>>);

impl Refreshes {
    fn lock(&self) -> MutexGuard<'_, HashMap<FlightKey, watch::Receiver<Option<Outcome>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Guard that removes a refresh from the list, however it ends.
struct InProgress {
    connections: Connections,
    key: FlightKey,
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.connections.shared.refreshes.lock().remove(&self.key);
    }
}

/// Why there is no new token.
#[derive(Debug)]
enum Failure {
    Token(TokenError),
    TimedOut,
}

impl Retryable for Failure {
    fn advice(&self) -> Advice {
        match self {
            Self::Token(TokenError::Transient { retry_after, .. }) => {
                Advice::TryAgain(*retry_after)
            }
            _ => Advice::GiveUp,
        }
    }

    fn timed_out(_: Duration) -> Self {
        Self::TimedOut
    }
}

/// A request to the token endpoint.
enum Request<'a> {
    ClientCredentials,
    Refresh(&'a SecretString),
}

impl Request<'_> {
    async fn send(&self, endpoint: &TokenEndpoint) -> Result<TokenSet, Failure> {
        let response = match self {
            Self::ClientCredentials => endpoint.client_credentials().await,
            Self::Refresh(token) => endpoint.refresh(token).await,
        };
        response.map_err(Failure::Token)
    }
}

impl Connections {
    /// Refreshes the stored token, or waits for a refresh in progress and shares its outcome.
    pub(super) async fn refresh(&self, key: TokenKey, reason: RefreshReason) -> Outcome {
        let name = key.name.clone();
        let mut outcome = self.outcome(key, reason);
        match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
            // The task was dropped with its runtime.
            Err(_) => Err(ConnectionError::TimedOut(name)),
        }
    }

    fn outcome(&self, key: TokenKey, reason: RefreshReason) -> watch::Receiver<Option<Outcome>> {
        let (connection, user) = (key.connection_id.clone(), key.user_id.clone());
        let flight = (connection, user, reason.kind());
        let mut refreshes = self.shared.refreshes.lock();
        if let Some(outcome) = refreshes.get(&flight) {
            return outcome.clone();
        }
        let (report, outcome) = watch::channel(None);
        refreshes.insert(flight.clone(), outcome.clone());
        drop(refreshes);
        let in_progress = InProgress {
            connections: self.clone(),
            key: flight,
        };
        let refresh = async move {
            let connections = &in_progress.connections;
            let outcome = connections.refresh_exclusively(&key, reason).await;
            drop(in_progress);
            let _ = report.send(Some(outcome));
        };
        let Shared { store, tasks, .. } = &*self.shared;
        // Not on the caller's runtime, which may end between the provider's response and the store.
        tasks.spawn_on(refresh, store.runtime());
        outcome
    }

    async fn refresh_exclusively(&self, key: &TokenKey, reason: RefreshReason) -> Outcome {
        let TokenKey { name, owner, .. } = key;
        let store = &self.shared.store;
        let patience = self.shared.retry.deadline;
        let finishing = &self.shared.finishing;
        let lock = store.exclusive(&key.connection_id, patience);
        let Some(lock) = finishing.run_until_cancelled(lock).await else {
            return Err(ConnectionError::TimedOut(name.clone()));
        };
        let lock = lock?;
        // Another task or process may have refreshed it while this one waited.
        let mut tx = store.read().await?;
        let connection = connection_table::with_id(&mut tx, &key.connection_id).await?;
        let connection = connection.ok_or_else(|| ConnectionError::Changed(name.clone()))?;
        let sign_in = sign_in_table::find(&mut tx, &connection.id, key.user_id.as_deref()).await?;
        drop(tx);
        let now = Timestamp::now();
        let grant = connection.settings.grant();
        let is_refused = reason.is_refused(sign_in.as_ref());
        if let Some(sign_in) = sign_in.as_ref().filter(|_| is_refused)
            && sign_in.refresh_token.is_none()
            && grant != Grant::ClientCredentials
        {
            return self
                .invalidate(&lock, key, &sign_in.id, TOKEN_REFUSED.into())
                .await;
        }
        let is_good = |lifetime| !is_refused && reason.is_settled_by(lifetime, now);
        let status = sign_in.as_ref().map(|sign_in| &sign_in.status);
        if TokenState::of(grant, status, is_good).check(name, owner)? == TokenState::Usable {
            return Ok(());
        }
        let network = self.shared.network.clone();
        let registration = connection.settings.registration.clone();
        let endpoint = TokenEndpoint::new(registration, network)?;
        let outcome = match &sign_in {
            _ if grant == Grant::ClientCredentials => {
                self.request_for_client(&lock, key, &connection, &endpoint)
                    .await
            }
            Some(sign_in) => {
                self.request_with_refresh_token(&lock, key, sign_in, &endpoint)
                    .await
            }
            None => Ok(()),
        };
        if let Err(error) = &outcome {
            self.note(&lock, &connection, sign_in.as_ref(), error).await;
        }
        outcome
    }

    /// Stores why there is no token. A request that was given up because the program ends says nothing about it.
    async fn note(
        &self,
        lock: &Exclusive,
        connection: &StoredConnection,
        sign_in: Option<&StoredSignIn>,
        error: &ConnectionError,
    ) {
        let is_given_up =
            matches!(error, ConnectionError::TimedOut(_)) && self.shared.finishing.is_cancelled();
        let Some(failure) = LastFailure::of(error).filter(|_| !is_given_up) else {
            return;
        };
        let id = sign_in.map(|sign_in| sign_in.id.as_str());
        if let Err(error) = self.try_note(lock, connection, id, &failure).await {
            let connection = &connection.name;
            tracing::warn!(%connection, %error, "why there is no token is not stored");
        }
    }

    async fn try_note(
        &self,
        lock: &Exclusive,
        connection: &StoredConnection,
        sign_in: Option<&str>,
        failure: &LastFailure,
    ) -> Result<(), ConnectionError> {
        let mut tx = lock.write().await?;
        match connection_table::with_id(&mut tx, &connection.id).await? {
            Some(current) if current.revision == connection.revision => {}
            _ => return Ok(()),
        }
        sign_in_table::note_failure(&mut tx, &connection.id, sign_in, failure).await?;
        Ok(tx.commit().await?)
    }

    /// Requests a token for the client itself, and stores it unless the connection has become another client.
    async fn request_for_client(
        &self,
        lock: &Exclusive,
        key: &TokenKey,
        connection: &StoredConnection,
        endpoint: &TokenEndpoint,
    ) -> Outcome {
        let tokens = self
            .request(key, endpoint, Request::ClientCredentials)
            .await;
        let tokens = tokens.map_err(|failure| no_token(key, failure))?;
        let stored = self.store_for_client(lock, key, connection, &tokens).await;
        if stored.is_err() {
            let provider = endpoint.registration().provider();
            self.revoke_late(&key.name, provider, &tokens).await;
        }
        stored
    }

    async fn store_for_client(
        &self,
        lock: &Exclusive,
        key: &TokenKey,
        connection: &StoredConnection,
        tokens: &TokenSet,
    ) -> Outcome {
        let mut tx = lock.write().await?;
        match connection_table::with_id(&mut tx, &connection.id).await? {
            Some(current) if current.revision == connection.revision => {}
            _ => return Err(ConnectionError::Changed(key.name.clone())),
        }
        sign_in_table::replace(&mut tx, &connection.id, None, tokens).await?;
        Ok(tx.commit().await?)
    }

    /// Exchanges the refresh token. If the sign-in was replaced or removed meanwhile, the new token is revoked, and
    /// callers read what is stored then.
    async fn request_with_refresh_token(
        &self,
        lock: &Exclusive,
        key: &TokenKey,
        sign_in: &StoredSignIn,
        endpoint: &TokenEndpoint,
    ) -> Outcome {
        let Some(refresh_token) = &sign_in.refresh_token else {
            return Ok(());
        };
        let mut tx = lock.write().await?;
        if !sign_in_table::begin_refresh(&mut tx, &sign_in.id).await? {
            return Ok(());
        }
        tx.commit().await?;
        let request = Request::Refresh(refresh_token);
        match self.request(key, endpoint, request).await {
            Ok(tokens) => {
                if !self
                    .store_refreshed(lock, key, &sign_in.id, &tokens)
                    .await?
                {
                    let provider = endpoint.registration().provider();
                    self.revoke_late(&key.name, provider, &tokens).await;
                }
                Ok(())
            }
            Err(Failure::Token(TokenError::SignInNeeded(refusal))) => {
                let mut reason = refusal.to_string();
                if sign_in.is_unanswered {
                    reason += "; the response to an earlier refresh never arrived";
                }
                self.invalidate(lock, key, &sign_in.id, reason).await
            }
            Err(failure) => Err(no_token(key, failure)),
        }
    }

    /// Stores that somebody has to sign in again, and fails with that.
    async fn invalidate(
        &self,
        lock: &Exclusive,
        key: &TokenKey,
        id: &str,
        reason: String,
    ) -> Outcome {
        let mut tx = lock.write().await?;
        if !sign_in_table::invalidate(&mut tx, id, &reason).await? {
            return Ok(());
        }
        tx.commit().await?;
        tracing::warn!(connection = %key.name, %reason, "somebody has to sign in again");
        Err(ConnectionError::SignInNeeded {
            name: key.name.clone(),
            owner: key.owner.clone(),
            reason,
        })
    }

    /// Sends a request until there is a response, or a retry is pointless.
    async fn request(
        &self,
        key: &TokenKey,
        endpoint: &TokenEndpoint,
        request: Request<'_>,
    ) -> Result<TokenSet, Failure> {
        let mut tries = self.shared.retry.begin();
        let finishing = &self.shared.finishing;
        loop {
            if finishing.is_cancelled() {
                return Err(Failure::TimedOut);
            }
            // The provider may have rotated the refresh token, so its response is awaited, however late. The endpoint
            // limits how long that takes.
            let attempt = tries.attempt_to_completion(request.send(endpoint));
            let failure = match attempt.await {
                Ok(tokens) => {
                    let expires_in = tokens.expires_in;
                    tracing::info!(connection = %key.name, expires_in, "got a new token");
                    return Ok(tokens);
                }
                Err(failure) => failure,
            };
            let wait = tries.next_wait(failure)?.length;
            tracing::info!(connection = %key.name, ?wait, "no token yet, trying again");
            finishing.run_until_cancelled(sleep(wait)).await;
        }
    }

    /// Stores refreshed tokens before anybody gets them; false if their sign-in no longer exists.
    async fn store_refreshed(
        &self,
        lock: &Exclusive,
        key: &TokenKey,
        id: &str,
        tokens: &TokenSet,
    ) -> Result<bool, ConnectionError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match try_store_refreshed(lock, id, tokens).await {
                Err(error) if attempts < STORE_ATTEMPTS && !is_lease_lost(&error) => {
                    tracing::warn!(%error, "a refreshed token is not stored yet, trying again");
                    sleep(STORE_PAUSE * (1 << attempts)).await;
                }
                Err(error) => {
                    let connection = &key.name;
                    tracing::error!(%connection, %error, "a refreshed token is lost: it cannot be stored");
                    return Err(error);
                }
                stored => return stored,
            }
        }
    }
}

/// Whether another process has taken over, so that another attempt is in vain.
fn is_lease_lost(error: &ConnectionError) -> bool {
    matches!(error, ConnectionError::Store(error) if matches!(**error, StoreError::LeaseLost))
}

async fn try_store_refreshed(
    lock: &Exclusive,
    id: &str,
    tokens: &TokenSet,
) -> Result<bool, ConnectionError> {
    let mut tx = lock.write().await?;
    let updated = sign_in_table::update(&mut tx, id, tokens).await?;
    tx.commit().await?;
    Ok(updated)
}

fn no_token(key: &TokenKey, failure: Failure) -> ConnectionError {
    let name = key.name.clone();
    match failure {
        Failure::Token(error) => ConnectionError::NoToken {
            name,
            error: error.into(),
        },
        Failure::TimedOut => ConnectionError::TimedOut(name),
    }
}
