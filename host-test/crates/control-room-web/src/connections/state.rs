//! Whether there is a token, or what it takes to get one, in words.

use maud::{Markup, html};

use super::texts::{Texts, texts};
use crate::bots::when;
use crate::language::Language;
use control_room::Name;
use control_room::connections::{SignInState, Summary};
use control_room::oauth::{Grant, Provider};

/// A state; none where no such token is kept.
pub(super) fn state(language: Language, state: Option<&SignInState>) -> Markup {
    let texts = texts(language);
    let sign = |good, words: &str| html! { span.sign data-good[good] { (words) } };
    match state {
        None => html! { span.soft { (texts.not_kept) } },
        Some(SignInState::Fetched) => sign(true, texts.fetched),
        Some(SignInState::NotSignedIn) => sign(false, texts.not_signed_in),
        Some(SignInState::SignInNeeded { reason }) => html! {
            (sign(false, texts.sign_in_needed))
            p.soft lang="en" { (reason) }
        },
        Some(SignInState::SignedIn {
            expires_at,
            renewable,
            granted,
        }) => html! {
            (sign(true, texts.signed_in))
            p.soft {
                @if let Some(moment) = expires_at {
                    (texts.expires.replace("{when}", &when(*moment))) ", "
                }
                (if *renewable { texts.renewed } else { texts.not_renewed })
            }
            @if let Some(granted) = granted {
                p.soft { (texts.granted.replace("{scopes}", granted)) }
            }
        },
    }
}

/// A state, as short as can be.
pub(super) fn in_a_word(state: Option<&SignInState>, texts: &Texts) -> &'static str {
    match state {
        None => texts.not_kept,
        Some(SignInState::Fetched) => texts.fetched,
        Some(SignInState::NotSignedIn) => texts.not_signed_in,
        Some(SignInState::SignInNeeded { .. }) => texts.sign_in_needed,
        Some(SignInState::SignedIn { .. }) => texts.signed_in,
    }
}

/// What somebody's own token is like; none where there can be none.
pub(super) fn own_state(summary: &Summary, user: &Name, may_use: bool) -> Option<SignInState> {
    if summary.grant == Grant::ClientCredentials || !may_use {
        return None;
    }
    let found = summary.users.iter().find(|(name, _)| name == user);
    Some(found.map_or(SignInState::NotSignedIn, |(_, state)| state.clone()))
}

pub(super) fn grant_in_words(grant: Grant, texts: &Texts) -> &'static str {
    match grant {
        Grant::AuthorizationCode => texts.code,
        Grant::AuthorizationCodePkce => texts.code_pkce,
        Grant::ClientCredentials => texts.client_credentials,
    }
}

/// The host that tokens come from.
pub(super) fn host(provider: &Provider) -> String {
    provider
        .token_origin()
        .trim_start_matches("https://")
        .to_owned()
}
