//! Passwords: who can sign in to the pages, and how a password is verified.
//!
//! Passwords are stored as hashes. Computing one takes 19 MiB and some 20 ms, so it is done by a few workers
//! (`password_hash`).

use bot_engine::Language;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::audit_events::{Action, commit};
use crate::name::Name;
use crate::password_hash::{self, HashError};
use crate::principal::Principal;
use crate::store::integrity::{PASSWORDS, Rows, USERS};
use crate::store::sql::{query, query_as};
use crate::store::{NamedRow, ShownName, Store, StoreError, Tx, name_of};
use crate::users::{self, UserError, insert_user, make_administrator};

/// The shortest password, in characters.
pub const MIN_PASSWORD: usize = 12;

/// The longest password, in characters.
pub const MAX_PASSWORD: usize = 256;

/// The passwords of a Control Room's users.
#[derive(Debug, Clone)]
pub struct Passwords {
    store: Store,
}

impl Store {
    /// The passwords of the users.
    pub fn passwords(&self) -> Passwords {
        Passwords {
            store: self.clone(),
        }
    }
}

/// A user with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The id of their row, which no other user ever has.
    pub id: String,
    /// Their name.
    pub name: Name,
    /// Changes with the password, and says nothing about it.
    stamp: [u8; 32],
}

impl Account {
    fn new(id: String, name: Name, hash: &str) -> Self {
        let stamp = Sha256::digest(hash.as_bytes()).into();
        Self { id, name, stamp }
    }

    /// Identifies the password. A session keeps it, and ends when the password changes.
    pub fn stamp(&self) -> [u8; 32] {
        self.stamp
    }
}

/// Why a password is not set or cannot be verified.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum PasswordError {
    /// Fewer characters than a password must have.
    TooShort,
    /// More characters than a password may have.
    TooLong,
    /// There is already a user who can sign in, or was one.
    NotFirst,
    /// The hash could not be computed.
    Hash(String),
    /// The user does not exist, or exists already.
    #[error(transparent)]
    User(#[from] UserError),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PasswordError {
    /// The message for people. That of the store is for operators.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::TooShort => texts::too_short(language, MIN_PASSWORD),
            Self::TooLong => texts::too_long(language, MAX_PASSWORD),
            Self::NotFirst => texts::not_first(language).into(),
            Self::Hash(why) => texts::not_hashed(language, why),
            Self::User(error) => error.message(language),
            Self::Store(error) => error.message(language),
        }
    }
}

mod texts {
    bot_engine::messages! {
        too_short(least) {
            en: "a password has at least {least} characters",
            de: "ein Kennwort hat mindestens {least} Zeichen",
        }
        too_long(most) {
            en: "a password has at most {most} characters",
            de: "ein Kennwort hat höchstens {most} Zeichen",
        }
        not_first {
            en: "this Control Room is set up already",
            de: "dieser Control Room ist schon eingerichtet",
        }
        not_hashed(why) {
            en: "the password cannot be hashed: {why}",
            de: "aus dem Kennwort lässt sich kein Hash bilden: {why}",
        }
    }
}

impl From<HashError> for PasswordError {
    fn from(error: HashError) -> Self {
        Self::Hash(error.to_string())
    }
}

impl From<sqlx::Error> for PasswordError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Passwords {
    /// Sets or replaces a user's password.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`], [`UserError::NotAdministrator`], or the password is too short or too long.
    pub async fn set(
        &self,
        by: &Principal,
        user: &Name,
        password: &SecretString,
    ) -> Result<(), PasswordError> {
        let hash = new_hash(password).await?;
        let mut tx = self.store.users().begin(by).await?;
        let NamedRow { id, name } = users::user(&mut tx, user).await?;
        put(&mut tx, &id, &hash).await?;
        Ok(commit(tx, by, Action::PasswordSet, name.shown()).await?)
    }

    /// For tests: sets or replaces a user's password by its hash. Computing the hash would take a third of the time of
    /// many tests.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`].
    #[cfg(feature = "test-util")]
    pub async fn set_hash(&self, user: &Name, hash: &str) -> Result<(), PasswordError> {
        let mut tx = self.store.write().await?;
        let NamedRow { id, name } = users::user(&mut tx, user).await?;
        put(&mut tx, &id, hash).await?;
        Ok(commit(tx, &Principal::System, Action::PasswordSet, name.shown()).await?)
    }

    /// Creates a user who can sign in, without roles.
    ///
    /// # Errors
    ///
    /// [`UserError::UserExists`], [`UserError::NotAdministrator`], or the password is too short or too long.
    pub async fn create_user(
        &self,
        by: &Principal,
        name: &Name,
        password: &SecretString,
    ) -> Result<(), PasswordError> {
        let hash = new_hash(password).await?;
        let mut tx = self.store.users().begin(by).await?;
        let id = insert_user(&mut tx, name).await?;
        put(&mut tx, &id, &hash).await?;
        Ok(commit(tx, by, Action::UserCreated, name.shown()).await?)
    }

    /// Creates the first user who can sign in, who is an administrator. If there is already a user of this name (who
    /// then has no password), that user gets the password and the role.
    ///
    /// # Errors
    ///
    /// [`PasswordError::NotFirst`], or the password is too short or too long.
    pub async fn create_first_user(
        &self,
        name: &Name,
        password: &SecretString,
    ) -> Result<Account, PasswordError> {
        let hash = new_hash(password).await?;
        let mut tx = self.store.write().await?;
        if tx.facts().await?.is_set_up {
            return Err(PasswordError::NotFirst);
        }
        let NamedRow { id, name } = match users::user(&mut tx, name).await {
            Ok(found) => found,
            Err(UserError::NoUser(name)) => NamedRow {
                id: insert_user(&mut tx, &name).await?,
                name,
            },
            Err(other) => return Err(other.into()),
        };
        put(&mut tx, &id, &hash).await?;
        make_administrator(&mut tx, &id).await?;
        let by = Principal::User(name.clone());
        commit(tx, &by, Action::UserCreated, name.shown()).await?;
        Ok(Account::new(id, name, &hash))
    }

    /// Whether anybody has ever been able to sign in. Otherwise, the first user can be
    /// [created](Passwords::create_first_user).
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn is_set_up(&self) -> Result<bool, PasswordError> {
        let mut tx = self.store.read().await?;
        Ok(tx.facts().await?.is_set_up)
    }

    /// The user with this name and password; `None` if either is wrong, which takes equally long.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn verify(
        &self,
        name: &Name,
        password: &SecretString,
    ) -> Result<Option<Account>, PasswordError> {
        let found = self.with_hash(name).await?;
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let password = normal(password);
        let is_match = password_hash::on_worker(move |memory| {
            let hash = hash.unwrap_or_else(|| password_hash::dummy(memory).to_owned());
            password_hash::is_match(password.as_bytes(), &hash, memory)
        });
        let is_match = is_match.await?;
        Ok(found.filter(|_| is_match).map(|(account, _)| account))
    }

    /// The user with this name, whatever their password is; `None` if they cannot sign in.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn named(&self, name: &Name) -> Result<Option<Account>, PasswordError> {
        Ok(self.with_hash(name).await?.map(|(account, _)| account))
    }

    async fn with_hash(&self, name: &Name) -> Result<Option<(Account, String)>, PasswordError> {
        let mut tx = self.store.read().await?;
        // By the name, not by the id that is found: an index can be changed as well.
        tx.verify(&USERS, Rows::With("name", &[name.as_str()]))
            .await?;
        let select = format!(
            "SELECT users.id, {}, passwords.hash FROM users \
             JOIN passwords ON passwords.user_id = users.id WHERE users.name = $1",
            name_of("users")
        );
        let found: Option<(String, ShownName, String)> = query_as(AssertSqlSafe(select))
            .bind(name.as_str())
            .fetch_optional(tx.connection())
            .await?;
        if let Some((id, ..)) = &found {
            tx.verify(&PASSWORDS, Rows::With("user_id", &[id])).await?;
        }
        let account = |(id, ShownName(name), hash): (String, ShownName, String)| {
            let account = Account::new(id, name, &hash);
            (account, hash)
        };
        Ok(found.map(account))
    }

    /// The user with this id; `None` if they can no longer sign in.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn account(&self, id: &str) -> Result<Option<Account>, PasswordError> {
        let mut tx = self.store.read().await?;
        let select = format!(
            "SELECT {}, passwords.hash FROM users \
             JOIN passwords ON passwords.user_id = users.id WHERE users.id = $1",
            name_of("users")
        );
        let found: Option<(ShownName, String)> = query_as(AssertSqlSafe(select))
            .bind(id)
            .fetch_optional(tx.connection())
            .await?;
        verify_account(&mut tx, id).await?;
        Ok(found.map(|(name, hash)| Account::new(id.to_owned(), name.0, &hash)))
    }
}

/// Verifies what a query reads that decides who can sign in.
async fn verify_account(tx: &mut Tx, id: &str) -> Result<(), PasswordError> {
    tx.verify(&USERS, Rows::With("id", &[id])).await?;
    Ok(tx.verify(&PASSWORDS, Rows::With("user_id", &[id])).await?)
}

async fn put(tx: &mut Tx, user: &str, hash: &str) -> Result<(), PasswordError> {
    query("DELETE FROM passwords WHERE user_id = $1")
        .bind(user)
        .execute(tx.connection())
        .await?;
    let insert = query("INSERT INTO passwords (user_id, hash) VALUES ($1, $2)")
        .bind(user)
        .bind(hash);
    tx.insert(&PASSWORDS, insert).await?;
    let mut facts = tx.facts().await?;
    if !facts.is_set_up {
        facts.is_set_up = true;
        tx.set_facts(&facts).await?;
    }
    Ok(())
}

async fn new_hash(password: &SecretString) -> Result<String, PasswordError> {
    match password.expose_secret().chars().count() {
        ..MIN_PASSWORD => Err(PasswordError::TooShort),
        MIN_PASSWORD..=MAX_PASSWORD => {
            let password = normal(password);
            let hash = move |memory: &mut _| password_hash::hash(password.as_bytes(), memory);
            Ok(password_hash::on_worker(hash).await??)
        }
        _ => Err(PasswordError::TooLong),
    }
}

/// Keyboards encode the same character in several ways (NIST SP 800-63B, section 3.1.1.2).
fn normal(password: &SecretString) -> Zeroizing<String> {
    // The rest of a password that is too long does not matter.
    let characters = password.expose_secret().chars().take(MAX_PASSWORD + 1);
    Zeroizing::new(characters.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_compared_in_normal_form() {
        assert_eq!(*normal(&"cafe\u{301}".into()), *normal(&"caf\u{e9}".into()));
    }
}
