//! Lists and shows connections, without secrets and tokens.

use bot_engine::Language;
use control_room::Name;
use control_room::connections::{SignInState, Summary};
use control_room::oauth::{ClientAuthentication, Grant, Provider};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::super::locale::language;
use super::super::output::{self, BOLD, comma_separated, line, printable};
use super::messages;

pub(super) fn list(connections: &[Summary], json: bool) {
    if json {
        let connections: Vec<_> = connections.iter().map(as_json).collect();
        return output::object(&json!({ "connections": connections }));
    }
    output::say_if_empty(connections);
    for connection in connections {
        let Summary { name, roles, .. } = connection;
        let text = messages::in_list(
            language(),
            name,
            shared_token(connection),
            comma_separated(roles),
        );
        line(false, &printable(&text));
    }
}

pub(super) fn one(connection: &Summary, json: bool) {
    if json {
        return output::object(&json!({ "connection": as_json(connection) }));
    }
    let (provider, language) = (&connection.provider, language());
    let kind = match provider {
        Provider::Genesys(_) => "Genesys",
        Provider::Custom(_) => messages::custom(language),
    };
    let secret = if connection.has_client_secret {
        messages::set(language)
    } else {
        messages::no_secret(language)
    };
    line(false, &format!("{BOLD}{}{BOLD:#}", connection.name));
    for (what, value) in [
        (messages::provider(language), kind.to_owned()),
        (
            messages::authorization_url(language),
            provider.authorization_url().to_owned(),
        ),
        (
            messages::token_url(language),
            provider.token_url().to_owned(),
        ),
        (
            messages::grant(language),
            grant_name(connection.grant).into(),
        ),
        (messages::client_id(language), connection.client_id.clone()),
        (messages::client_secret(language), secret.into()),
        (
            messages::client_authentication(language),
            authentication_name(connection.client_authentication).into(),
        ),
        (messages::scopes(language), connection.scopes.to_string()),
        (
            messages::roles(language),
            comma_separated(&connection.roles),
        ),
        (messages::shared_token(language), shared_token(connection)),
    ] {
        line(false, &printable(&format!("  {what}: {value}")));
    }
    for (user, signed_in) in &connection.users {
        let own = state(signed_in);
        let what = messages::token_of(language, user);
        line(false, &printable(&format!("  {what}: {own}")));
    }
}

fn shared_token(connection: &Summary) -> String {
    match &connection.shared {
        Some(shared) => state(shared),
        None => messages::no_token(language()).into(),
    }
}

fn as_json(connection: &Summary) -> Value {
    let users: Vec<_> = connection
        .users
        .iter()
        .map(|(user, state)| json!({ "user": user.shown(), "token": state_json(state) }))
        .collect();
    json!({
        "name": connection.name.shown(),
        "provider": provider_name(&connection.provider),
        "authorization-url": connection.provider.authorization_url(),
        "token-url": connection.provider.token_url(),
        "grant": grant_name(connection.grant),
        "client-id": connection.client_id,
        "has-client-secret": connection.has_client_secret,
        "client-authentication": authentication_name(connection.client_authentication),
        "scopes": connection.scopes.iter().collect::<Vec<_>>(),
        "save-login-credentials": connection.save_login_credentials,
        "roles": connection.roles.iter().map(Name::shown).collect::<Vec<_>>(),
        "shared-token": connection.shared.as_ref().map(state_json),
        "users": users,
    })
}

fn provider_name(provider: &Provider) -> &'static str {
    match provider {
        Provider::Genesys(_) => "Genesys",
        Provider::Custom(_) => "Custom",
    }
}

fn authentication_name(authentication: ClientAuthentication) -> &'static str {
    match authentication {
        ClientAuthentication::Header => "header",
        ClientAuthentication::Form => "form",
    }
}

fn grant_name(grant: Grant) -> &'static str {
    match grant {
        Grant::AuthorizationCode => "authorization-code",
        Grant::AuthorizationCodePkce => "authorization-code-pkce",
        Grant::ClientCredentials => "client-credentials",
    }
}

fn date(at: &time::OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// The state of a sign-in, as text.
fn state(state: &SignInState) -> String {
    match state {
        SignInState::Fetched => messages::fetched(language()).into(),
        SignInState::NotSignedIn => messages::not_signed_in(language()).into(),
        SignInState::LastUseFailed(failure) => {
            messages::last_use_failed(language(), failure.message(language()))
        }
        SignInState::SignInNeeded { reason } => messages::sign_in_needed(language(), reason),
        SignInState::SignedIn {
            expires_at,
            refreshable,
            granted,
        } => {
            let mut text = messages::signed_in(language()).to_owned();
            if let Some(at) = expires_at {
                text += &messages::until(language(), date(at));
            }
            text += match refreshable {
                true => messages::refreshed(language()),
                false => messages::not_refreshed(language()),
            };
            if let Some(granted) = granted {
                text += &messages::granted(language(), granted);
            }
            text
        }
    }
}

fn state_json(state: &SignInState) -> Value {
    match state {
        SignInState::Fetched => json!({ "state": "fetched" }),
        SignInState::NotSignedIn => json!({ "state": "not-signed-in" }),
        SignInState::LastUseFailed(failure) => {
            json!({ "state": "last-use-failed", "reason": failure.message(Language::English) })
        }
        SignInState::SignInNeeded { reason } => {
            json!({ "state": "sign-in-needed", "reason": reason })
        }
        SignInState::SignedIn {
            expires_at,
            refreshable,
            granted,
        } => json!({
            "state": "signed-in",
            "expires-at": expires_at.as_ref().map(date),
            "renewable": refreshable,
            "granted": granted,
        }),
    }
}
