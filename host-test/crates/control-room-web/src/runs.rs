//! The history of runs.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::app::App;
use super::extract::Query;
use super::failure::Failure;
use super::layout::{Frame, page};
use super::lists::{ListQuery, PAGE_SIZE};
use super::messages;
use super::run_page::{duration, outcome, when};
use super::user_session::SignedIn;
use control_room::runs::{Outcome, Run};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(mut query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    let runs = app.store.runs(&user.account);
    // Read before the list: a run that ends in between must not show as cut off.
    let active_ids = app.runs.active_ids(&user.account);
    let found = loop {
        let some = runs.list(query.offset(), PAGE_SIZE).await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let is_running = |run: &Run| active_ids.contains(&run.id);
    let frame = user.session.frame(&app);
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
                        td.when { (duration(run, language).unwrap_or_default()) }
                    }
                }
            }
        }
    }
}
