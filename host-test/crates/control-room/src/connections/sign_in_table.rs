//! The table of sign-ins: what tokens there are, whose they are, and whether they still do.

use secrecy::{ExposeSecret, SecretString};

use super::backoff::Grounds;
use super::lifetime::Life;
use super::revocation::Leftover;
use super::settings::SignInState;
use super::{ConnectionError, Holder};
use crate::name::Name;
use crate::oauth::{Grant, TokenSet};
use crate::store::random::row_id;
use crate::store::seal::{ACCESS_TOKEN, REFRESH_TOKEN, SealedColumn};
use crate::store::{StoreError, Tx, name_of};
use crate::timestamp::Moment;

const TABLE: &str = "connection_sign_ins";

/// Why there is nothing to refresh with.
const NO_REFRESH_TOKEN: &str =
    "its token has expired, and the provider gave none to refresh it with";

/// A sign-in as it is stored.
#[derive(Debug, Clone)]
pub(super) struct SignInRow {
    pub(super) id: String,
    /// None where it ended.
    pub(super) access_token: Option<SecretString>,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) token_type: String,
    pub(super) life: Life,
    pub(super) granted: Option<String>,
    /// Whether the answer to an earlier refresh was never seen.
    pub(super) is_unanswered: bool,
    pub(super) ended_because: Option<String>,
}

impl SignInRow {
    /// Whether this is its access token.
    pub(super) fn has_token(&self, token: &SecretString) -> bool {
        let stored = self.access_token.as_ref();
        stored.is_some_and(|stored| stored.expose_secret() == token.expose_secret())
    }
}

/// What a sign-in is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Its token can be handed out.
    Usable,
    /// A new token can be asked for.
    Renewable,
    /// Nobody has signed in.
    NotSignedIn,
    /// Somebody has to sign in again, for this reason.
    Ended(String),
}

impl State {
    /// What `row` is good for, where a token is good as long as `is_good` says.
    pub(super) fn of(
        grant: Grant,
        row: Option<&SignInRow>,
        is_good: impl Fn(Life) -> bool,
    ) -> Self {
        match row {
            None if grant == Grant::ClientCredentials => Self::Renewable,
            None => Self::NotSignedIn,
            Some(row) => {
                if let Some(reason) = &row.ended_because {
                    return Self::Ended(reason.clone());
                }
                if row.access_token.is_some() && is_good(row.life) {
                    return Self::Usable;
                }
                if grant == Grant::ClientCredentials || row.refresh_token.is_some() {
                    return Self::Renewable;
                }
                Self::Ended(NO_REFRESH_TOKEN.into())
            }
        }
    }

    /// The error, where there is no token and none can be asked for.
    pub(super) fn refuse(self, name: &Name, holder: &Holder) -> Result<Self, ConnectionError> {
        let (name, holder) = (name.clone(), holder.clone());
        match self {
            Self::NotSignedIn => Err(ConnectionError::NotSignedIn { name, holder }),
            Self::Ended(reason) => Err(ConnectionError::SignInNeeded {
                name,
                holder,
                reason,
            }),
            state => Ok(state),
        }
    }
}

type Columns = (
    String,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    String,
    i64,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<String>,
);

/// The sign-in to a connection of a user, or the shared one.
pub(super) async fn find(
    tx: &mut Tx,
    connection: &str,
    user: Option<&str>,
) -> Result<Option<SignInRow>, ConnectionError> {
    let found: Option<Columns> = sqlx::query_as(
        "SELECT id, sealed_access_token, sealed_refresh_token, token_type, asked_at, expires_at, \
         granted, refresh_began, ended_because FROM connection_sign_ins \
         WHERE connection_id = $1 AND COALESCE(user_id, '') = $2",
    )
    .bind(connection)
    .bind(user.unwrap_or_default())
    .fetch_optional(tx.connection())
    .await?;
    let Some((id, access, refresh, token_type, asked_at, expires_at, granted, began, ended)) =
        found
    else {
        return Ok(None);
    };
    let open = |column: &SealedColumn, sealed: Option<Vec<u8>>| {
        let opened = sealed.map(|sealed| tx.open(column, &[&id], &sealed));
        opened.transpose()
    };
    Ok(Some(SignInRow {
        access_token: open(&ACCESS_TOKEN, access)?,
        refresh_token: open(&REFRESH_TOKEN, refresh)?,
        token_type,
        life: Life {
            asked_at: Moment(asked_at),
            expires_at: expires_at.map(Moment),
        },
        granted,
        is_unanswered: began.is_some(),
        ended_because: ended,
        id,
    }))
}

/// Stores the tokens of a new sign-in, in place of what there was.
pub(super) async fn replace(
    tx: &mut Tx,
    connection: &str,
    user: Option<&str>,
    tokens: &TokenSet,
) -> Result<(), ConnectionError> {
    sqlx::query(
        "DELETE FROM connection_sign_ins WHERE connection_id = $1 AND COALESCE(user_id, '') = $2",
    )
    .bind(connection)
    .bind(user.unwrap_or_default())
    .execute(tx.connection())
    .await?;
    let id = row_id();
    sqlx::query(
        "INSERT INTO connection_sign_ins (id, connection_id, user_id, token_type, asked_at) \
         VALUES ($1, $2, $3, '', 0)",
    )
    .bind(&id)
    .bind(connection)
    .bind(user)
    .execute(tx.connection())
    .await?;
    update(tx, &id, tokens).await?;
    Ok(())
}

/// Stores the tokens of a refresh; false where the sign-in is gone.
pub(super) async fn update(
    tx: &mut Tx,
    id: &str,
    tokens: &TokenSet,
) -> Result<bool, ConnectionError> {
    let access = tx.seal(&ACCESS_TOKEN, &[id], &tokens.access_token)?;
    let refresh = tokens
        .refresh_token
        .as_ref()
        .map(|token| tx.seal(&REFRESH_TOKEN, &[id], token))
        .transpose()?;
    // A refresh that names no scopes leaves them as they were (RFC 6749, section 6).
    let updated = sqlx::query(
        "UPDATE connection_sign_ins SET sealed_access_token = $1, sealed_refresh_token = $2, \
         token_type = $3, asked_at = $4, expires_at = $5, granted = COALESCE($6, granted), \
         refresh_began = NULL, ended_because = NULL WHERE id = $7",
    )
    .bind(access)
    .bind(refresh)
    .bind(tokens.token_type)
    .bind(Moment::from(tokens.asked_at).0)
    .bind(tokens.expires_at().map(|at| Moment::from(at).0))
    .bind(tokens.granted.as_ref().map(ToString::to_string))
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Notes that a refresh is about to be sent; false where the sign-in is gone. A store that cannot be
/// written to so costs no refresh token.
pub(super) async fn begin_refresh(tx: &mut Tx, id: &str) -> Result<bool, ConnectionError> {
    let updated = sqlx::query("UPDATE connection_sign_ins SET refresh_began = $1 WHERE id = $2")
        .bind(Moment::now().0)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(updated.rows_affected() > 0)
}

/// Notes that a sign-in is worth nothing any more, and forgets its tokens; false where it is gone.
pub(super) async fn end(tx: &mut Tx, id: &str, reason: &str) -> Result<bool, ConnectionError> {
    let updated = sqlx::query(
        "UPDATE connection_sign_ins SET sealed_access_token = NULL, sealed_refresh_token = NULL, \
         refresh_began = NULL, ended_because = $1 WHERE id = $2",
    )
    .bind(reason)
    .bind(id)
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Forgets the tokens of a connection: all of them, or the shared one.
pub(super) async fn forget(
    tx: &mut Tx,
    connection: &str,
    only_shared: bool,
) -> Result<(), ConnectionError> {
    let delete = match only_shared {
        true => "DELETE FROM connection_sign_ins WHERE connection_id = $1 AND user_id IS NULL",
        false => "DELETE FROM connection_sign_ins WHERE connection_id = $1",
    };
    sqlx::query(delete)
        .bind(connection)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The tokens of a connection that may still be alive, of all who signed in to it; none for a sign-in whose
/// tokens do not open.
pub(super) async fn leftovers(
    tx: &mut Tx,
    connection: &str,
) -> Result<Vec<Option<Leftover>>, ConnectionError> {
    type Sealed = (String, Vec<u8>, Option<Vec<u8>>, i64, Option<i64>);
    let rows: Vec<Sealed> = sqlx::query_as(
        "SELECT id, sealed_access_token, sealed_refresh_token, asked_at, expires_at \
         FROM connection_sign_ins WHERE connection_id = $1 AND sealed_access_token IS NOT NULL",
    )
    .bind(connection)
    .fetch_all(tx.connection())
    .await?;
    let opened = rows
        .iter()
        .map(|(id, access, refresh, asked_at, expires_at)| {
            let refresh = refresh.as_ref();
            let refresh = refresh.map(|sealed| tx.open(&REFRESH_TOKEN, &[id], sealed));
            Some(Leftover {
                access_token: tx.open(&ACCESS_TOKEN, &[id], access).ok()?,
                refresh_token: refresh.transpose().ok()?,
                life: Life {
                    asked_at: Moment(*asked_at),
                    expires_at: expires_at.map(Moment),
                },
            })
        });
    Ok(opened.collect())
}

/// The users who have signed in to a connection for themselves: ids and names, by name.
pub(super) async fn users(
    tx: &mut Tx,
    connection: &str,
) -> Result<Vec<(String, Name)>, ConnectionError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT users.id, users.name FROM connection_sign_ins \
         JOIN users ON users.id = connection_sign_ins.user_id \
         WHERE connection_sign_ins.connection_id = $1 ORDER BY users.name",
    )
    .bind(connection)
    .fetch_all(tx.connection())
    .await?;
    let users = rows
        .into_iter()
        .map(|(id, name)| Ok((id, name_of("users", &name)?)));
    Ok(users.collect::<Result<_, StoreError>>()?)
}

/// How a sign-in is listed.
pub(super) fn listed(
    grant: Grant,
    row: Option<&SignInRow>,
) -> Result<SignInState, ConnectionError> {
    if grant == Grant::ClientCredentials {
        return Ok(SignInState::Fetched);
    }
    let now = Moment::now();
    Ok(
        match (State::of(grant, row, |life| life.is_usable(now)), row) {
            (State::Ended(reason), _) => SignInState::SignInNeeded { reason },
            (State::Usable | State::Renewable, Some(row)) => SignInState::SignedIn {
                expires_at: row.life.expires_at.map(|at| at.date(TABLE)).transpose()?,
                renewable: row.refresh_token.is_some(),
                granted: row.granted.clone(),
            },
            _ => SignInState::NotSignedIn,
        },
    )
}

/// A shared sign-in that can be refreshed.
pub(super) struct Refreshable {
    /// The connection's id.
    pub(super) connection: String,
    /// The connection's name.
    pub(super) name: Name,
    pub(super) life: Life,
    pub(super) grounds: Grounds,
}

/// The shared sign-ins that can be refreshed.
pub(super) async fn refreshable(tx: &mut Tx) -> Result<Vec<Refreshable>, ConnectionError> {
    type Columns = (String, String, Option<Vec<u8>>, String, i64, Option<i64>);
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT connections.id, connections.name, sealed_client_secret, connection_sign_ins.id, \
         asked_at, expires_at FROM connection_sign_ins \
         JOIN connections ON connections.id = connection_sign_ins.connection_id \
         WHERE user_id IS NULL AND sealed_refresh_token IS NOT NULL AND ended_because IS NULL",
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = rows.into_iter().map(|row| {
        let (connection, name, sealed_client_secret, sign_in, asked_at, expires_at) = row;
        let asked_at = Moment(asked_at);
        Ok(Refreshable {
            connection,
            name: name_of("connections", &name)?,
            life: Life {
                asked_at,
                expires_at: expires_at.map(Moment),
            },
            grounds: Grounds {
                sign_in,
                asked_at,
                sealed_client_secret,
            },
        })
    });
    Ok(rows.collect::<Result<_, StoreError>>()?)
}
