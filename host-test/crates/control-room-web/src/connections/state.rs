//! Localizes the state of a connection's token.

use maud::{Markup, html};

use super::messages;
use crate::bots::when;
use bot_engine::Language;
use control_room::Name;
use control_room::connections::{SignInState, Summary};
use control_room::oauth::{Grant, Provider};

/// A state as it is shown on pages; `None` if the connection has no such token.
pub(super) fn state(language: Language, state: Option<&SignInState>) -> Markup {
    let sign = |good, message: &str| html! { span.sign data-good[good] { (message) } };
    match state {
        None => html! { span.soft { (messages::not_kept(language)) } },
        Some(SignInState::Fetched) => sign(true, messages::fetched(language)),
        Some(SignInState::NotSignedIn) => sign(false, messages::not_signed_in(language)),
        Some(SignInState::SignInNeeded { reason }) => html! {
            (sign(false, messages::sign_in_needed(language)))
            p.soft lang="en" { (reason) }
        },
        Some(SignInState::SignedIn {
            expires_at,
            refreshable,
            granted,
        }) => html! {
            (sign(true, messages::signed_in(language)))
            p.soft {
                @if let Some(moment) = expires_at {
                    (messages::expires(language, when(*moment))) ", "
                }
                (if *refreshable { messages::refreshable(language) } else { messages::not_refreshable(language) })
            }
            @if let Some(granted) = granted {
                p.soft { (messages::granted(language, granted)) }
            }
        },
    }
}

/// A state in one or two words.
pub(super) fn short_state(state: Option<&SignInState>, language: Language) -> &'static str {
    match state {
        None => messages::not_kept(language),
        Some(SignInState::Fetched) => messages::fetched(language),
        Some(SignInState::NotSignedIn) => messages::not_signed_in(language),
        Some(SignInState::SignInNeeded { .. }) => messages::sign_in_needed(language),
        Some(SignInState::SignedIn { .. }) => messages::signed_in(language),
    }
}

/// The state of a user's own token; `None` if the connection gives users no token of their own.
pub(super) fn own_state(summary: &Summary, user: &Name, may_use: bool) -> Option<SignInState> {
    if summary.grant == Grant::ClientCredentials || !may_use {
        return None;
    }
    let found = summary.users.iter().find(|(name, _)| name == user);
    Some(found.map_or(SignInState::NotSignedIn, |(_, state)| state.clone()))
}

pub(super) fn grant_name(grant: Grant, language: Language) -> &'static str {
    match grant {
        Grant::AuthorizationCode => messages::code(language),
        Grant::AuthorizationCodePkce => messages::code_pkce(language),
        Grant::ClientCredentials => messages::client_credentials(language),
    }
}

/// The host that issues the tokens.
pub(super) fn host(provider: &Provider) -> String {
    provider
        .token_origin()
        .trim_start_matches("https://")
        .to_owned()
}
