//! Removes a connection and reports whether its tokens were revoked. For administrators.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tokio::time::timeout;

use super::messages;
use super::{CONNECTION, CONNECTIONS, REMOVE, load};
use crate::app::App;
use crate::bot_references::used_by;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{Removal, Subject, ask_removal};
use crate::forms::{FormData, NoFields};
use crate::layout::{Frame, page};
use crate::permissions::Administrator;
use bot_engine::Language;
use control_room::bots::Reference;
use control_room::connections::{RemovalOutcome, SignInState, Summary};
use control_room::oauth::revocation::RevocationError;

/// How long the page waits for the revocation of the tokens, which continues in the background; less than the time
/// limit of a request.
const REMOVAL_TIME: Duration = Duration::from_secs(25);

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let name = load(&app, &user, &subject).await?.summary.name;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let reference = Reference::Connection(&name);
    let removal = Removal {
        question: messages::remove_question(language, &name),
        advice: messages::remove_advice(language),
        at: ("at", name.shown()),
        remove: REMOVE,
        back: CONNECTION,
        more: used_by(&app, &frame, &user.principal(), reference).await,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Response, Failure> {
    let summary = load(&app, &user, &subject).await?.summary;
    let frame = user.session.frame(&app);
    // A task of its own completes even if the browser disconnects.
    let connections = user.connections(&app);
    let removed = timeout(REMOVAL_TIME, connections.remove(&summary.name)).await;
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
    Ok(removed_page(&frame, &summary, alive.as_ref()).into_response())
}

/// The page after the removal. `alive` says how many of how many tokens may still be valid, and why; `None` while the
/// revocation goes on.
fn removed_page(
    frame: &Frame<'_>,
    summary: &Summary,
    alive: Option<&(usize, usize, RevocationError)>,
) -> Markup {
    let language = frame.language;
    let title = messages::is_removed(language, &summary.name);
    let token_owners = token_owners(summary, language);
    let main = html! {
        div.middle.card {
            h1 #removed { (title) }
            @match alive {
                Some((alive, all, why)) => {
                    p.error role="alert" {
                        (messages::tokens_alive(language, alive, all))
                        " " (why.message(language))
                    }
                }
                None => p.error role="alert" { (messages::removal_goes_on(language)) },
            }
            @if !token_owners.is_empty() {
                p { (messages::tokens_were(language)) }
                ul { @for owner in &token_owners { li { (owner) } } }
            }
            p.hint { (messages::tokens_alive_advice(language)) }
            p { a href=(CONNECTIONS) { (messages::connections(language)) } }
        }
    };
    page(frame, &title, main)
}

/// The owners of the tokens that a connection had.
fn token_owners(summary: &Summary, language: Language) -> Vec<String> {
    let has = |state: &SignInState| !matches!(state, SignInState::NotSignedIn);
    let shared = summary.shared.iter().filter(|state| has(state));
    let shared = shared.map(|_| messages::shared(language).to_owned());
    let users = summary.users.iter().filter(|(_, state)| has(state));
    let users = users.map(|(user, _)| messages::token_of(language, user));
    shared.chain(users).collect()
}
