//! Lists of connections, page by page, without their secrets.

use sqlx::AssertSqlSafe;

use super::connection_table::{COLUMNS, StoredConnection};
use super::settings::Summary;
use super::sign_in_table::{self, SignInStatus};
use super::{ConnectionError, Connections};
use crate::name::Name;
use crate::page::{Page, contains_pattern};
use crate::principal::Principal;
use crate::store::integrity::{CONNECTIONS, ROLES, Rows, USERS};
use crate::store::sql::{Row, query, query_scalar};
use crate::store::{Tx, column};
use crate::users::{CONNECTION_ROLES, has_access, linked_names};

/// A connection, as a principal sees it.
#[derive(Debug, Clone)]
pub struct ConnectionView {
    /// The connection, without its secrets.
    pub summary: Summary,
    /// Whether one of the principal's roles may use it.
    pub may_use: bool,
}

/// What principals may see: the connections that the user `$1` may use; all connections if `$2`.
fn visible_connections() -> String {
    let may_use = has_access(&CONNECTION_ROLES, "connections.id");
    format!(
        "(SELECT {COLUMNS}, {may_use} AS may_use FROM connections) AS visible WHERE ($2 OR may_use)"
    )
}

impl Connections {
    /// All connections, sorted by name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Summary>, ConnectionError> {
        let page = self.page(&Principal::System, "", 0, u32::MAX).await?;
        Ok(page.items.into_iter().map(|view| view.summary).collect())
    }

    /// A connection, without its secrets.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::NoConnection`].
    pub async fn get(&self, name: &Name) -> Result<Summary, ConnectionError> {
        Ok(self.view(&Principal::System, name).await?.summary)
    }

    /// Connections whose name contains `search`, sorted by name: at most `limit`, skipping the first `offset`. Users
    /// see those that one of their roles may use; administrators see all.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn page(
        &self,
        principal: &Principal,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page<ConnectionView>, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let pattern = contains_pattern(search);
        let from = format!("{} AND name LIKE $3 ESCAPE '!'", visible_connections());
        let total = query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {from}")))
            .bind(principal.user_or_empty())
            .bind(principal.is_administrator())
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select =
            format!("SELECT {COLUMNS}, may_use FROM {from} ORDER BY name LIMIT $4 OFFSET $5");
        let rows = query(AssertSqlSafe(select))
            .bind(principal.user_or_empty())
            .bind(principal.is_administrator())
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        verify(&mut tx, principal, &rows).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let may_use: bool = row.get("may_use")?;
            found.push((StoredConnection::open(&tx, &row)?, may_use));
        }
        Ok(Page::new(views(&mut tx, found).await?, total))
    }

    /// A connection, as [`Connections::page`] shows it.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::NoConnection`], also if the principal may not see it.
    pub async fn view(
        &self,
        principal: &Principal,
        name: &Name,
    ) -> Result<ConnectionView, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let select = format!(
            "SELECT {COLUMNS}, may_use FROM {} AND name = $3",
            visible_connections()
        );
        let row = query(AssertSqlSafe(select))
            .bind(principal.user_or_empty())
            .bind(principal.is_administrator())
            .bind(name.as_str())
            .fetch_optional(tx.connection())
            .await?;
        let no_connection = || ConnectionError::NoConnection(name.clone());
        let row = row.ok_or_else(no_connection)?;
        verify(&mut tx, principal, std::slice::from_ref(&row)).await?;
        let found = (StoredConnection::open(&tx, &row)?, row.get("may_use")?);
        let views = views(&mut tx, vec![found]).await?;
        views.into_iter().next().ok_or_else(no_connection)
    }
}

async fn views(
    tx: &mut Tx,
    found: Vec<(StoredConnection, bool)>,
) -> Result<Vec<ConnectionView>, ConnectionError> {
    let ids = || found.iter().map(|(connection, _)| &connection.id);
    let mut roles = linked_names(tx, &CONNECTION_ROLES, &ROLES, ids()).await?;
    let mut statuses = sign_in_table::statuses(tx, ids()).await?;
    let view = |(connection, may_use): (StoredConnection, bool)| {
        let roles = roles.remove(&connection.id).unwrap_or_default();
        let statuses = statuses.remove(&connection.id).unwrap_or_default();
        let summary = summary(connection, roles, statuses)?;
        Ok(ConnectionView { summary, may_use })
    };
    found.into_iter().map(view).collect()
}

/// Verifies connections, and what a query reads that decides whether a principal may use them.
async fn verify(tx: &mut Tx, principal: &Principal, rows: &[Row]) -> Result<(), ConnectionError> {
    let named = |row: &Row| Ok((row.get("id")?, column(row, "shown_name")?));
    let named: Result<Vec<(String, Name)>, sqlx::Error> = rows.iter().map(named).collect();
    let named = named?;
    let names = named.iter().map(|(id, name)| (id, name));
    tx.verify_names(&CONNECTIONS, names).await?;
    let user = principal.user_or_empty();
    Ok(tx.verify(&USERS, Rows::With("name", &[user])).await?)
}

fn summary(
    connection: StoredConnection,
    roles: Vec<Name>,
    statuses: Vec<(Option<Name>, SignInStatus)>,
) -> Result<Summary, ConnectionError> {
    let grant = connection.settings.grant();
    let mut shared = None;
    let mut users = Vec::new();
    for (user, status) in statuses {
        match user {
            None => shared = Some(status),
            Some(user) => users.push((user, SignInStatus::shown(Some(&status), grant)?)),
        }
    }
    let shared = if connection.settings.has_shared_token() {
        Some(SignInStatus::shown(shared.as_ref(), grant)?)
    } else {
        None
    };
    let registration = &connection.settings.registration;
    Ok(Summary {
        provider: registration.provider().clone(),
        grant,
        client_id: registration.client_id().to_owned(),
        has_client_secret: registration.client_secret().is_some(),
        scopes: registration.scopes().clone(),
        client_authentication: registration.client_authentication(),
        save_login_credentials: connection.settings.save_login_credentials,
        roles,
        shared,
        users,
        name: connection.name,
    })
}
