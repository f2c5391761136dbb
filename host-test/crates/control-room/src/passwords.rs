//! Passwords: who can sign in to the pages, and how a password is verified.
//!
//! Passwords are stored as argon2id hashes, with the parameters that OWASP's Password Storage Cheat Sheet
//! recommends first for little memory. A hash takes 19 MiB and some 20 ms, so hashes are computed on threads for
//! blocking work, a few at a time.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::types::Text;
use thiserror::Error;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::name::Name;
use crate::principal::Principal;
use crate::store::integrity::{PASSWORDS, Rows, USERS};
use crate::store::random::{row_id, salt};
use crate::store::{Store, StoreError, Tx};
use crate::users::{UserError, insert_user, make_administrator, user_id};

/// The shortest password, in characters.
pub const MIN_PASSWORD: usize = 12;

/// The longest password, in characters.
pub const MAX_PASSWORD: usize = 256;

/// OWASP: "19 MiB of memory, an iteration count of 2, and 1 degree of parallelism".
const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const PARALLELISM: u32 = 1;

/// How many hashes the whole process computes at once: 76 MiB.
const MAX_CONCURRENT_HASHES: usize = 4;

static HASHING: Semaphore = Semaphore::const_new(MAX_CONCURRENT_HASHES);

/// What a password is compared with if there is no such user, so that verification takes as long.
static DUMMY_HASH: LazyLock<Option<String>> =
    LazyLock::new(|| hash(&SecretString::from(row_id())).ok());

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
pub enum PasswordError {
    /// Fewer characters than a password must have.
    #[error("a password has at least {MIN_PASSWORD} characters")]
    TooShort,
    /// More characters than a password may have.
    #[error("a password has at most {MAX_PASSWORD} characters")]
    TooLong,
    /// There is already a user who can sign in, or was one.
    #[error("this Control Room is set up already")]
    NotFirst,
    /// The hash could not be computed.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    /// The user does not exist, or exists already.
    #[error(transparent)]
    User(#[from] UserError),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
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
        let id = user_id(&mut tx, user).await?;
        put(&mut tx, &id, &hash).await?;
        Ok(tx.commit().await?)
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
        Ok(tx.commit().await?)
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
        let id = match user_id(&mut tx, name).await {
            Ok(id) => id,
            Err(UserError::NoUser(_)) => insert_user(&mut tx, name).await?,
            Err(other) => return Err(other.into()),
        };
        put(&mut tx, &id, &hash).await?;
        make_administrator(&mut tx, &id).await?;
        tx.commit().await?;
        Ok(Account::new(id, name.clone(), &hash))
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
        let mut tx = self.store.read().await?;
        let found: Option<(String, String)> = sqlx::query_as(
            "SELECT users.id, passwords.hash FROM users \
             JOIN passwords ON passwords.user_id = users.id WHERE users.name = $1",
        )
        .bind(name.as_str())
        .fetch_optional(tx.connection())
        .await?;
        if let Some((id, _)) = &found {
            verify_account(&mut tx, id).await?;
        }
        drop(tx);
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let is_match = on_thread(password, move |password| {
            let dummy = DUMMY_HASH.as_deref().unwrap_or_default();
            Ok(matches_hash(password, hash.as_deref().unwrap_or(dummy)))
        });
        let is_match = is_match.await?;
        let account = |(id, hash): (String, String)| Account::new(id, name.clone(), &hash);
        Ok(found.filter(|_| is_match).map(account))
    }

    /// The user with this id; `None` if they can no longer sign in.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn account(&self, id: &str) -> Result<Option<Account>, PasswordError> {
        let mut tx = self.store.read().await?;
        let found: Option<(Text<Name>, String)> = sqlx::query_as(
            "SELECT users.name, passwords.hash FROM users \
             JOIN passwords ON passwords.user_id = users.id WHERE users.id = $1",
        )
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
    sqlx::query("DELETE FROM passwords WHERE user_id = $1")
        .bind(user)
        .execute(tx.connection())
        .await?;
    sqlx::query("INSERT INTO passwords (user_id, hash) VALUES ($1, $2)")
        .bind(user)
        .bind(hash)
        .execute(tx.connection())
        .await?;
    tx.authenticate(&PASSWORDS, Rows::With("user_id", &[user]))
        .await?;
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
        MIN_PASSWORD..=MAX_PASSWORD => on_thread(password, hash).await,
        _ => Err(PasswordError::TooLong),
    }
}

/// Runs slow work on a thread for blocking work.
async fn on_thread<T: Send + 'static>(
    password: &SecretString,
    work: impl FnOnce(&SecretString) -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    let failed = |error: &dyn std::error::Error| PasswordError::Hash(error.to_string());
    let permit = HASHING.acquire().await.map_err(|error| failed(&error))?;
    let password = password.clone();
    let work = move || {
        // The work continues if its caller is dropped, so it holds the permit itself.
        let _permit = permit;
        work(&password)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| failed(&error))?
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, PARALLELISM, None)
        .map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &SecretString) -> Result<String, PasswordError> {
    let hash: PasswordHash = argon2()?
        .hash_password_with_salt(normal(password).as_bytes(), &salt())
        .map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(hash.to_string())
}

fn matches_hash(password: &SecretString, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(normal(password).as_bytes(), &hash)
            .is_ok()
    })
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
    fn hashes_name_their_parameters_and_are_salted() {
        let password = SecretString::from("correct horse");
        let (one, other) = (hash(&password).unwrap(), hash(&password).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(matches_hash(&password, &one));
        assert!(!matches_hash(&"correct hors".into(), &one));
        assert!(!matches_hash(&password, ""));
    }

    #[tokio::test]
    async fn work_keeps_its_permit_if_its_caller_is_dropped() {
        let password = SecretString::from("correct horse");
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let (begin, mut begun) = tokio::sync::mpsc::channel(1);
        let work = on_thread(&password, move |_| {
            let _ = begin.blocking_send(());
            let _ = ended.recv();
            Ok(())
        });
        tokio::select! {
            _ = work => unreachable!("it blocks"),
            begun = begun.recv() => begun.unwrap(),
        }
        // Other tests take permits too, but they all return them.
        let others = u32::try_from(MAX_CONCURRENT_HASHES - 1).unwrap();
        drop(HASHING.acquire_many(others).await.unwrap());
        assert!(HASHING.try_acquire_many(others + 1).is_err());
        drop(end);
        drop(HASHING.acquire_many(others + 1).await.unwrap());
    }

    #[test]
    fn passwords_are_compared_in_normal_form() {
        let hash = hash(&"caf\u{e9} caf\u{e9} caf\u{e9}".into()).unwrap();
        assert!(matches_hash(
            &"cafe\u{301} cafe\u{301} cafe\u{301}".into(),
            &hash
        ));
    }
}
