//! What an administrator of the simulated organization can change at run time, and a sign-in without a browser.
//!
//! Methods that take a client id or a username return `false` if it is not known.

use super::GenesysCloud;
use super::authorization_request::AuthorizationRequest;
use super::client::{AddClientError, OAuthClient};
use super::user::{AddUserError, User};
use secrecy::{ExposeSecret, SecretString};

/// *Admin > Integrations > OAuth*.
impl GenesysCloud {
    /// Adds an OAuth client, and returns it.
    ///
    /// # Errors
    ///
    /// If a field is not valid, or the id is taken.
    pub fn add_client(&self, client: OAuthClient) -> Result<OAuthClient, AddClientError> {
        self.cloud.accounts().clients.add(client.clone())?;
        Ok(client)
    }

    /// All OAuth clients, by app name and id.
    pub fn clients(&self) -> Vec<OAuthClient> {
        self.cloud.accounts().clients.list()
    }

    /// Disables a client: it gets no more tokens, and its tokens are revoked.
    pub fn disable_client(&self, id: &str) -> bool {
        self.cloud.accounts().disable_client(id)
    }

    /// Enables a client again. Its revoked tokens stay revoked.
    pub fn enable_client(&self, id: &str) -> bool {
        self.cloud.accounts().enable_client(id)
    }

    /// Removes a client, and revokes its codes and tokens.
    pub fn remove_client(&self, id: &str) -> bool {
        self.cloud.accounts().remove_client(id)
    }

    /// Revokes the authorization codes, access tokens and refresh tokens of a client.
    pub fn revoke_client_tokens(&self, id: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        accounts.revoke_client(id);
        accounts.clients.find(id, None).is_some()
    }

    /// How many access tokens of a client are valid now, so that tests see whether all were revoked.
    pub fn valid_tokens(&self, id: &str) -> usize {
        let now = self.cloud.now();
        self.cloud.accounts().access_tokens.count_valid(id, now)
    }

    /// Makes the access tokens of a client expire now. Its refresh tokens stay valid.
    pub fn expire_client_tokens(&self, id: &str) -> bool {
        let now = self.cloud.now();
        self.cloud.accounts().expire_client_tokens(id, now)
    }
}

/// *Admin > People*.
impl GenesysCloud {
    /// Adds a user, and returns it.
    ///
    /// # Errors
    ///
    /// If the username or the password is empty, or the username is taken.
    pub fn add_user(&self, user: User) -> Result<User, AddUserError> {
        self.cloud.accounts().users.add(user.clone())?;
        Ok(user)
    }

    /// All users, by username.
    pub fn users(&self) -> Vec<User> {
        self.cloud.accounts().users.list()
    }

    /// Removes a user, and revokes the codes and tokens that clients have on their behalf.
    pub fn remove_user(&self, username: &str) -> bool {
        self.cloud.accounts().remove_user(username)
    }

    /// Changes a user's password, ends a lockout, and revokes the codes and tokens that clients have on their behalf:
    /// Genesys documents it of refresh tokens; of access tokens it is likely \[unsure\].
    ///
    /// # Errors
    ///
    /// If the password is empty.
    pub fn change_password(
        &self,
        username: &str,
        password: SecretString,
    ) -> Result<bool, AddUserError> {
        let mut accounts = self.cloud.accounts();
        let Some(user) = accounts.users.find(username) else {
            return Ok(false);
        };
        let changed = User {
            password,
            ..User::clone(&user)
        };
        accounts.users.replace(changed)?;
        accounts.revoke_user(&user);
        Ok(true)
    }

    /// Revokes the codes and tokens that clients have on behalf of a user.
    pub fn revoke_user_tokens(&self, username: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        let found = accounts.users.find(username);
        if let Some(user) = &found {
            accounts.revoke_user(user);
        }
        found.is_some()
    }
}

/// The sign-in without a browser.
impl GenesysCloud {
    /// Signs a user in with their username and password, as they would on the page at `authorization_url`. Returns the
    /// address that their browser would be redirected to, with the authorization code (RFC 6749, section 4.1.2);
    /// `None` if the page would show an error, or reject the password.
    pub fn sign_in(&self, authorization_url: &str, user: &User) -> Option<SecretString> {
        let (_, query) = authorization_url.split_once('?')?;
        let now = self.cloud.now();
        let mut accounts = self.cloud.accounts();
        let request =
            AuthorizationRequest::parse(query, |id| accounts.clients.find(id, None)).ok()?;
        let password = user.password.expose_secret();
        let user = accounts
            .users
            .sign_in(&user.username, &password.into(), now)
            .ok()?;
        let AuthorizationRequest {
            client,
            redirect,
            challenge,
        } = request;
        let codes = &mut accounts.codes;
        let code = codes.issue(&client, user, &redirect.redirect_uri, challenge, now);
        let location = redirect.with_code(&code);
        Some(location.to_str().ok()?.into())
    }
}
