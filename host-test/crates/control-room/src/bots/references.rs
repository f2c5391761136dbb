//! Which bots refer to a credential or a connection: what people want to know before they remove it.

use secrecy::ExposeSecret;
use serde_json::Value;

use super::BotsError;
use crate::name::{Name, without_byte_order_mark};
use crate::page::Page;
use crate::principal::Principal;
use crate::store::integrity::{BOTS, USERS, Verified};
use crate::store::seal::BOT_FILE;
use crate::store::sql::query_scalar;
use crate::store::{OPENED_AT_ONCE, Store, is_of};
use crate::vault::{AttributePath, CredentialPath};

/// What a bot can refer to.
#[derive(Debug, Clone, Copy)]
pub enum Reference<'a> {
    /// Anything in this locker.
    Locker(&'a Name),
    /// Any attribute of this credential.
    Credential(&'a CredentialPath),
    /// This attribute.
    Attribute(&'a AttributePath),
    /// This connection.
    Connection(&'a Name),
}

/// A bot with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedBot {
    /// The user it belongs to.
    pub owner: Name,
    /// Its name.
    pub name: String,
}

impl Store {
    /// The bots that refer to something as they are now, by user and name: the first `limit`, and how many there are.
    /// Administrators get those of all users, a user gets their own. All files are read.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn bots_with(
        &self,
        reference: Reference<'_>,
        principal: &Principal,
        limit: usize,
    ) -> Result<Page<OwnedBot>, BotsError> {
        let mut tx = self.read().await?;
        let owner = match principal.user() {
            Some(user) if !principal.is_administrator() => {
                match tx.named(&USERS, user.as_str()).await? {
                    Some(row) => Some(row.id),
                    None => return Ok(Page::default()),
                }
            }
            _ => None,
        };
        let owner = owner.as_deref();
        let ids: Vec<String> = query_scalar(
            "SELECT bots.id FROM bots LEFT JOIN users ON users.id = owner_id \
             WHERE $1 IS NULL OR owner_id = $1 ORDER BY users.name, sorted_as, bots.id",
        )
        .bind(owner)
        .fetch_all(tx.connection())
        .await?;
        let is_expected = |row: &_| owner.is_none_or(|owner| is_of(row, owner));
        let rows = tx.listed(&BOTS, &ids, is_expected).await?;
        let owners: Vec<&str> = texts(&rows, "owner_id")?;
        let names = tx.names(&USERS, &owners).await?;
        let versions = texts(&rows, "version_id")?;
        let mut found = Page::default();
        let chunks = rows.chunks(OPENED_AT_ONCE);
        for (rows, versions) in chunks.zip(versions.chunks(OPENED_AT_ONCE)) {
            let files = tx.opened(&BOT_FILE, versions).await?;
            for (row, version) in rows.iter().zip(versions) {
                let file = files.get(*version);
                if file.is_none_or(|file| !reference.is_in(file.expose_secret())) {
                    continue;
                }
                found.total += 1;
                if found.items.len() < limit {
                    let row = row.row();
                    found.items.push(OwnedBot {
                        owner: names[row.get::<&str>("owner_id")?].clone(),
                        name: row.get("name")?,
                    });
                }
            }
        }
        Ok(found)
    }
}

fn texts<'r>(rows: &'r [Verified], column: &str) -> Result<Vec<&'r str>, sqlx::Error> {
    rows.iter().map(|it| it.row().get(column)).collect()
}

impl Reference<'_> {
    /// Whether a bot file refers to it, in a step or in a variable.
    fn is_in(&self, file: &str) -> bool {
        let file = serde_json::from_str(without_byte_order_mark(file));
        file.is_ok_and(|file: Value| self.is_within(&file))
    }

    fn is_within(&self, json: &Value) -> bool {
        match json {
            Value::Array(items) => items.iter().any(|item| self.is_within(item)),
            Value::Object(members) => members.iter().any(|(name, value)| match value {
                Value::String(text) => members.len() == 1 && self.is(name, text),
                other => self.is_within(other),
            }),
            _ => false,
        }
    }

    /// Whether it is meant by the object of a bot file that has only this member.
    fn is(&self, member: &str, text: &str) -> bool {
        let path = || text.parse::<AttributePath>().ok();
        match (member, self) {
            ("oauth-connection", Self::Connection(name)) => {
                text.parse().is_ok_and(|other: Name| other == **name)
            }
            ("credential", Self::Locker(name)) => {
                path().is_some_and(|path| path.credential.locker == **name)
            }
            ("credential", Self::Credential(credential)) => {
                path().is_some_and(|path| path.credential == **credential)
            }
            ("credential", Self::Attribute(attribute)) => {
                path().is_some_and(|path| path == **attribute)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_steps_and_variables_in_any_case() {
        let file = r#"{
            "name": "genesys/hello/secret",
            "variables": [{ "name": "x", "default": { "credential": "Sales/Hello/ID" } }],
            "steps": [
                { "client-secret": { "credential": "GENESYS/hello/Secret" } },
                { "connection": { "oauth-connection": "Prod" } },
                { "message": "{\"credential\": \"a/b/c\"}", "credential": "a/b/c" },
                { "body": [{ "credential": "no path" }] }
            ]
        }"#;
        for (path, is_used) in [
            ("genesys/hello/secret", true),
            ("sales/hello/id", true),
            ("genesys/hello/id", false),
            ("a/b/c", false),
        ] {
            let path: AttributePath = path.parse().unwrap();
            assert_eq!(Reference::Attribute(&path).is_in(file), is_used, "{path}");
        }
        let credential: CredentialPath = "genesys/HELLO".parse().unwrap();
        assert!(Reference::Credential(&credential).is_in(file));
        for (name, is_locker, is_connection) in [
            ("Genesys", true, false),
            ("prod", false, true),
            ("hello", false, false),
        ] {
            let name: Name = name.parse().unwrap();
            assert_eq!(Reference::Locker(&name).is_in(file), is_locker, "{name}");
            let connection = Reference::Connection(&name);
            assert_eq!(connection.is_in(file), is_connection, "{name}");
        }
        assert!(!Reference::Credential(&credential).is_in("not JSON"));
    }
}
