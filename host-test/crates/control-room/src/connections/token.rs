//! A token for a bot, and whether there is one.

use secrecy::SecretString;

use super::connection_table::{self, CONNECTION_ROLES, Row};
use super::refresh::{Need, Subject};
use super::sign_in_table::{self, SignInRow, State};
use super::{BorrowedToken, ConnectionError, Connections, Holder, TokenOwner};
use crate::name::Name;
use crate::oauth::Grant;
use crate::store::Tx;
use crate::timestamp::Moment;
use crate::users::{is_opened, user_id};
use crate::vault::Consumer;

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Whether a new token was got. Without a refresh token the present one is all there is, and the
    /// provider was not asked.
    pub renewed: bool,
    /// Seconds that the token has left, where that is known.
    pub expires_in: Option<u32>,
    /// The scopes that the provider says it granted, if it does.
    pub granted: Option<String>,
}

/// A connection and what is stored of one holder's sign-in to it.
pub(super) struct Found {
    pub(super) row: Row,
    pub(super) subject: Subject,
    sign_in: Option<SignInRow>,
}

impl Connections {
    /// A token of the connection for a bot of `consumer`, with a minute to live at least, or all of its
    /// life where that is shorter. Where the stored one has less, a new one is asked for.
    ///
    /// # Errors
    ///
    /// Why there is none; the message says what to do and who can.
    pub async fn token(
        &self,
        name: &Name,
        consumer: &Consumer,
        token_type: TokenOwner,
    ) -> Result<BorrowedToken, ConnectionError> {
        let found = self.look(name, consumer, token_type).await?;
        let now = Moment::now();
        if found.state(|life| life.is_usable(now))? == State::Usable {
            return found.lend();
        }
        self.renew(found.subject, Need::Usable).await?;
        // It is read again: what a bot gets is what is stored, and that it may have it.
        let found = self.look(name, consumer, token_type).await?;
        found.state(|_| true)?;
        found.lend()
    }

    /// A token in place of one that the API refused though it should have lived on: it was revoked, or not
    /// used for too long. A new one is asked for unless that was done already.
    ///
    /// # Errors
    ///
    /// Why there is none; the message says what to do and who can.
    pub async fn token_instead_of(
        &self,
        refused: &SecretString,
        name: &Name,
        consumer: &Consumer,
        token_type: TokenOwner,
    ) -> Result<BorrowedToken, ConnectionError> {
        let found = self.look(name, consumer, token_type).await?;
        let sign_in = found.sign_in.as_ref();
        if sign_in.is_some_and(|sign_in| sign_in.has_token(refused)) {
            let need = Need::InsteadOf(refused.clone());
            self.renew(found.subject, need).await?;
        }
        self.token(name, consumer, token_type).await
    }

    /// Whether a bot of `consumer` may use the connection and somebody has signed in to it, before the
    /// bot runs. Nothing is asked over the network.
    ///
    /// # Errors
    ///
    /// Why not: what [`Connections::token`] would say.
    pub async fn check(
        &self,
        name: &Name,
        consumer: &Consumer,
        token_type: TokenOwner,
    ) -> Result<(), ConnectionError> {
        let found = self.look(name, consumer, token_type).await?;
        let now = Moment::now();
        found.state(|life| life.is_usable(now))?;
        Ok(())
    }

    /// Asks the provider for a new token, whatever the present one has left, and stores it. For whoever
    /// has the data folder.
    ///
    /// # Errors
    ///
    /// Why there is none; the message says what to do and who can.
    pub async fn test(&self, name: &Name, holder: &Holder) -> Result<Tested, ConnectionError> {
        let found = self.look_for(name, holder).await?;
        let now = Moment::now();
        let state = found.state(|life| life.is_usable(now))?;
        let renews = state == State::Renewable
            || found.row.settings.grant() == Grant::ClientCredentials
            || found.has_refresh_token();
        if renews {
            self.renew(found.subject, Need::Another).await?;
        }
        let found = self.look_for(name, holder).await?;
        found.state(|_| true)?;
        let expires_in = found.lend()?.expires_in;
        Ok(Tested {
            renewed: renews,
            expires_in,
            granted: found.sign_in.and_then(|sign_in| sign_in.granted),
        })
    }

    async fn look(
        &self,
        name: &Name,
        consumer: &Consumer,
        token_type: TokenOwner,
    ) -> Result<Found, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let row = connection_table::named(&mut tx, name).await?;
        if !is_opened(tx.connection(), &CONNECTION_ROLES, &row.id, &consumer.user).await? {
            return Err(ConnectionError::NoConnection(name.clone()));
        }
        let holder = match token_type {
            TokenOwner::Shared => Holder::Shared,
            TokenOwner::UserSpecific => Holder::User(consumer.user.clone()),
        };
        Found::read(&mut tx, row, holder).await
    }

    async fn look_for(&self, name: &Name, holder: &Holder) -> Result<Found, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        find(&mut tx, name, holder).await
    }
}

/// The connection of a name, for a holder who may use it.
pub(super) async fn find(
    tx: &mut Tx,
    name: &Name,
    holder: &Holder,
) -> Result<Found, ConnectionError> {
    let row = connection_table::named(tx, name).await?;
    if let Holder::User(user) = holder
        && !is_opened(tx.connection(), &CONNECTION_ROLES, &row.id, user).await?
    {
        return Err(ConnectionError::NoConnection(name.clone()));
    }
    Found::read(tx, row, holder.clone()).await
}

impl Found {
    async fn read(tx: &mut Tx, row: Row, holder: Holder) -> Result<Self, ConnectionError> {
        let user = match &holder {
            Holder::Shared if !row.settings.has_shared_token() => {
                return Err(ConnectionError::NotShared(row.name));
            }
            Holder::User(_) if row.settings.grant() == Grant::ClientCredentials => {
                return Err(ConnectionError::NotUserSpecific(row.name));
            }
            Holder::Shared => None,
            Holder::User(user) => Some(user_id(tx.connection(), user).await?),
        };
        let sign_in = sign_in_table::find(tx, &row.id, user.as_deref()).await?;
        let subject = Subject {
            connection: row.id.clone(),
            user,
            name: row.name.clone(),
            holder,
        };
        Ok(Self {
            row,
            subject,
            sign_in,
        })
    }

    fn state(
        &self,
        is_good: impl Fn(super::lifetime::Life) -> bool,
    ) -> Result<State, ConnectionError> {
        let Subject { name, holder, .. } = &self.subject;
        State::of(self.row.settings.grant(), self.sign_in.as_ref(), is_good).refuse(name, holder)
    }

    fn has_refresh_token(&self) -> bool {
        let sign_in = self.sign_in.as_ref();
        sign_in.is_some_and(|sign_in| sign_in.refresh_token.is_some())
    }

    /// The token that is stored. There is none where the connection was edited a moment ago.
    fn lend(&self) -> Result<BorrowedToken, ConnectionError> {
        let changed = || ConnectionError::Changed(self.row.name.clone());
        let sign_in = self.sign_in.as_ref().ok_or_else(changed)?;
        Ok(BorrowedToken {
            url: self.row.settings.registration.provider().token_origin(),
            access_token: sign_in.access_token.clone().ok_or_else(changed)?,
            token_type: sign_in.token_type.clone(),
            expires_in: sign_in.life.left(Moment::now()),
        })
    }
}
