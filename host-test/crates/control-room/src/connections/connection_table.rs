//! The table of connections.

use secrecy::ExposeSecret;
use sqlx::AssertSqlSafe;

use super::ConnectionError;
use super::settings::Settings;
use crate::name::Name;
use crate::oauth::{ClientAuthentication, Grant, Provider, Registration};
use crate::store::integrity::{CONNECTIONS, Rows};
use crate::store::seal::CLIENT_SECRET;
use crate::store::sql::{Query, Row, query};
use crate::store::{StoreError, Tx, column, is_taken};

const GENESYS: &str = "genesys";
const CUSTOM: &str = "custom";

/// The names of the grants in the table.
const GRANTS: [(&str, Grant); 3] = [
    ("authorization-code", Grant::AuthorizationCode),
    ("authorization-code-pkce", Grant::AuthorizationCodePkce),
    ("client-credentials", Grant::ClientCredentials),
];

/// What the column has if the client authenticates itself in the form.
const FORM: &str = "form";

/// A connection as it is stored.
#[derive(Debug, Clone)]
pub(super) struct StoredConnection {
    pub(super) id: String,
    pub(super) name: Name,
    pub(super) settings: Settings,
    pub(super) revision: i64,
}

/// The columns of a [`StoredConnection`].
pub(super) const COLUMNS: &str = "id, name, shown_as, provider, authorization_url, token_url, issuer, \
     grant_type, client_id, sealed_client_secret, scopes, save_login_credentials, revision, \
     client_authentication, name || COALESCE('/' || shown_as, '') AS shown_name";

/// The connection with this name.
pub(super) async fn named(tx: &mut Tx, name: &Name) -> Result<StoredConnection, ConnectionError> {
    let select = format!("SELECT {COLUMNS} FROM connections WHERE name = $1");
    let found = query(AssertSqlSafe(select))
        .bind(name.as_str())
        .fetch_optional(tx.connection())
        .await?;
    let row = found.ok_or_else(|| ConnectionError::NoConnection(name.clone()))?;
    tx.verify(&CONNECTIONS, Rows::With("name", &[name.as_str()]))
        .await?;
    Ok(StoredConnection::open(tx, &row)?)
}

/// The connection with this id, if it still exists.
pub(super) async fn with_id(
    tx: &mut Tx,
    id: &str,
) -> Result<Option<StoredConnection>, ConnectionError> {
    let select = format!("SELECT {COLUMNS} FROM connections WHERE id = $1");
    let found = query(AssertSqlSafe(select))
        .bind(id)
        .fetch_optional(tx.connection())
        .await?;
    tx.verify(&CONNECTIONS, Rows::With("id", &[id])).await?;
    let opened = found.map(|row| StoredConnection::open(tx, &row));
    Ok(opened.transpose()?)
}

/// Inserts a row.
pub(super) async fn insert(tx: &mut Tx, row: &StoredConnection) -> Result<(), ConnectionError> {
    let insert = "INSERT INTO connections (name, provider, authorization_url, token_url, issuer, \
         grant_type, client_id, sealed_client_secret, scopes, save_login_credentials, revision, id, shown_as, \
         client_authentication) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let insert = statement(tx, insert, row)?;
    let inserted = tx.insert(&CONNECTIONS, insert).await;
    inserted.map_err(|error| taken(error, &row.name))
}

/// Changes a verified row.
pub(super) async fn update(tx: &mut Tx, row: &StoredConnection) -> Result<(), ConnectionError> {
    let update = "UPDATE connections SET name = $1, provider = $2, authorization_url = $3, \
         token_url = $4, issuer = $5, grant_type = $6, client_id = $7, sealed_client_secret = $8, \
         scopes = $9, save_login_credentials = $10, revision = $11, \
         shown_as = $13, client_authentication = $14 WHERE id = $12";
    let updated = statement(tx, update, row)?.execute(tx.connection()).await;
    updated.map_err(|error| taken(error.into(), &row.name))?;
    Ok(tx
        .authenticate(&CONNECTIONS, Rows::With("id", &[&row.id]))
        .await?)
}

fn taken(error: StoreError, name: &Name) -> ConnectionError {
    if is_taken(&error) {
        return ConnectionError::Exists(name.clone());
    }
    error.into()
}

/// A statement with the values of a row.
fn statement(
    tx: &Tx,
    statement: &'static str,
    row: &StoredConnection,
) -> Result<Query<Row>, StoreError> {
    let registration = &row.settings.registration;
    let provider = registration.provider();
    let (kind, issuer) = match provider {
        Provider::Genesys(_) => (GENESYS, None),
        Provider::Custom(_) => (CUSTOM, provider.issuer()),
    };
    let secret = registration
        .client_secret()
        .map(|secret| tx.seal(&CLIENT_SECRET, &[&row.id], secret))
        .transpose()?;
    let authentication = match registration.client_authentication() {
        ClientAuthentication::Header => None,
        ClientAuthentication::Form => Some(FORM),
    };
    let grant = GRANTS
        .iter()
        .find(|(_, grant)| *grant == registration.grant())
        .map_or("", |(name, _)| name);
    Ok(query(statement)
        .bind(row.name.as_str())
        .bind(kind)
        .bind(provider.authorization_url())
        .bind(provider.token_url())
        .bind(issuer)
        .bind(grant)
        .bind(registration.client_id())
        .bind(secret)
        .bind(registration.scopes().to_string())
        .bind(row.settings.save_login_credentials)
        .bind(row.revision)
        .bind(&row.id)
        .bind(row.name.typed())
        .bind(authentication))
}

impl StoredConnection {
    /// Reads a verified row with [`COLUMNS`], and decrypts the client secret.
    pub(super) fn open(tx: &Tx, row: &Row) -> Result<Self, StoreError> {
        let invalid = |column: &str| StoreError::InvalidColumn(column.to_owned());
        let id: String = row.get("id")?;
        let token_url: &str = row.get("token_url")?;
        let provider = match row.get("provider")? {
            GENESYS => Provider::genesys(token_url),
            CUSTOM => {
                Provider::custom(row.get("authorization_url")?, token_url, row.get("issuer")?)
            }
            _ => return Err(invalid("provider")),
        };
        let grant: &str = row.get("grant_type")?;
        let (_, grant) = GRANTS
            .iter()
            .find(|(name, _)| *name == grant)
            .ok_or_else(|| invalid("grant_type"))?;
        let sealed: Option<&[u8]> = row.get("sealed_client_secret")?;
        let secret = sealed
            .map(|sealed| tx.open(&CLIENT_SECRET, &[&id], sealed))
            .transpose()?
            .filter(|secret| !secret.expose_secret().is_empty());
        let authentication: Option<&str> = row.get("client_authentication")?;
        let authentication = match authentication {
            None => ClientAuthentication::Header,
            Some(FORM) => ClientAuthentication::Form,
            Some(_) => return Err(invalid("client_authentication")),
        };
        let scopes: &str = row.get("scopes")?;
        let registration = Registration::new(
            provider.map_err(|_| invalid("token_url"))?,
            *grant,
            row.get("client_id")?,
            secret.as_ref(),
            scopes.parse().map_err(|_| invalid("scopes"))?,
        );
        Ok(Self {
            name: column(row, "shown_name")?,
            settings: Settings {
                registration: registration
                    .map_err(|_| invalid("client_id"))?
                    .with_client_authentication(authentication),
                save_login_credentials: row.get("save_login_credentials")?,
            },
            revision: row.get("revision")?,
            id,
        })
    }
}
