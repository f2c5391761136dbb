//! How a token is renewed: once at a time, and without losing a refresh token that still works.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::watch;
use tokio::time::sleep;

use super::connection_table::{self, Row};
use super::lifetime::Life;
use super::sign_in_table::{self, SignInRow, State};
use super::{ConnectionError, Connections, Holder, Shared};
use crate::name::Name;
use crate::oauth::{Grant, TokenEndpoint, TokenError, TokenSet};
use crate::timestamp::Moment;
use bot_engine::retry::{Advice, Retryable};

/// How often storing is tried: a refresh token that was replaced exists nowhere else.
const STORE_TRIES: usize = 4;

/// The wait before storing is tried again; it gets longer each time.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Why somebody has to sign in again, where there is nothing to refresh with.
const REFUSED: &str = "Genesys Cloud does not accept its token any more, and the provider gave none to \
                       refresh it with";

/// Whose token is renewed.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// The connection's id.
    pub(super) connection: String,
    /// The user's id; none for the shared token.
    pub(super) user: Option<String>,
    pub(super) name: Name,
    pub(super) holder: Holder,
}

/// What a stored token must be good for, not to be renewed.
#[derive(Debug, Clone)]
pub(super) enum Need {
    /// To be handed out.
    Usable,
    /// To be left alone by the keeper.
    Kept,
    /// Nothing would do: a new one is asked for.
    Another,
    /// To be handed out in place of this one, which was refused.
    InsteadOf(SecretString),
}

impl Need {
    fn is_met(&self, life: Life, now: Moment) -> bool {
        match self {
            Self::Usable | Self::InsteadOf(_) => life.is_usable(now),
            Self::Kept => life.is_kept(now),
            Self::Another => false,
        }
    }

    /// Whether the stored token is the one that was refused.
    fn has_refused(&self, sign_in: Option<&SignInRow>) -> bool {
        match (self, sign_in) {
            (Self::InsteadOf(refused), Some(sign_in)) => sign_in.has_token(refused),
            _ => false,
        }
    }

    fn wish(&self) -> Wish {
        match self {
            Self::Usable | Self::Kept => Wish::Fresh,
            Self::Another => Wish::Another,
            Self::InsteadOf(_) => Wish::InsteadOf,
        }
    }
}

/// Who wishes for one has no use for the outcome of who wishes for another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Wish {
    Fresh,
    Another,
    InsteadOf,
}

/// The ids of the connection and the user, and what is wished for.
type Key = (String, Option<String>, Wish);
type Outcome = Result<(), ConnectionError>;

/// The renewals on their way in this process, so that who asks meanwhile shares the outcome.
#[derive(Default)]
pub(super) struct Renewals(Mutex<HashMap<Key, watch::Receiver<Option<Outcome>>>>);

impl Renewals {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<Option<Outcome>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a renewal off the list, however it ends.
struct UnderWay {
    connections: Connections,
    key: Key,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.connections.shared.renewals.lock().remove(&self.key);
    }
}

/// Why no token came back.
#[derive(Debug)]
enum Failure {
    Token(TokenError),
    OutOfTime,
}

impl Retryable for Failure {
    fn advice(&self) -> Advice {
        match self {
            Self::Token(TokenError::Passing { retry_after, .. }) => Advice::TryAgain(*retry_after),
            _ => Advice::GiveUp,
        }
    }

    fn out_of_time(_: Duration) -> Self {
        Self::OutOfTime
    }
}

/// What is asked for.
enum Request<'a> {
    ClientCredentials,
    Refresh(&'a SecretString),
}

impl Request<'_> {
    async fn send(&self, endpoint: &TokenEndpoint) -> Result<TokenSet, Failure> {
        let answer = match self {
            Self::ClientCredentials => endpoint.client_credentials().await,
            Self::Refresh(token) => endpoint.refresh(token).await,
        };
        answer.map_err(Failure::Token)
    }
}

impl Connections {
    /// Sees to it that the stored token meets the need, or waits for whoever does so already.
    pub(super) async fn renew(&self, subject: Subject, need: Need) -> Outcome {
        let name = subject.name.clone();
        let mut outcome = self.outcome(subject, need);
        match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
            // The task was ended with its runtime.
            Err(_) => Err(ConnectionError::OutOfTime(name)),
        }
    }

    fn outcome(&self, subject: Subject, need: Need) -> watch::Receiver<Option<Outcome>> {
        let (connection, user) = (subject.connection.clone(), subject.user.clone());
        let key = (connection, user, need.wish());
        let mut renewals = self.shared.renewals.lock();
        if let Some(outcome) = renewals.get(&key) {
            return outcome.clone();
        }
        let (tell, outcome) = watch::channel(None);
        renewals.insert(key.clone(), outcome.clone());
        drop(renewals);
        let under_way = UnderWay {
            connections: self.clone(),
            key,
        };
        let renewal = async move {
            let outcome = under_way.connections.renew_alone(&subject, need).await;
            drop(under_way);
            let _ = tell.send(Some(outcome));
        };
        let Shared { store, tasks, .. } = &*self.shared;
        // Not on the runtime of who asks: it may end between the provider's answer and the store.
        tasks.spawn_on(renewal, store.runtime());
        outcome
    }

    async fn renew_alone(&self, subject: &Subject, need: Need) -> Outcome {
        let Subject { name, holder, .. } = subject;
        let store = &self.shared.store;
        let patience = self.shared.retry.deadline;
        let finishing = &self.shared.finishing;
        let alone = store.exclusive(&subject.connection, patience);
        let Some(alone) = finishing.run_until_cancelled(alone).await else {
            return Err(ConnectionError::OutOfTime(name.clone()));
        };
        let _alone = alone?;
        // Whoever was at it before may have done it.
        let mut tx = store.read().await?;
        let row = connection_table::with_id(&mut tx, &subject.connection).await?;
        let row = row.ok_or_else(|| ConnectionError::Changed(name.clone()))?;
        let sign_in = sign_in_table::find(&mut tx, &row.id, subject.user.as_deref()).await?;
        drop(tx);
        let now = Moment::now();
        let grant = row.settings.grant();
        let is_refused = need.has_refused(sign_in.as_ref());
        if let Some(sign_in) = sign_in.as_ref().filter(|_| is_refused)
            && sign_in.refresh_token.is_none()
            && grant != Grant::ClientCredentials
        {
            return self.end(subject, &sign_in.id, REFUSED.into()).await;
        }
        let is_good = |life| !is_refused && need.is_met(life, now);
        let state = State::of(grant, sign_in.as_ref(), is_good);
        if state.refuse(name, holder)? == State::Usable {
            return Ok(());
        }
        let network = self.shared.network.clone();
        let endpoint = TokenEndpoint::new(row.settings.registration.clone(), network)?;
        match sign_in {
            _ if grant == Grant::ClientCredentials => self.fetch(subject, &row, &endpoint).await,
            Some(sign_in) => self.refresh(subject, &sign_in, &endpoint).await,
            None => Ok(()),
        }
    }

    /// A token for the client itself, stored unless the connection has become another client.
    async fn fetch(&self, subject: &Subject, row: &Row, endpoint: &TokenEndpoint) -> Outcome {
        let tokens = self
            .ask(subject, endpoint, Request::ClientCredentials)
            .await;
        let tokens = tokens.map_err(|failure| failed(subject, failure))?;
        let stored = self.store_fetched(subject, row, &tokens).await;
        if stored.is_err() {
            let provider = endpoint.registration().provider();
            self.discard(&subject.name, provider, &tokens).await;
        }
        stored
    }

    async fn store_fetched(&self, subject: &Subject, row: &Row, tokens: &TokenSet) -> Outcome {
        let mut tx = self.shared.store.write().await?;
        match connection_table::with_id(&mut tx, &row.id).await? {
            Some(now) if now.revision == row.revision => {}
            _ => return Err(ConnectionError::Changed(subject.name.clone())),
        }
        sign_in_table::replace(&mut tx, &row.id, None, tokens).await?;
        Ok(tx.commit().await?)
    }

    /// A new access token for a refresh token. Where the sign-in was replaced or removed meanwhile it is ended,
    /// and whoever asked reads what there is now.
    async fn refresh(
        &self,
        subject: &Subject,
        sign_in: &SignInRow,
        endpoint: &TokenEndpoint,
    ) -> Outcome {
        let Some(refresh_token) = &sign_in.refresh_token else {
            return Ok(());
        };
        let store = &self.shared.store;
        let mut tx = store.write().await?;
        if !sign_in_table::begin_refresh(&mut tx, &sign_in.id).await? {
            return Ok(());
        }
        tx.commit().await?;
        let request = Request::Refresh(refresh_token);
        match self.ask(subject, endpoint, request).await {
            Ok(tokens) => {
                if !self.keep(subject, &sign_in.id, &tokens).await? {
                    let provider = endpoint.registration().provider();
                    self.discard(&subject.name, provider, &tokens).await;
                }
                Ok(())
            }
            Err(Failure::Token(TokenError::SignInNeeded(refusal))) => {
                let mut reason = refusal.to_string();
                if sign_in.is_unanswered {
                    reason += "; the answer to an earlier refresh never arrived";
                }
                self.end(subject, &sign_in.id, reason).await
            }
            Err(failure) => Err(failed(subject, failure)),
        }
    }

    /// Notes that somebody has to sign in again, and says so.
    async fn end(&self, subject: &Subject, id: &str, reason: String) -> Outcome {
        let mut tx = self.shared.store.write().await?;
        if !sign_in_table::end(&mut tx, id, &reason).await? {
            return Ok(());
        }
        tx.commit().await?;
        tracing::warn!(connection = %subject.name, %reason, "a sign-in has ended");
        Err(ConnectionError::SignInNeeded {
            name: subject.name.clone(),
            holder: subject.holder.clone(),
            reason,
        })
    }

    /// Asks until there is an answer, or no point in asking again.
    async fn ask(
        &self,
        subject: &Subject,
        endpoint: &TokenEndpoint,
        request: Request<'_>,
    ) -> Result<TokenSet, Failure> {
        let mut tries = self.shared.retry.begin();
        let finishing = &self.shared.finishing;
        loop {
            if finishing.is_cancelled() {
                return Err(Failure::OutOfTime);
            }
            // The provider may have replaced the refresh token: its answer is heard, however late. The
            // endpoint ends the request by itself.
            let attempt = tries.attempt_to_its_end(request.send(endpoint));
            let failure = match attempt.await {
                Ok(tokens) => {
                    let lives = tokens.expires_in;
                    tracing::info!(connection = %subject.name, lives, "got a new token");
                    return Ok(tokens);
                }
                Err(failure) => failure,
            };
            let length = tries.again(failure)?.length;
            tracing::info!(connection = %subject.name, wait = ?length, "no token yet, trying again");
            finishing.run_until_cancelled(sleep(length)).await;
        }
    }

    /// Stores refreshed tokens before anybody gets them; false where their sign-in is gone.
    async fn keep(
        &self,
        subject: &Subject,
        id: &str,
        tokens: &TokenSet,
    ) -> Result<bool, ConnectionError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.keep_once(id, tokens).await {
                Err(error) if tries < STORE_TRIES => {
                    tracing::warn!(%error, "a refreshed token is not stored yet, trying again");
                    sleep(STORE_PAUSE * (1 << tries)).await;
                }
                Err(error) => {
                    let connection = &subject.name;
                    tracing::error!(%connection, %error, "a refreshed token is lost: it cannot be stored");
                    return Err(error);
                }
                kept => return kept,
            }
        }
    }

    async fn keep_once(&self, id: &str, tokens: &TokenSet) -> Result<bool, ConnectionError> {
        let mut tx = self.shared.store.write().await?;
        let updated = sign_in_table::update(&mut tx, id, tokens).await?;
        tx.commit().await?;
        Ok(updated)
    }
}

fn failed(subject: &Subject, failure: Failure) -> ConnectionError {
    let name = subject.name.clone();
    match failure {
        Failure::Token(error) => ConnectionError::NoToken {
            name,
            error: error.into(),
        },
        Failure::OutOfTime => ConnectionError::OutOfTime(name),
    }
}
