//! The table of connections.

use secrecy::ExposeSecret;

use super::ConnectionError;
use super::settings::Settings;
use crate::name::Name;
use crate::oauth::{Grant, Provider, Registration};
use crate::store::seal::CLIENT_SECRET;
use crate::store::{StoreError, Tx, is_taken, name_of};
use crate::users::Link;

const TABLE: &str = "connections";

/// The roles that may use a connection.
pub(super) const CONNECTION_ROLES: Link = Link {
    table: "connection_roles",
    from: "connection_id",
    to: "role_id",
};

const GENESYS: &str = "genesys";
const CUSTOM: &str = "custom";

/// How the grants are called in the table.
const GRANTS: [(&str, Grant); 3] = [
    ("authorization-code", Grant::AuthorizationCode),
    ("authorization-code-pkce", Grant::AuthorizationCodePkce),
    ("client-credentials", Grant::ClientCredentials),
];

/// A connection as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: Name,
    pub(super) settings: Settings,
    pub(super) revision: i64,
}

type Columns = (
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    String,
    String,
    Option<Vec<u8>>,
    String,
    bool,
    i64,
);

const SELECT: &str = "SELECT id, name, provider, authorization_url, token_url, issuer, grant_type, \
     client_id, sealed_client_secret, scopes, save_login_credentials, revision FROM connections";

/// The connection of a name.
pub(super) async fn named(tx: &mut Tx, name: &Name) -> Result<Row, ConnectionError> {
    let found: Option<Columns> = sqlx::query_as(&format!("{SELECT} WHERE name = $1"))
        .bind(name.as_str())
        .fetch_optional(tx.connection())
        .await?;
    let columns = found.ok_or_else(|| ConnectionError::NoConnection(name.clone()))?;
    Ok(row(tx, columns)?)
}

/// The connection with an id, where it is still there.
pub(super) async fn with_id(tx: &mut Tx, id: &str) -> Result<Option<Row>, ConnectionError> {
    let found: Option<Columns> = sqlx::query_as(&format!("{SELECT} WHERE id = $1"))
        .bind(id)
        .fetch_optional(tx.connection())
        .await?;
    Ok(found.map(|columns| row(tx, columns)).transpose()?)
}

/// All connections, by name.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Row>, ConnectionError> {
    let found: Vec<Columns> = sqlx::query_as(&format!("{SELECT} ORDER BY name"))
        .fetch_all(tx.connection())
        .await?;
    let rows = found.into_iter().map(|columns| row(tx, columns));
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes a row.
pub(super) async fn insert(tx: &mut Tx, row: &Row) -> Result<(), ConnectionError> {
    let insert = "INSERT INTO connections (name, provider, authorization_url, token_url, issuer, \
         grant_type, client_id, sealed_client_secret, scopes, save_login_credentials, revision, id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    write(tx, insert, row).await
}

/// Changes a row.
pub(super) async fn update(tx: &mut Tx, row: &Row) -> Result<(), ConnectionError> {
    let update = "UPDATE connections SET name = $1, provider = $2, authorization_url = $3, \
         token_url = $4, issuer = $5, grant_type = $6, client_id = $7, sealed_client_secret = $8, \
         scopes = $9, save_login_credentials = $10, revision = $11 WHERE id = $12";
    write(tx, update, row).await
}

async fn write(tx: &mut Tx, statement: &str, row: &Row) -> Result<(), ConnectionError> {
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
    let grant = GRANTS
        .iter()
        .find(|(_, grant)| *grant == registration.grant())
        .map_or("", |(name, _)| name);
    sqlx::query(statement)
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
        .execute(tx.connection())
        .await
        .map_err(|error| match is_taken(&error) {
            true => ConnectionError::Exists(row.name.clone()),
            false => error.into(),
        })?;
    Ok(())
}

fn row(tx: &Tx, columns: Columns) -> Result<Row, StoreError> {
    let (
        id,
        name,
        provider,
        authorization_url,
        token_url,
        issuer,
        grant,
        client_id,
        secret,
        scopes,
        save_login_credentials,
        revision,
    ) = columns;
    let damaged = || StoreError::Row(TABLE);
    let provider = match provider.as_str() {
        GENESYS => Provider::genesys(&token_url),
        CUSTOM => Provider::custom(&authorization_url, &token_url, issuer.as_deref()),
        _ => return Err(damaged()),
    };
    let (_, grant) = GRANTS
        .iter()
        .find(|(name, _)| *name == grant)
        .ok_or_else(damaged)?;
    let secret = secret
        .map(|sealed| tx.open(&CLIENT_SECRET, &[&id], &sealed))
        .transpose()?
        .filter(|secret| !secret.expose_secret().is_empty());
    let registration = Registration::new(
        provider.map_err(|_| damaged())?,
        *grant,
        &client_id,
        secret.as_ref(),
        scopes.parse().map_err(|_| damaged())?,
    );
    Ok(Row {
        name: name_of(TABLE, &name)?,
        settings: Settings {
            registration: registration.map_err(|_| damaged())?,
            save_login_credentials,
        },
        revision,
        id,
    })
}
