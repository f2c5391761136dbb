//! What a user sees of the connections, a page at a time.

use super::connection_table::CONNECTION_ROLES;
use super::manage::summary;
use super::{ConnectionError, Connections, Summary, connection_table};
use crate::bots::containing;
use crate::name::Name;
use crate::users;
use crate::vault::{SomeOf, Viewer};

/// A connection that somebody sees.
#[derive(Debug, Clone)]
pub struct SeenConnection {
    /// The connection, without its secrets.
    pub summary: Summary,
    /// Whether one of their roles may use it.
    pub may_use: bool,
}

/// Connections with whether the user `$1` may use them, of which `$2` says whether they see all, and `$3` what their
/// names are like.
fn seen() -> String {
    let may_use = users::opened(&CONNECTION_ROLES, "connections.id");
    format!(
        "(SELECT connections.id AS id, connections.name AS name, {may_use} AS may_use \
         FROM connections) AS seen WHERE ($2 OR may_use) AND name LIKE $3 ESCAPE '!'"
    )
}

impl Connections {
    /// Connections whose name contains `search`, by name: `limit` of them after the first `offset`. A viewer sees
    /// those that one of their roles may use, and an administrator sees all.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn seen(
        &self,
        viewer: &Viewer,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<SomeOf<SeenConnection>, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let (seen, pattern) = (seen(), containing(search));
        let total: i64 = sqlx::query_scalar(&format!("SELECT COUNT(*) FROM {seen}"))
            .bind(viewer.user.as_str())
            .bind(viewer.administrator)
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select = format!("SELECT id, may_use FROM {seen} ORDER BY name LIMIT $4 OFFSET $5");
        let found: Vec<(String, bool)> = sqlx::query_as(&select)
            .bind(viewer.user.as_str())
            .bind(viewer.administrator)
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        let mut items = Vec::with_capacity(found.len());
        for (id, may_use) in found {
            if let Some(row) = connection_table::with_id(&mut tx, &id).await? {
                let summary = summary(&mut tx, row).await?;
                items.push(SeenConnection { summary, may_use });
            }
        }
        Ok(SomeOf {
            items,
            total: total.unsigned_abs(),
        })
    }

    /// A connection, as [`Connections::seen`] shows it.
    ///
    /// # Errors
    ///
    /// Where it is not there, or this viewer does not see it: they do not learn which.
    pub async fn see(
        &self,
        viewer: &Viewer,
        name: &Name,
    ) -> Result<SeenConnection, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let row = connection_table::named(&mut tx, name).await?;
        let may_use =
            users::is_opened(tx.connection(), &CONNECTION_ROLES, &row.id, &viewer.user).await?;
        if !(may_use || viewer.administrator) {
            return Err(ConnectionError::NoConnection(name.clone()));
        }
        let summary = summary(&mut tx, row).await?;
        Ok(SeenConnection { summary, may_use })
    }
}
