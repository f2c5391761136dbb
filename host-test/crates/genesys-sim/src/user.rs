//! The users of the simulated organization, and their authentication.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::random;
use super::rate_limit::RetryAfter;

/// This many wrong passwords in a row lock a user out for [`LOCKOUT`]. In Genesys Cloud, each organization's password
/// policy sets the numbers.
pub const MAX_WRONG_PASSWORDS: u32 = 5;

/// How long a user is locked out after [`MAX_WRONG_PASSWORDS`].
pub const LOCKOUT: Duration = Duration::from_mins(5);

/// A user of the organization.
#[derive(Clone, Debug)]
pub struct User {
    /// A UUID.
    pub id: String,
    /// The name for signing in: at Genesys an e-mail address, here any text that is not empty.
    pub username: String,
    /// Any text that is not empty.
    pub password: SecretString,
    /// The display name.
    pub name: String,
    /// The department, if there is one.
    pub department: Option<String>,
    /// The job title, if there is one.
    pub title: Option<String>,
    /// Whether the user is an administrator, who can sign in to the admin pages.
    pub is_admin: bool,
}

impl User {
    /// A user with a generated id, whose display name is the username.
    pub fn new(username: impl Into<String>, password: SecretString) -> Self {
        let username = username.into();
        Self {
            id: random::uuid(),
            name: username.clone(),
            username,
            password,
            department: None,
            title: None,
            is_admin: false,
        }
    }

    /// A user with a generated id and a generated password.
    pub fn with_generated_password(username: impl Into<String>) -> Self {
        Self::new(username, random::client_secret())
    }

    /// An administrator with a generated id and a generated password.
    pub fn admin(username: impl Into<String>) -> Self {
        Self {
            is_admin: true,
            ..Self::with_generated_password(username)
        }
    }

    fn check(&self) -> Result<(), AddUserError> {
        if self.username.is_empty() {
            return Err(AddUserError::EmptyUsername);
        }
        if self.password.expose_secret().is_empty() {
            return Err(AddUserError::EmptyPassword);
        }
        Ok(())
    }
}

/// Why a user was not added.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddUserError {
    /// The username is empty.
    #[error("the username is empty")]
    EmptyUsername,
    /// The password is empty.
    #[error("the password is empty")]
    EmptyPassword,
    /// There is already a user with this username.
    #[error("there is already a user {0}")]
    UsernameTaken(String),
}

impl AddUserError {
    /// The error in German. `Display` is in English.
    pub fn in_german(&self) -> String {
        match self {
            Self::EmptyUsername => "der Benutzername ist leer".into(),
            Self::EmptyPassword => "das Kennwort ist leer".into(),
            Self::UsernameTaken(name) => format!("es gibt schon einen Benutzer {name}"),
        }
    }
}

/// The username of the sample person.
const SAMPLE: &str = "sample.person@example.com";

/// All users, by username.
#[derive(Default)]
pub(super) struct Users(BTreeMap<String, Registered>);

struct Registered {
    user: Arc<User>,
    wrong_passwords: u32,
    locked_until: Duration,
}

/// Why a sign-in fails.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SignInError {
    /// There is no user with this username, or the password is wrong.
    WrongPassword,
    /// There were too many wrong passwords: even the right one is rejected for now.
    LockedOut(RetryAfter),
}

impl Users {
    pub(super) fn add(&mut self, user: User) -> Result<(), AddUserError> {
        if self.0.contains_key(&user.username) {
            return Err(AddUserError::UsernameTaken(user.username));
        }
        self.replace(user)
    }

    /// Adds a user, or replaces the one with the same username.
    pub(super) fn replace(&mut self, user: User) -> Result<(), AddUserError> {
        user.check()?;
        let registered = Registered {
            user: Arc::new(user),
            wrong_passwords: 0,
            locked_until: Duration::ZERO,
        };
        self.0.insert(registered.user.username.clone(), registered);
        Ok(())
    }

    /// All users, by username.
    pub(super) fn list(&self) -> Vec<User> {
        let users = self.0.values();
        users.map(|known| User::clone(&known.user)).collect()
    }

    /// The user with this username.
    pub(super) fn find(&self, username: &str) -> Option<Arc<User>> {
        self.0.get(username).map(|known| Arc::clone(&known.user))
    }

    /// The person whom everybody may sign in as, whether or not they have been added.
    pub(super) fn sample(&mut self) -> Option<Arc<User>> {
        if self.find(SAMPLE).is_none() {
            self.replace(User::with_generated_password(SAMPLE)).ok()?;
        }
        self.find(SAMPLE)
    }

    /// The user with this id.
    pub(super) fn with_id(&self, id: &str) -> Option<Arc<User>> {
        let mut users = self.0.values().map(|known| &known.user);
        users.find(|user| user.id == id).map(Arc::clone)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a user has this e-mail address, in upper or lower case.
    pub(super) fn has_email(&self, email: &str) -> bool {
        let mut usernames = self.0.keys();
        usernames.any(|username| username.eq_ignore_ascii_case(email))
    }

    pub(super) fn remove(&mut self, username: &str) -> Option<Arc<User>> {
        self.0.remove(username).map(|known| known.user)
    }

    /// Authenticates a user at the time `now`.
    pub(super) fn sign_in(
        &mut self,
        username: &str,
        password: &SecretString,
        now: Duration,
    ) -> Result<Arc<User>, SignInError> {
        let known = self.0.get_mut(username).ok_or(SignInError::WrongPassword)?;
        if now < known.locked_until {
            let left = known.locked_until.saturating_sub(now);
            return Err(SignInError::LockedOut(RetryAfter::from(left)));
        }
        let expected = known.user.password.expose_secret().as_bytes();
        if expected.ct_eq(password.expose_secret().as_bytes()).into() {
            known.wrong_passwords = 0;
            return Ok(Arc::clone(&known.user));
        }
        known.wrong_passwords += 1;
        if known.wrong_passwords == MAX_WRONG_PASSWORDS {
            known.wrong_passwords = 0;
            known.locked_until = now + LOCKOUT;
        }
        Err(SignInError::WrongPassword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);

    fn users() -> Users {
        let mut users = Users::default();
        users.add(User::new("jane", "right".into())).unwrap();
        users
    }

    fn sign_in(users: &mut Users, password: &str, at: Duration) -> Option<SignInError> {
        users.sign_in("jane", &password.into(), at).err()
    }

    #[test]
    fn only_the_right_password_signs_in() {
        let mut users = users();
        assert_eq!(sign_in(&mut users, "right", NOW), None);
        for wrong in ["", "Right", "right ", "wrong"] {
            let refused = sign_in(&mut users, wrong, NOW);
            assert_eq!(refused, Some(SignInError::WrongPassword), "{wrong:?}");
        }
        let stranger = users.sign_in("john", &"right".into(), NOW);
        assert_eq!(stranger.err(), Some(SignInError::WrongPassword));
    }

    #[test]
    fn a_lockout_rejects_the_right_password_until_it_ends() {
        let mut users = users();
        for _ in 0..MAX_WRONG_PASSWORDS {
            sign_in(&mut users, "wrong", NOW);
        }
        let refused = sign_in(&mut users, "right", NOW);
        assert_eq!(refused, Some(SignInError::LockedOut(RetryAfter(300))));
        assert_eq!(sign_in(&mut users, "right", NOW + LOCKOUT), None);
    }

    #[test]
    fn the_right_password_resets_the_count_of_wrong_ones() {
        let mut users = users();
        for _ in 0..2 {
            for _ in 1..MAX_WRONG_PASSWORDS {
                sign_in(&mut users, "wrong", NOW);
            }
            assert_eq!(sign_in(&mut users, "right", NOW), None);
        }
    }
}
