//! Lists and shows connections, without secrets and tokens.

use control_room::Name;
use control_room::connections::{SignInState, Summary};
use control_room::oauth::{Grant, Provider};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::super::output::{self, BOLD, comma_separated, line, printable};

pub(super) fn list(connections: &[Summary], json: bool) {
    if json {
        let connections: Vec<_> = connections.iter().map(as_json).collect();
        return output::object(&json!({ "connections": connections }));
    }
    for connection in connections {
        let Summary { name, roles, .. } = connection;
        let shared = connection.shared.as_ref().map_or("none".into(), state);
        let roles = comma_separated(roles);
        line(
            false,
            &printable(&format!("{name}  shared token: {shared}  roles: {roles}")),
        );
    }
}

pub(super) fn one(connection: &Summary, json: bool) {
    if json {
        return output::object(&json!({ "connection": as_json(connection) }));
    }
    let provider = &connection.provider;
    let shared = connection.shared.as_ref().map_or("none".into(), state);
    line(false, &format!("{BOLD}{}{BOLD:#}", connection.name));
    for (what, value) in [
        ("provider", provider_name(provider).into()),
        ("authorization URL", provider.authorization_url().to_owned()),
        ("token URL", provider.token_url().to_owned()),
        ("grant", grant_name(connection.grant).into()),
        ("client id", connection.client_id.clone()),
        (
            "client secret",
            (if connection.has_client_secret {
                "set"
            } else {
                "none"
            })
            .into(),
        ),
        ("scopes", connection.scopes.to_string()),
        ("roles", comma_separated(&connection.roles)),
        ("shared token", shared),
    ] {
        line(false, &printable(&format!("  {what}: {value}")));
    }
    for (user, signed_in) in &connection.users {
        let own = state(signed_in);
        line(false, &printable(&format!("  token of {user}: {own}")));
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
        SignInState::Fetched => "requested when needed".into(),
        SignInState::NotSignedIn => "not signed in".into(),
        SignInState::SignInNeeded { reason } => format!("sign-in needed: {reason}"),
        SignInState::SignedIn {
            expires_at,
            refreshable,
            granted,
        } => {
            let mut text = "signed in".to_owned();
            if let Some(at) = expires_at {
                text += &format!(", until {}", date(at));
            }
            text += match refreshable {
                true => ", refreshed automatically",
                false => ", not refreshed: sign in again when it expires",
            };
            if let Some(granted) = granted {
                text += &format!(", granted: {granted}");
            }
            text
        }
    }
}

fn state_json(state: &SignInState) -> Value {
    match state {
        SignInState::Fetched => json!({ "state": "fetched" }),
        SignInState::NotSignedIn => json!({ "state": "not-signed-in" }),
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
