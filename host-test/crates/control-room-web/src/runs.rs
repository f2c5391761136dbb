//! The history of runs.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::app::App;
use super::extract::Query;
use super::failure::Failure;
use super::layout::{Frame, page};
use super::lists::{Asked, SHOWN};
use super::messages;
use super::run_page::{duration, outcome, when};
use super::user_session::SignedIn;
use control_room::runs::{Outcome, Run};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(mut asked): Query<Asked>,
) -> Result<Markup, Failure> {
    let runs = app.store.runs(&user.account);
    // Asked before the list: one that ends meanwhile is shown as it was, and not as cut off.
    let under_way = app.runs.under_way(&user.account);
    let found = loop {
        let some = runs.list(asked.offset(), SHOWN).await?;
        if let Some(found) = asked.found(some.items, some.total) {
            break found;
        }
    };
    let is_running = |run: &Run| under_way.contains(&run.id);
    let frame = user.visitor.frame(&app);
    let language = frame.language;
    let main = html! {
        div.bar { h1 { (messages::runs(language)) } }
        @if found.rows.is_empty() {
            p.empty { (messages::no_runs(language)) }
        } @else {
            (table(&frame, &found.rows, is_running))
            (found.paging(&frame, "/runs", &[]))
        }
    };
    Ok(page(&frame, messages::runs(language), main))
}

fn table(frame: &Frame<'_>, runs: &[Run], is_running: impl Fn(&Run) -> bool) -> Markup {
    let language = frame.language;
    html! {
        table.list.history {
            thead { tr {
                th scope="col" { (messages::run_bot(language)) }
                th scope="col" { (messages::run_state(language)) }
                th scope="col" { (messages::run_began(language)) }
                th scope="col" { (messages::run_took(language)) }
            } }
            tbody {
                @for run in runs {
                    @let ended = run.ended.map(|(_, outcome)| outcome);
                    @let goes_on = ended.is_none() && is_running(run);
                    tr data-state=(if goes_on { "running" } else { ended.map_or("cut-off", Outcome::name) }) {
                        th scope="row" { a href={ "/runs/" (run.id) } { (run.bot) } }
                        td.state { (if goes_on { messages::run_running(language) } else { outcome(ended, language) }) }
                        td.when { (when(run.started)) }
                        td.when { (duration(run, frame.language).unwrap_or_default()) }
                    }
                }
            }
        }
    }
}
