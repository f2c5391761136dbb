//! Which bots use a credential or a connection, for the question before it is removed.

use std::time::Duration;

use maud::{Markup, html};
use tokio::time::timeout;

use super::app::App;
use super::layout::Frame;
use super::messages;
use control_room::Principal;
use control_room::bots::Reference;

/// How long the search may take.
const MAX_TIME: Duration = Duration::from_secs(5);

/// The most bots that are named.
const MAX_NAMED: usize = 20;

/// Lists the bots that the principal may know of and that refer to this as they are saved.
pub(super) async fn used_by(
    app: &App,
    frame: &Frame<'_>,
    principal: &Principal,
    reference: Reference<'_>,
) -> Markup {
    let language = frame.language;
    let found = app.store.bots_with(reference, principal, MAX_NAMED);
    // A damaged or a very large store must not keep anybody from removing what has leaked.
    let bots = match timeout(MAX_TIME, found).await {
        Ok(Ok(bots)) => bots,
        failed => {
            if let Ok(Err(error)) = failed {
                tracing::error!(%error, "the bots that use something cannot be determined");
            }
            return html! { p #used-by { (messages::used_by_unknown(language)) } };
        }
    };
    let more = bots.total.saturating_sub(bots.items.len() as u64);
    let of_all = principal.is_administrator();
    html! {
        @if bots.total == 0 {
            p #used-by { (if of_all { messages::used_by_none(language) } else { messages::used_by_none_of_yours(language) }) }
        } @else {
            p { (messages::used_by(language)) }
            ul.named #used-by {
                @for bot in &bots.items {
                    li { @if of_all { (bot.owner) ": " } strong { (bot.name) } }
                }
                @if more > 0 { li { (messages::used_by_more(language, more)) } }
            }
        }
    }
}
