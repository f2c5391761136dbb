//! What an administrator of the simulated organization can do while it runs. Who is meant is named
//! by client id or username; where there is nobody of that name, the answer is `false`. And what somebody does
//! at the sign-in page, for where there is no browser.

use super::GenesysCloud;
use super::authorization_request::AuthorizationRequest;
use super::client::{AddClientError, OAuthClient};
use super::user::{AddUserError, User};
use secrecy::{ExposeSecret, SecretString};

/// *Admin > Integrations > OAuth*.
impl GenesysCloud {
    /// Adds an OAuth client, and gives it back with the id and the secret it now has.
    ///
    /// # Errors
    ///
    /// Where a field of it is not acceptable, or its id is taken.
    pub fn add_client(&self, client: OAuthClient) -> Result<OAuthClient, AddClientError> {
        self.cloud.accounts().clients.add(client.clone())?;
        Ok(client)
    }

    /// All OAuth clients, in the order of app name and id.
    pub fn clients(&self) -> Vec<OAuthClient> {
        self.cloud.accounts().clients.list()
    }

    /// Disables a client: it gets no more tokens, and those it has end at once.
    pub fn disable_client(&self, id: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        accounts.end_all_of_client(id);
        accounts.clients.set_enabled(id, false)
    }

    /// Enables a client again. What ended when it was disabled stays so.
    pub fn enable_client(&self, id: &str) -> bool {
        self.cloud.accounts().clients.set_enabled(id, true)
    }

    /// Removes a client; all that it holds ends at once.
    pub fn remove_client(&self, id: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        accounts.end_all_of_client(id);
        accounts.clients.remove(id)
    }

    /// Ends all that a client holds: authorization codes, access tokens and refresh tokens.
    pub fn revoke_client_tokens(&self, id: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        accounts.end_all_of_client(id);
        accounts.clients.find(id, None).is_some()
    }

    /// Lets the access tokens of a client expire now. Its refresh tokens live on.
    pub fn expire_client_tokens(&self, id: &str) -> bool {
        let now = self.cloud.now();
        let mut accounts = self.cloud.accounts();
        accounts.access_tokens.expire_all_of_client(id, now);
        accounts.clients.find(id, None).is_some()
    }
}

/// *Admin > People*.
impl GenesysCloud {
    /// Adds somebody who can sign in, and gives them back with the id they now have.
    ///
    /// # Errors
    ///
    /// Where username or password are empty, or the username is taken.
    pub fn add_user(&self, user: User) -> Result<User, AddUserError> {
        self.cloud.accounts().users.add(user.clone())?;
        Ok(user)
    }

    /// Everybody who can sign in, in the order of their usernames.
    pub fn users(&self) -> Vec<User> {
        self.cloud.accounts().users.list()
    }

    /// Removes a user; all that clients hold in their name ends at once.
    pub fn remove_user(&self, username: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        let removed = accounts.users.remove(username);
        if let Some(user) = &removed {
            accounts.end_all_of_user(user);
        }
        removed.is_some()
    }

    /// Changes a user's password. All that clients hold in their name ends at once: of refresh
    /// tokens Genesys says so, of access tokens it is likely \[unsure\]. They are not locked out
    /// any longer.
    ///
    /// # Errors
    ///
    /// Where the password is empty.
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
        accounts.end_all_of_user(&user);
        Ok(true)
    }

    /// Ends all that clients hold in a user's name.
    pub fn revoke_user_tokens(&self, username: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        let found = accounts.users.find(username);
        if let Some(user) = &found {
            accounts.end_all_of_user(user);
        }
        found.is_some()
    }
}

/// The sign-in page without a browser.
impl GenesysCloud {
    /// Signs `person` in with their username and password, as they would on the page that
    /// `authorization_url` opens: the address that their browser would be led back to. It has the
    /// authorization code in it. None where the page would show a problem, or would not take the
    /// password.
    pub fn sign_in(&self, authorization_url: &str, person: &User) -> Option<SecretString> {
        let (_, query) = authorization_url.split_once('?')?;
        let now = self.cloud.now();
        let mut accounts = self.cloud.accounts();
        let request =
            AuthorizationRequest::parse(query, |id| accounts.clients.find(id, None)).ok()?;
        let password = person.password.expose_secret();
        let user = accounts
            .users
            .sign_in(&person.username, &password.into(), now)
            .ok()?;
        let AuthorizationRequest {
            client,
            way_back,
            challenge,
        } = request;
        let codes = &mut accounts.codes;
        let code = codes.issue(&client, user, &way_back.redirect_uri, challenge, now);
        let led_to = way_back.with_code(&code);
        Some(led_to.to_str().ok()?.into())
    }
}
