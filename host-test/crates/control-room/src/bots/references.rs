//! Which bots refer to a credential or a connection: what people want to know before they remove it.

use std::collections::HashMap;

use secrecy::ExposeSecret;
use serde_json::Value;
use sqlx::Row;

use super::BotsError;
use crate::name::{Name, without_byte_order_mark};
use crate::page::Page;
use crate::principal::Principal;
use crate::store::Store;
use crate::store::integrity::{BOTS, Rows, USERS, Verified};
use crate::store::seal::BOT_FILE;
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
        let ids: Vec<String> = sqlx::query_scalar(
            "SELECT bots.id FROM bots JOIN users ON users.id = owner_id WHERE $1 OR users.name = $2 \
             ORDER BY users.name, sorted_as, bots.id",
        )
        .bind(principal.is_administrator())
        .bind(principal.user_or_empty())
        .fetch_all(tx.connection())
        .await?;
        let rows = tx.listed(&BOTS, &ids, |_| true).await?;
        let mut owners = HashMap::new();
        let mut found = Page::default();
        for row in &rows {
            let row = row.row();
            let owner: String = row.try_get("owner_id")?;
            if !owners.contains_key(&owner) {
                let users = tx.verified(&USERS, Rows::With("id", &[&owner])).await?;
                let name = users.first().map(Verified::named).transpose()?;
                owners.insert(owner.clone(), name.map(|it| it.name));
            }
            let Some(Some(owner)) = owners.get(&owner) else {
                continue;
            };
            if !principal.is_administrator() && principal.user() != Some(owner) {
                continue;
            }
            let version_id: String = row.try_get("version_id")?;
            let sealed: Option<Vec<u8>> =
                sqlx::query_scalar("SELECT sealed_file FROM bot_versions WHERE id = $1")
                    .bind(&version_id)
                    .fetch_optional(tx.connection())
                    .await?;
            let Some(sealed) = sealed else { continue };
            let file = tx.open(&BOT_FILE, &[&version_id], &sealed)?;
            if reference.is_in(file.expose_secret()) {
                found.total += 1;
                if found.items.len() < limit {
                    found.items.push(OwnedBot {
                        owner: owner.clone(),
                        name: row.try_get("name")?,
                    });
                }
            }
        }
        Ok(found)
    }
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
