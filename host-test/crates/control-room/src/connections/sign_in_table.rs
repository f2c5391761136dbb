//! The table of sign-ins: the tokens, their owners, and their state.

use std::collections::{HashMap, HashSet};

use secrecy::{ExposeSecret, SecretString};
use sqlx::AssertSqlSafe;

use super::backoff::RefreshInputs;
use super::lifetime::Lifetime;
use super::settings::SignInState;
use super::sign_in_owner::SignInOwner;
use super::{ConnectionError, LastFailure};
use crate::name::Name;
use crate::oauth::{Grant, TokenSet};
use crate::store::integrity::{Rows, SIGN_INS, USERS};
use crate::store::random::row_id;
use crate::store::seal::{ACCESS_TOKEN, REFRESH_TOKEN, SealedColumn};
use crate::store::sql::{FromRow, Row, query, query_as, query_scalar};
use crate::store::{StoreError, Tx, column, name_of, utc};
use crate::timestamp::Timestamp;
use crate::users::IDS_PER_QUERY;

/// Why a token cannot be refreshed.
const NO_REFRESH_TOKEN: &str = "its token has expired, and the provider issued no refresh token";

/// The state of a sign-in, without its tokens.
#[derive(Debug, Clone)]
pub(super) struct SignInStatus {
    /// False once somebody has to sign in again.
    pub(super) has_access_token: bool,
    pub(super) has_refresh_token: bool,
    pub(super) lifetime: Lifetime,
    pub(super) granted: Option<String>,
    /// Why somebody has to sign in again.
    pub(super) invalid_reason: Option<String>,
    /// Why the last request for a token failed.
    pub(super) last_failure: Option<LastFailure>,
}

const STATUS: &str = "sealed_access_token IS NOT NULL AS has_access_token, \
    sealed_refresh_token IS NOT NULL AS has_refresh_token, asked_at, expires_at, granted, \
    ended_because, last_failure";

impl FromRow for SignInStatus {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        let last_failure: Option<&str> = row.get("last_failure")?;
        let last_failure = last_failure.map(LastFailure::from_json).transpose();
        Ok(Self {
            last_failure: last_failure.map_err(|error| sqlx::Error::ColumnDecode {
                index: "last_failure".into(),
                source: error.into(),
            })?,
            has_access_token: row.get("has_access_token")?,
            has_refresh_token: row.get("has_refresh_token")?,
            lifetime: Lifetime::from_row(row)?,
            granted: row.get("granted")?,
            invalid_reason: row.get("ended_because")?,
        })
    }
}

impl FromRow for Lifetime {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            requested_at: row.get("asked_at")?,
            expires_at: row.get("expires_at")?,
        })
    }
}

impl SignInStatus {
    /// The state to show, for a connection with this grant.
    pub(super) fn shown(status: Option<&Self>, grant: Grant) -> Result<SignInState, sqlx::Error> {
        let last_failure = status.and_then(|status| status.last_failure.clone());
        if grant == Grant::ClientCredentials {
            return Ok(last_failure.map_or(SignInState::Fetched, SignInState::LastUseFailed));
        }
        let now = Timestamp::now();
        let state = TokenState::of(grant, status, |lifetime| lifetime.is_usable(now));
        Ok(match (state, status, last_failure) {
            (TokenState::SignInNeeded(reason), ..) => SignInState::SignInNeeded { reason },
            (TokenState::Usable | TokenState::Refreshable, _, Some(failure)) => {
                SignInState::LastUseFailed(failure)
            }
            (TokenState::Usable | TokenState::Refreshable, Some(status), None) => {
                SignInState::SignedIn {
                    expires_at: status
                        .lifetime
                        .expires_at
                        .map(|at| utc(at, "expires_at"))
                        .transpose()?,
                    refreshable: status.has_refresh_token,
                    granted: status.granted.clone(),
                }
            }
            _ => SignInState::NotSignedIn,
        })
    }
}

/// A sign-in with its tokens.
#[derive(Debug, Clone)]
pub(super) struct StoredSignIn {
    pub(super) id: String,
    pub(super) status: SignInStatus,
    pub(super) access_token: Option<SecretString>,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) token_type: String,
    /// Whether the response to an earlier refresh never arrived.
    pub(super) is_unanswered: bool,
}

impl StoredSignIn {
    fn open(tx: &Tx, row: &Row) -> Result<Self, ConnectionError> {
        let id: String = row.get("id")?;
        let open = |column: &SealedColumn| -> Result<Option<SecretString>, ConnectionError> {
            let sealed: Option<&[u8]> = row.get(column.column)?;
            let opened = sealed.map(|sealed| tx.open(column, &[&id], sealed));
            Ok(opened.transpose()?)
        };
        let refresh_began: Option<Timestamp> = row.get("refresh_began")?;
        Ok(Self {
            status: SignInStatus::from_row(row)?,
            access_token: open(&ACCESS_TOKEN)?,
            refresh_token: open(&REFRESH_TOKEN)?,
            token_type: row.get("token_type")?,
            is_unanswered: refresh_began.is_some(),
            id,
        })
    }

    /// Whether this is its access token.
    pub(super) fn has_token(&self, token: &SecretString) -> bool {
        let stored = self.access_token.as_ref();
        stored.is_some_and(|stored| stored.expose_secret() == token.expose_secret())
    }
}

/// What can be done with a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenState {
    /// Its token can be lent.
    Usable,
    /// A new token can be requested.
    Refreshable,
    /// Nobody has signed in.
    NotSignedIn,
    /// Somebody has to sign in again, for this reason.
    SignInNeeded(String),
}

impl TokenState {
    /// The state of a sign-in whose token is good as long as `is_good` says.
    pub(super) fn of(
        grant: Grant,
        status: Option<&SignInStatus>,
        is_good: impl Fn(Lifetime) -> bool,
    ) -> Self {
        match status {
            None if grant == Grant::ClientCredentials => Self::Refreshable,
            None => Self::NotSignedIn,
            Some(status) => {
                if let Some(reason) = &status.invalid_reason {
                    return Self::SignInNeeded(reason.clone());
                }
                if status.has_access_token && is_good(status.lifetime) {
                    return Self::Usable;
                }
                if grant == Grant::ClientCredentials || status.has_refresh_token {
                    return Self::Refreshable;
                }
                Self::SignInNeeded(NO_REFRESH_TOKEN.into())
            }
        }
    }

    /// The error if there is no token and none can be requested.
    pub(super) fn check(self, name: &Name, owner: &SignInOwner) -> Result<Self, ConnectionError> {
        let (name, owner) = (name.clone(), owner.clone());
        match self {
            Self::NotSignedIn => Err(ConnectionError::NotSignedIn { name, owner }),
            Self::SignInNeeded(reason) => Err(ConnectionError::SignInNeeded {
                name,
                owner,
                reason,
            }),
            state => Ok(state),
        }
    }
}

/// A user's sign-in to a connection, or the shared one.
pub(super) async fn find(
    tx: &mut Tx,
    connection: &str,
    user: Option<&str>,
) -> Result<Option<StoredSignIn>, ConnectionError> {
    let user = user.unwrap_or_default();
    // By the condition of the query, not by the id that it finds: an index can be changed as well.
    let place = Rows::Is(
        &["connection_id", "COALESCE(user_id, '')"],
        &[connection, user],
    );
    tx.verify(&SIGN_INS, place).await?;
    let select = format!(
        "SELECT id, sealed_access_token, sealed_refresh_token, token_type, refresh_began, {STATUS} \
         FROM connection_sign_ins WHERE connection_id = $1 AND COALESCE(user_id, '') = $2"
    );
    let found = query(AssertSqlSafe(select))
        .bind(connection)
        .bind(user)
        .fetch_optional(tx.connection())
        .await?;
    found.map(|row| StoredSignIn::open(tx, &row)).transpose()
}

/// For each connection, the status of its sign-ins, sorted by user name; `None` is the shared sign-in.
pub(super) async fn statuses(
    tx: &mut Tx,
    connections: impl IntoIterator<Item = &String>,
) -> Result<HashMap<String, Vec<(Option<Name>, SignInStatus)>>, ConnectionError> {
    let connections: Vec<_> = connections.into_iter().collect();
    let mut statuses: HashMap<String, Vec<_>> = HashMap::new();
    for ids in connections.chunks(IDS_PER_QUERY) {
        let mut query = query(AssertSqlSafe(format!(
            "SELECT connection_id, user_id, {} AS user_name, {STATUS} FROM connection_sign_ins \
             LEFT JOIN users ON users.id = connection_sign_ins.user_id WHERE connection_id IN ",
            name_of("users")
        )));
        query.push_list(ids.iter().copied());
        query.push(" ORDER BY users.name");
        let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
        tx.verify(&SIGN_INS, Rows::With("connection_id", &ids))
            .await?;
        let mut users = Vec::new();
        for row in query.fetch_all(tx.connection()).await? {
            let user: Option<Name> = column(&row, "user_name")?;
            if let Some(user) = &user {
                users.push((row.get("user_id")?, user.clone()));
            }
            let of_connection = statuses.entry(row.get("connection_id")?).or_default();
            of_connection.push((user, SignInStatus::from_row(&row)?));
        }
        tx.verify_names(&USERS, users.iter().map(|(id, name)| (id, name)))
            .await?;
    }
    Ok(statuses)
}

/// Stores the tokens of a new sign-in, in place of an earlier one.
pub(super) async fn replace(
    tx: &mut Tx,
    connection: &str,
    user: Option<&str>,
    tokens: &TokenSet,
) -> Result<(), ConnectionError> {
    query(
        "DELETE FROM connection_sign_ins WHERE connection_id = $1 AND COALESCE(user_id, '') = $2",
    )
    .bind(connection)
    .bind(user.unwrap_or_default())
    .execute(tx.connection())
    .await?;
    let id = insert(tx, connection, user).await?;
    update(tx, &id, tokens).await?;
    Ok(())
}

/// Inserts a sign-in without tokens, and returns its id.
async fn insert(
    tx: &mut Tx,
    connection: &str,
    user: Option<&str>,
) -> Result<String, ConnectionError> {
    let id = row_id();
    let insert = query(
        "INSERT INTO connection_sign_ins (id, connection_id, user_id, token_type, asked_at) \
         VALUES ($1, $2, $3, '', 0)",
    )
    .bind(&id)
    .bind(connection)
    .bind(user);
    tx.insert(&SIGN_INS, insert).await?;
    Ok(id)
}

/// Notes why a request for a token failed. Without a sign-in it was the client's own first request, which gets one.
pub(super) async fn note_failure(
    tx: &mut Tx,
    connection: &str,
    sign_in: Option<&str>,
    failure: &LastFailure,
) -> Result<(), ConnectionError> {
    let id = match sign_in {
        Some(id) => id.to_owned(),
        None => insert(tx, connection, None).await?,
    };
    set_failure(tx, &[&id], Some(failure)).await
}

/// Clears the failures of a connection that is no longer the same.
pub(super) async fn clear_failures(tx: &mut Tx, connection: &str) -> Result<(), ConnectionError> {
    let failed: Vec<String> = query_scalar(
        "SELECT id FROM connection_sign_ins WHERE connection_id = $1 AND last_failure IS NOT NULL",
    )
    .bind(connection)
    .fetch_all(tx.connection())
    .await?;
    let failed: Vec<_> = failed.iter().map(String::as_str).collect();
    set_failure(tx, &failed, None).await
}

/// Stores, or clears, why the last use of each of these sign-ins failed.
pub(super) async fn set_failure(
    tx: &mut Tx,
    ids: &[&str],
    failure: Option<&LastFailure>,
) -> Result<(), ConnectionError> {
    tx.verify(&SIGN_INS, Rows::With("id", ids)).await?;
    for id in ids {
        query("UPDATE connection_sign_ins SET last_failure = $1 WHERE id = $2")
            .bind(failure.map(LastFailure::to_json))
            .bind(*id)
            .execute(tx.connection())
            .await?;
    }
    Ok(tx.authenticate(&SIGN_INS, Rows::With("id", ids)).await?)
}

/// Stores the tokens of a refresh; false if the sign-in no longer exists.
pub(super) async fn update(
    tx: &mut Tx,
    id: &str,
    tokens: &TokenSet,
) -> Result<bool, ConnectionError> {
    tx.verify(&SIGN_INS, Rows::With("id", &[id])).await?;
    let access = tx.seal(&ACCESS_TOKEN, &[id], &tokens.access_token)?;
    let refresh = tokens
        .refresh_token
        .as_ref()
        .map(|token| tx.seal(&REFRESH_TOKEN, &[id], token))
        .transpose()?;
    // A refresh that names no scopes leaves them as they were (RFC 6749, section 6).
    let updated = query(
        "UPDATE connection_sign_ins SET sealed_access_token = $1, sealed_refresh_token = $2, \
         token_type = $3, asked_at = $4, expires_at = $5, granted = COALESCE($6, granted), \
         refresh_began = NULL, ended_because = NULL, last_failure = NULL WHERE id = $7",
    )
    .bind(access)
    .bind(refresh)
    .bind(tokens.token_type)
    .bind(Timestamp::from(tokens.requested_at))
    .bind(tokens.expires_at().map(Timestamp::from))
    .bind(tokens.granted.as_ref().map(ToString::to_string))
    .bind(id)
    .execute(tx.connection())
    .await?;
    tx.authenticate(&SIGN_INS, Rows::With("id", &[id])).await?;
    Ok(updated > 0)
}

/// Notes that a refresh is about to be sent; false if the sign-in no longer exists. So no refresh token is used up if
/// the store cannot be written.
pub(super) async fn begin_refresh(tx: &mut Tx, id: &str) -> Result<bool, ConnectionError> {
    tx.verify(&SIGN_INS, Rows::With("id", &[id])).await?;
    let updated = query("UPDATE connection_sign_ins SET refresh_began = $1 WHERE id = $2")
        .bind(Timestamp::now())
        .bind(id)
        .execute(tx.connection())
        .await?;
    tx.authenticate(&SIGN_INS, Rows::With("id", &[id])).await?;
    Ok(updated > 0)
}

/// Notes that somebody has to sign in again, and deletes the tokens; false if the sign-in no longer exists.
pub(super) async fn invalidate(
    tx: &mut Tx,
    id: &str,
    reason: &str,
) -> Result<bool, ConnectionError> {
    tx.verify(&SIGN_INS, Rows::With("id", &[id])).await?;
    let updated = query(
        "UPDATE connection_sign_ins SET sealed_access_token = NULL, sealed_refresh_token = NULL, \
         refresh_began = NULL, ended_because = $1, last_failure = NULL WHERE id = $2",
    )
    .bind(reason)
    .bind(id)
    .execute(tx.connection())
    .await?;
    tx.authenticate(&SIGN_INS, Rows::With("id", &[id])).await?;
    Ok(updated > 0)
}

/// Deletes the sign-ins to a connection: all of them, or the shared one.
pub(super) async fn delete(
    tx: &mut Tx,
    connection: &str,
    only_shared: bool,
) -> Result<(), ConnectionError> {
    let delete = if only_shared {
        "DELETE FROM connection_sign_ins WHERE connection_id = $1 AND user_id IS NULL"
    } else {
        "DELETE FROM connection_sign_ins WHERE connection_id = $1"
    };
    query(delete)
        .bind(connection)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The tokens of a sign-in to a connection that is removed.
pub(super) struct OrphanedTokens {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) lifetime: Lifetime,
}

/// The tokens of a connection that may still be valid, of all who signed in to it; `None` for a sign-in whose
/// tokens cannot be decrypted, or whose row was changed.
pub(super) async fn tokens_to_revoke(
    tx: &mut Tx,
    connection: &str,
) -> Result<Vec<Option<OrphanedTokens>>, ConnectionError> {
    let rows = query(
        "SELECT id, sealed_access_token, sealed_refresh_token, asked_at, expires_at \
         FROM connection_sign_ins WHERE connection_id = $1 AND sealed_access_token IS NOT NULL",
    )
    .bind(connection)
    .fetch_all(tx.connection())
    .await?;
    let mut changed = HashSet::new();
    for row in &rows {
        let id: &str = row.get("id")?;
        match tx.verify(&SIGN_INS, Rows::With("id", &[id])).await {
            Err(StoreError::Changed { .. }) => {
                changed.insert(id);
            }
            verified => verified?,
        }
    }
    let opened = rows.iter().map(|row| -> Result<_, ConnectionError> {
        let id: &str = row.get("id")?;
        if changed.contains(id) {
            return Ok(None);
        }
        let access: &[u8] = row.get("sealed_access_token")?;
        let refresh: Option<&[u8]> = row.get("sealed_refresh_token")?;
        let refresh = refresh.map(|sealed| tx.open(&REFRESH_TOKEN, &[id], sealed));
        let lifetime = Lifetime::from_row(row)?;
        Ok(
            match (tx.open(&ACCESS_TOKEN, &[id], access), refresh.transpose()) {
                (Ok(access_token), Ok(refresh_token)) => Some(OrphanedTokens {
                    access_token,
                    refresh_token,
                    lifetime,
                }),
                _ => None,
            },
        )
    });
    opened.collect()
}

/// A shared sign-in that can be refreshed.
pub(super) struct Refreshable {
    pub(super) connection_id: String,
    /// The connection's name.
    pub(super) name: Name,
    pub(super) lifetime: Lifetime,
    pub(super) inputs: RefreshInputs,
}

impl FromRow for Refreshable {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        let lifetime = Lifetime::from_row(row)?;
        Ok(Self {
            connection_id: row.get("connection_id")?,
            name: column(row, "name")?,
            lifetime,
            inputs: RefreshInputs {
                sign_in: row.get("sign_in")?,
                requested_at: lifetime.requested_at,
                sealed_client_secret: row.get("sealed_client_secret")?,
            },
        })
    }
}

/// The shared sign-ins that can be refreshed.
pub(super) async fn refreshable(tx: &mut Tx) -> Result<Vec<Refreshable>, ConnectionError> {
    let select = format!(
        "SELECT connections.id AS connection_id, {} AS name, sealed_client_secret, \
         connection_sign_ins.id AS sign_in, asked_at, expires_at FROM connection_sign_ins \
         JOIN connections ON connections.id = connection_sign_ins.connection_id \
         WHERE user_id IS NULL AND sealed_refresh_token IS NOT NULL AND ended_because IS NULL",
        name_of("connections")
    );
    Ok(query_as(AssertSqlSafe(select))
        .fetch_all(tx.connection())
        .await?)
}
