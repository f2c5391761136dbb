//! Removing a connection, and what became of its tokens. For administrators.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tokio::time::timeout;

use super::in_words::revocation_error;
use super::texts::{Texts, texts};
use super::{CONNECTION, CONNECTIONS, REMOVE, see};
use crate::app::App;
use crate::asked::Query;
use crate::failure::Failure;
use crate::forms::{Nothing, Sent};
use crate::layout::{Frame, page};
use crate::parts::{At, Removal, ask_removal};
use crate::rights::Administrator;
use control_room::connections::{Removed, SignInState, Summary};
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
    let texts = texts(frame.language);
    let removal = Removal {
        question: texts.remove,
        advice: texts.remove_advice,
        name: name.as_str(),
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
            Removed {
                ended,
                alive,
                because: Some(why),
            } => Some((alive, ended + alive, why)),
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
    let (common, texts) = (frame.language.texts(), texts(frame.language));
    let title = texts.is_removed.replace("{name}", summary.name.as_str());
    let holders = holders(summary, texts);
    let main = html! {
        div.middle.card {
            h1 #removed { (title) }
            @match alive {
                Some((alive, all, why)) => {
                    p.error role="alert" {
                        (texts.tokens_alive.replace("{n}", &alive.to_string()).replace("{all}", &all.to_string()))
                        " " (revocation_error(why, frame.language))
                    }
                }
                None => p.error role="alert" { (texts.removal_goes_on) },
            }
            @if !holders.is_empty() {
                p { (texts.tokens_were) }
                ul { @for holder in &holders { li { (holder) } } }
            }
            p.hint { (texts.tokens_alive_advice) }
            p { a href=(CONNECTIONS) { (common.connections) } }
        }
    };
    page(frame, &title, main)
}

/// Whose tokens a connection had.
fn holders(summary: &Summary, texts: &Texts) -> Vec<String> {
    let has = |state: &SignInState| {
        matches!(
            state,
            SignInState::Fetched | SignInState::SignedIn { .. } | SignInState::SignInNeeded { .. }
        )
    };
    let shared = summary.shared.iter().filter(|state| has(state));
    let shared = shared.map(|_| texts.shared.to_owned());
    let users = summary.users.iter().filter(|(_, state)| has(state));
    let users = users.map(|(user, _)| texts.token_of.replace("{user}", user.as_str()));
    shared.chain(users).collect()
}
