//! A token for a bot, and whether there is one.

use bot_engine::{BorrowedToken, TokenOwner};
use secrecy::SecretString;

use super::connection_table::{self, StoredConnection};
use super::lifetime::Lifetime;
use super::refresh::{RefreshReason, TokenKey};
use super::sign_in_table::{self, StoredSignIn, TokenState};
use super::{ConnectionError, Connections, SignInOwner};
use crate::name::Name;
use crate::oauth::Grant;
use crate::store::integrity::Rows;
use crate::store::{NamedRow, Tx};
use crate::timestamp::Timestamp;
use crate::users::{CONNECTION_ROLES, user, user_has_access, user_id};

/// The outcome of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    /// Whether a new token was requested. Without a refresh token there is only the present one, and no request
    /// was sent.
    pub refreshed: bool,
    /// The seconds until the token expires, if that is known.
    pub expires_in: Option<u32>,
    /// The granted scopes, if the provider names them.
    pub granted: Option<String>,
}

/// A connection with one of the sign-ins to it.
pub(super) struct Found {
    pub(super) connection: StoredConnection,
    pub(super) key: TokenKey,
    sign_in: Option<StoredSignIn>,
}

impl Connections {
    /// Lends a token of the connection to a bot that runs on behalf of this user. At least a minute of its life is
    /// left, or a tenth if its whole life is shorter than that. If the stored token has less, it is refreshed.
    ///
    /// # Errors
    ///
    /// Why there is none; the message says what to do and who can.
    pub async fn token(
        &self,
        name: &Name,
        on_behalf_of: &Name,
        owner: TokenOwner,
    ) -> Result<BorrowedToken, ConnectionError> {
        let found = self.find(name, on_behalf_of, owner).await?;
        let now = Timestamp::now();
        if found.state(|lifetime| lifetime.is_usable(now))? == TokenState::Usable {
            if let Some(sign_in) = found.failed() {
                self.clear_failure(name, sign_in).await;
            }
            return found.lend();
        }
        self.refresh(found.key, RefreshReason::NotUsable).await?;
        // It is read again: a bot gets what is stored, if it still may.
        let found = self.find(name, on_behalf_of, owner).await?;
        found.state(|_| true)?;
        found.lend()
    }

    /// The last use has not failed after all: there was a usable token.
    async fn clear_failure(&self, name: &Name, sign_in: &str) {
        let forget = async {
            let mut tx = self.shared.store.write().await?;
            sign_in_table::set_failure(&mut tx, &[sign_in], None).await?;
            Ok::<_, ConnectionError>(tx.commit().await?)
        };
        if let Err(error) = forget.await {
            tracing::warn!(connection = %name, %error, "that a token was lent is not stored");
        }
    }

    /// Lends a token in place of one that the API refused although it has not expired: it was revoked, or was not
    /// used for too long. It is refreshed unless that has been done already.
    ///
    /// # Errors
    ///
    /// Why there is none; the message says what to do and who can.
    pub async fn token_instead_of(
        &self,
        refused: &SecretString,
        name: &Name,
        on_behalf_of: &Name,
        owner: TokenOwner,
    ) -> Result<BorrowedToken, ConnectionError> {
        let found = self.find(name, on_behalf_of, owner).await?;
        let sign_in = found.sign_in.as_ref();
        if sign_in.is_some_and(|sign_in| sign_in.has_token(refused)) {
            let reason = RefreshReason::Refused(refused.clone());
            self.refresh(found.key, reason).await?;
        }
        self.token(name, on_behalf_of, owner).await
    }

    /// Checks, before a bot runs on behalf of this user, that it may use the connection and that somebody has signed
    /// in to it. No request is sent.
    ///
    /// # Errors
    ///
    /// As [`Connections::token`].
    pub async fn check(
        &self,
        name: &Name,
        on_behalf_of: &Name,
        owner: TokenOwner,
    ) -> Result<(), ConnectionError> {
        let found = self.find(name, on_behalf_of, owner).await?;
        let now = Timestamp::now();
        found.state(|lifetime| lifetime.is_usable(now))?;
        Ok(())
    }

    /// Requests a new token, however long the present one is valid, and stores it.
    ///
    /// # Errors
    ///
    /// Why there is none; the message says what to do and who can.
    pub async fn test(
        &self,
        name: &Name,
        owner: &SignInOwner,
    ) -> Result<TestOutcome, ConnectionError> {
        let found = self.find_for(name, owner).await?;
        let now = Timestamp::now();
        let state = found.state(|lifetime| lifetime.is_usable(now))?;
        let refreshes = state == TokenState::Refreshable
            || found.connection.settings.grant() == Grant::ClientCredentials
            || found.has_refresh_token();
        if refreshes {
            self.refresh(found.key, RefreshReason::Forced).await?;
        }
        let found = self.find_for(name, owner).await?;
        found.state(|_| true)?;
        let expires_in = found.lend()?.expires_in;
        Ok(TestOutcome {
            refreshed: refreshes,
            expires_in,
            granted: found.sign_in.and_then(|sign_in| sign_in.status.granted),
        })
    }

    async fn find(
        &self,
        name: &Name,
        on_behalf_of: &Name,
        owner: TokenOwner,
    ) -> Result<Found, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        user_id(&mut tx, on_behalf_of).await?;
        let connection = connection_table::named(&mut tx, name).await?;
        check_access(&mut tx, (name, &connection), on_behalf_of).await?;
        let owner = match owner {
            TokenOwner::Shared => SignInOwner::Shared,
            TokenOwner::UserSpecific => SignInOwner::User(on_behalf_of.clone()),
        };
        Found::read(&mut tx, connection, owner).await
    }

    async fn find_for(&self, name: &Name, owner: &SignInOwner) -> Result<Found, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        find(&mut tx, name, owner).await
    }
}

/// The connection of this name with a sign-in to it. A user must be allowed to use the connection.
pub(super) async fn find(
    tx: &mut Tx,
    name: &Name,
    owner: &SignInOwner,
) -> Result<Found, ConnectionError> {
    if let SignInOwner::User(user) = owner {
        user_id(tx, user).await?;
    }
    let connection = connection_table::named(tx, name).await?;
    if let SignInOwner::User(user) = owner {
        check_access(tx, (name, &connection), user).await?;
    }
    Found::read(tx, connection, owner.clone()).await
}

/// Checks that the user may use the connection that was found by this name. The error has that name and not the stored one,
/// whose capitals would tell that it exists.
pub(super) async fn check_access(
    tx: &mut Tx,
    (name, connection): (&Name, &StoredConnection),
    user: &Name,
) -> Result<(), ConnectionError> {
    let rows = Rows::With("id", &[&connection.id]);
    if user_has_access(tx, &CONNECTION_ROLES, rows, user).await? {
        Ok(())
    } else {
        Err(ConnectionError::NoConnection(name.clone()))
    }
}

impl Found {
    /// The sign-in, if its last use failed.
    fn failed(&self) -> Option<&str> {
        let sign_in = self.sign_in.as_ref()?;
        sign_in.status.last_failure.as_ref()?;
        Some(&sign_in.id)
    }

    async fn read(
        tx: &mut Tx,
        connection: StoredConnection,
        owner: SignInOwner,
    ) -> Result<Self, ConnectionError> {
        let (user_id, owner) = match owner {
            SignInOwner::Shared if !connection.settings.has_shared_token() => {
                return Err(ConnectionError::NotShared(connection.name));
            }
            SignInOwner::User(_) if connection.settings.grant() == Grant::ClientCredentials => {
                return Err(ConnectionError::NotUserSpecific(connection.name));
            }
            SignInOwner::Shared => (None, SignInOwner::Shared),
            SignInOwner::User(name) => {
                let NamedRow { id, name } = user(tx, &name).await?;
                (Some(id), SignInOwner::User(name))
            }
        };
        let sign_in = sign_in_table::find(tx, &connection.id, user_id.as_deref()).await?;
        let key = TokenKey {
            connection_id: connection.id.clone(),
            user_id,
            name: connection.name.clone(),
            owner,
        };
        Ok(Self {
            connection,
            key,
            sign_in,
        })
    }

    fn state(&self, is_good: impl Fn(Lifetime) -> bool) -> Result<TokenState, ConnectionError> {
        let TokenKey { name, owner, .. } = &self.key;
        let status = self.sign_in.as_ref().map(|sign_in| &sign_in.status);
        TokenState::of(self.connection.settings.grant(), status, is_good).check(name, owner)
    }

    fn has_refresh_token(&self) -> bool {
        let sign_in = self.sign_in.as_ref();
        sign_in.is_some_and(|sign_in| sign_in.refresh_token.is_some())
    }

    /// The stored token. There is none if the connection was edited a moment ago.
    fn lend(&self) -> Result<BorrowedToken, ConnectionError> {
        let changed = || ConnectionError::Changed(self.connection.name.clone());
        let sign_in = self.sign_in.as_ref().ok_or_else(changed)?;
        let registration = &self.connection.settings.registration;
        Ok(BorrowedToken {
            url: registration.provider().token_origin(),
            access_token: sign_in.access_token.clone().ok_or_else(changed)?,
            token_type: sign_in.token_type.clone(),
            expires_in: sign_in.status.lifetime.remaining_seconds(Timestamp::now()),
        })
    }
}
