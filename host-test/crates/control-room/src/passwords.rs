//! Passwords: who can sign in at the pages, and how that is proved.
//!
//! Kept are hashes by argon2id, with the parameters that OWASP's Password Storage Cheat Sheet names first
//! among those with little memory. Each takes 19 MiB and some 20 ms, so they are made on threads for
//! blocking work, a few at a time.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use thiserror::Error;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::name::Name;
use super::store::random::{row_id, salt};
use super::store::{Store, StoreError, name_of};
use super::users::{UserError, insert_user, make_administrator, user_id};

/// The shortest password, in characters.
pub const MIN_PASSWORD: usize = 12;

/// The longest password, in characters.
pub const MAX_PASSWORD: usize = 256;

/// OWASP: "19 MiB of memory, an iteration count of 2, and 1 degree of parallelism".
const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const PARALLELISM: u32 = 1;

/// How many hashes are made at once, by the whole process: 76 MiB.
const AT_ONCE: usize = 4;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// What is compared with where there is no such user, so that the answer takes as long.
static NOBODY: LazyLock<Option<String>> =
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

/// A user who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The id of their row, which no other user ever has.
    pub id: String,
    /// Their name.
    pub name: Name,
    /// Tells their password from those before it, and nothing about it.
    stamp: [u8; 32],
}

impl Account {
    fn new(id: String, name: Name, hash: &str) -> Self {
        let stamp = Sha256::digest(hash.as_bytes()).into();
        Self { id, name, stamp }
    }

    /// What a session keeps of the password that it began with.
    pub fn stamp(&self) -> [u8; 32] {
        self.stamp
    }
}

/// Why a password is not set or not compared.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Fewer characters than a password must have.
    #[error("a password has at least {MIN_PASSWORD} characters")]
    TooShort,
    /// More characters than a password may have.
    #[error("a password has at most {MAX_PASSWORD} characters")]
    TooLong,
    /// Somebody can sign in already: they are the first.
    #[error("somebody can sign in already")]
    NotFirst,
    /// The hash could not be made.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    /// The user is not there.
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
    /// Sets a user's password, in place of one that they had.
    ///
    /// # Errors
    ///
    /// Where there is no such user, or the password is too short or too long.
    pub async fn set(&self, user: &Name, password: &SecretString) -> Result<(), PasswordError> {
        let hash = new_hash(password).await?;
        let mut tx = self.store.write().await?;
        let id = user_id(tx.connection(), user).await?;
        put(tx.connection(), &id, &hash).await?;
        Ok(tx.commit().await?)
    }

    /// [`Passwords::set`], for the administrator `by`.
    ///
    /// # Errors
    ///
    /// As there, and where `by` is no administrator.
    pub async fn set_by(
        &self,
        by: &Name,
        user: &Name,
        password: &SecretString,
    ) -> Result<(), PasswordError> {
        let hash = new_hash(password).await?;
        let mut tx = self.store.users().begin(by).await?;
        let id = user_id(tx.connection(), user).await?;
        put(tx.connection(), &id, &hash).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a user who can sign in, without roles, for the administrator `by`.
    ///
    /// # Errors
    ///
    /// Where there is one of this name, the password is too short or too long, or `by` is no administrator.
    pub async fn make_user_by(
        &self,
        by: &Name,
        name: &Name,
        password: &SecretString,
    ) -> Result<(), PasswordError> {
        let hash = new_hash(password).await?;
        let mut tx = self.store.users().begin(by).await?;
        let id = insert_user(tx.connection(), name).await?;
        put(tx.connection(), &id, &hash).await?;
        Ok(tx.commit().await?)
    }

    /// Makes the first user who can sign in, and an administrator of them; whoever comes second is refused. A user of this name that is
    /// there already, without a password, becomes the one.
    ///
    /// # Errors
    ///
    /// [`PasswordError::NotFirst`], or the password is too short or too long.
    pub async fn make_first_user(
        &self,
        name: &Name,
        password: &SecretString,
    ) -> Result<Account, PasswordError> {
        let hash = new_hash(password).await?;
        let mut tx = self.store.write().await?;
        if count(tx.connection()).await? > 0 {
            return Err(PasswordError::NotFirst);
        }
        let id = match user_id(tx.connection(), name).await {
            Ok(id) => id,
            Err(UserError::NoUser(_)) => insert_user(tx.connection(), name).await?,
            Err(other) => return Err(other.into()),
        };
        put(tx.connection(), &id, &hash).await?;
        make_administrator(tx.connection(), &id).await?;
        tx.commit().await?;
        Ok(Account::new(id, name.clone(), &hash))
    }

    /// Whether anybody can sign in.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn any(&self) -> Result<bool, PasswordError> {
        let mut tx = self.store.read().await?;
        Ok(count(tx.connection()).await? > 0)
    }

    /// The user with this name and password; none where the two do not fit. That takes as long for a name
    /// that nobody has.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
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
        drop(tx);
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let fits = on_thread(password, move |password| {
            let nobody = NOBODY.as_deref().unwrap_or_default();
            Ok(is_of(password, hash.as_deref().unwrap_or(nobody)))
        });
        let fits = fits.await?;
        let account = |(id, hash): (String, String)| Account::new(id, name.clone(), &hash);
        Ok(found.filter(|_| fits).map(account))
    }

    /// The user whose row has this id, where they can still sign in.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn account(&self, id: &str) -> Result<Option<Account>, PasswordError> {
        let mut tx = self.store.read().await?;
        let found: Option<(String, String)> = sqlx::query_as(
            "SELECT users.name, passwords.hash FROM users \
             JOIN passwords ON passwords.user_id = users.id WHERE users.id = $1",
        )
        .bind(id)
        .fetch_optional(tx.connection())
        .await?;
        let account = |(name, hash): (String, String)| -> Result<Account, StoreError> {
            Ok(Account::new(id.to_owned(), name_of("users", &name)?, &hash))
        };
        Ok(found.map(account).transpose()?)
    }
}

async fn count(connection: &mut SqliteConnection) -> Result<i64, PasswordError> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM passwords")
        .fetch_one(connection)
        .await?)
}

async fn put(
    connection: &mut SqliteConnection,
    user: &str,
    hash: &str,
) -> Result<(), PasswordError> {
    sqlx::query("DELETE FROM passwords WHERE user_id = $1")
        .bind(user)
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO passwords (user_id, hash) VALUES ($1, $2)")
        .bind(user)
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(())
}

async fn new_hash(password: &SecretString) -> Result<String, PasswordError> {
    match password.expose_secret().chars().count() {
        ..MIN_PASSWORD => Err(PasswordError::TooShort),
        MIN_PASSWORD..=MAX_PASSWORD => on_thread(password, hash).await,
        _ => Err(PasswordError::TooLong),
    }
}

/// Does what takes long with a password away from the threads that answer.
async fn on_thread<T: Send + 'static>(
    password: &SecretString,
    work: impl FnOnce(&SecretString) -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, PasswordError> {
    let failed = |error: &dyn std::error::Error| PasswordError::Hash(error.to_string());
    let turn = TURNS.acquire().await.map_err(|error| failed(&error))?;
    let password = password.clone();
    let work = move || {
        // It goes on where nobody waits for it any more, and so does its turn.
        let _turn = turn;
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

fn is_of(password: &SecretString, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(normal(password).as_bytes(), &hash)
            .is_ok()
    })
}

/// Keyboards write the same character in several ways (NIST SP 800-63B, section 3.1.1.2).
fn normal(password: &SecretString) -> Zeroizing<String> {
    // A password that is too long to be one need not be looked at as a whole.
    let characters = password.expose_secret().chars().take(MAX_PASSWORD + 1);
    Zeroizing::new(characters.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_it_was_made_and_no_two_are_the_same() {
        let password = SecretString::from("correct horse");
        let (one, other) = (hash(&password).unwrap(), hash(&password).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(is_of(&password, &one));
        assert!(!is_of(&"correct hors".into(), &one));
        assert!(!is_of(&password, ""));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_keeps_its_turn() {
        let password = SecretString::from("correct horse");
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let (begin, mut begun) = tokio::sync::mpsc::channel(1);
        let work = on_thread(&password, move |_| {
            let _ = begin.blocking_send(());
            let _ = ended.recv();
            Ok(())
        });
        tokio::select! {
            _ = work => unreachable!("it waits"),
            begun = begun.recv() => begun.unwrap(),
        }
        // Other tests take turns too, but they all give them back.
        let others = u32::try_from(AT_ONCE - 1).unwrap();
        drop(TURNS.acquire_many(others).await.unwrap());
        assert!(TURNS.try_acquire_many(others + 1).is_err());
        drop(end);
        drop(TURNS.acquire_many(others + 1).await.unwrap());
    }

    #[test]
    fn a_character_is_the_same_however_a_keyboard_writes_it() {
        let hash = hash(&"caf\u{e9} caf\u{e9} caf\u{e9}".into()).unwrap();
        assert!(is_of(&"cafe\u{301} cafe\u{301} cafe\u{301}".into(), &hash));
    }
}
