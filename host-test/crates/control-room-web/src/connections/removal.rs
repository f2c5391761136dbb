//! Removing a connection, and what became of its tokens. For administrators.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tokio::time::timeout;

use super::localize::revocation_error;
use super::messages;
use super::{CONNECTION, CONNECTIONS, REMOVE, see};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{At, Removal, ask_removal};
use crate::forms::{Nothing, Sent};
use crate::layout::{Frame, page};
use crate::permissions::Administrator;
use bot_engine::Language;
use control_room::connections::{RemovalOutcome, SignInState, Summary};
use control_room::oauth::revocation::RevocationError;

/// How long the page waits for tokens to be ended: less than a request may take. It goes on beyond that.
const REMOVAL_TIME: Duration = Duration::from_secs(25);

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
) -> Result<Markup, Failure> {
    let name = see(&app, &user, &at).await?.summary.name;
    let frame = user.visitor.frame(&app);
    let language = frame.language;
    let removal = Removal {
        question: messages::remove_question(language, &name),
        advice: messages::remove_advice(language),
        at: ("at", name.as_str()),
        remove: REMOVE,
        back: CONNECTION,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Response, Failure> {
    let summary = see(&app, &user, &at).await?.summary;
    let frame = user.visitor.frame(&app);
    // It comes to its end also where the browser has gone away.
    let removed = timeout(REMOVAL_TIME, app.connections.remove(&summary.name)).await;
    let alive = match removed {
        Err(_) => None,
        Ok(removed) => match removed? {
            RemovalOutcome {
                revoked,
                still_valid,
                reason: Some(why),
            } => Some((still_valid, revoked + still_valid, why)),
            _ => return Ok(Redirect::to(CONNECTIONS).into_response()),
        },
    };
    Ok(left_page(&frame, &summary, alive.as_ref()).into_response())
}

/// What is left: how many tokens of how many, and why; none where that is not known yet.
fn left_page(
    frame: &Frame<'_>,
    summary: &Summary,
    alive: Option<&(usize, usize, RevocationError)>,
) -> Markup {
    let language = frame.language;
    let title = messages::is_removed(language, &summary.name);
    let holders = holders(summary, language);
    let main = html! {
        div.middle.card {
            h1 #removed { (title) }
            @match alive {
                Some((alive, all, why)) => {
                    p.error role="alert" {
                        (messages::tokens_alive(language, alive, all))
                        " " (revocation_error(why, frame.language))
                    }
                }
                None => p.error role="alert" { (messages::removal_goes_on(language)) },
            }
            @if !holders.is_empty() {
                p { (messages::tokens_were(language)) }
                ul { @for holder in &holders { li { (holder) } } }
            }
            p.hint { (messages::tokens_alive_advice(language)) }
            p { a href=(CONNECTIONS) { (messages::connections(language)) } }
        }
    };
    page(frame, &title, main)
}

/// Whose tokens a connection had.
fn holders(summary: &Summary, language: Language) -> Vec<String> {
    let has = |state: &SignInState| {
        matches!(
            state,
            SignInState::Fetched | SignInState::SignedIn { .. } | SignInState::SignInNeeded { .. }
        )
    };
    let shared = summary.shared.iter().filter(|state| has(state));
    let shared = shared.map(|_| messages::shared(language).to_owned());
    let users = summary.users.iter().filter(|(_, state)| has(state));
    let users = users.map(|(user, _)| messages::token_of(language, user));
    shared.chain(users).collect()
}
