//! Localizes the state of a connection's token.

use maud::{Markup, PreEscaped, html};

use super::messages;
use crate::moments;
use bot_engine::Language;
use control_room::Name;
use control_room::connections::{SignInState, Summary};
use control_room::oauth::{Grant, Provider};

/// A state as it is shown on pages; `None` if the connection has no such token.
pub(super) fn state(language: Language, state: Option<&SignInState>) -> Markup {
    let sign = |good, message: &str| html! { span.sign data-good[good] { (message) } };
    let bad = |message: &str| html! { span.sign data-bad { (message) } };
    match state {
        None => html! { span.soft { (messages::not_kept(language)) } },
        Some(SignInState::Fetched) => sign(true, messages::fetched(language)),
        Some(SignInState::NotSignedIn) => sign(false, messages::not_signed_in(language)),
        Some(SignInState::LastUseFailed(failure)) => html! {
            (bad(messages::last_use_failed(language)))
            p.soft { (failure.message(language)) }
        },
        Some(SignInState::SignInNeeded { reason }) => html! {
            (bad(messages::sign_in_needed(language)))
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
                    (PreEscaped(messages::expires(language, moments::date_and_time(*moment).into_string()))) ", "
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
        Some(SignInState::LastUseFailed(_)) => messages::last_use_failed(language),
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

/// Whether bots of a user who may use the connection get a token: the shared one, or the user's own.
pub(crate) fn has_token(summary: &Summary, user: &Name) -> bool {
    let own = own_state(summary, user, true);
    let has = |state: &SignInState| {
        matches!(
            state,
            SignInState::Fetched | SignInState::SignedIn { .. } | SignInState::LastUseFailed(_)
        )
    };
    summary.shared.iter().chain(&own).any(has)
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
