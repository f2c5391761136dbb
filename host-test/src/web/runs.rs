//! The history of runs.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use super::app::App;
use super::asked::Query;
use super::failure::Failure;
use super::layout::{Frame, page};
use super::run_page::{duration, outcome, when};
use super::visitor::SignedIn;
use crate::control_room::runs::{Outcome, Page, Run};

/// How many runs a page shows.
const SHOWN: u32 = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// The first one is 1.
    #[serde(default = "first")]
    page: u32,
}

fn first() -> u32 {
    1
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    let number = asked.page.max(1);
    let offset = (number - 1).saturating_mul(SHOWN);
    let found = app.store.runs(&user.account).list(offset, SHOWN).await?;
    let is_running = |run: &Run| {
        let live = app.runs.live(&user.account, &run.id);
        live.is_some_and(|live| live.seen(usize::MAX).ended.is_none())
    };
    let frame = user.visitor.frame(&app);
    let texts = frame.language.texts();
    let main = html! {
        div.bar { h1 { (texts.runs) } }
        @if found.total == 0 {
            p.empty { (texts.no_runs) }
        } @else {
            (table(&frame, &found, is_running))
            (paging(&frame, number, &found))
        }
    };
    Ok(page(&frame, texts.runs, main))
}

fn table(frame: &Frame<'_>, found: &Page, is_running: impl Fn(&Run) -> bool) -> Markup {
    let texts = frame.language.texts();
    html! {
        table.list.history {
            thead { tr {
                th scope="col" { (texts.run_bot) }
                th scope="col" { (texts.run_state) }
                th scope="col" { (texts.run_began) }
                th scope="col" { (texts.run_took) }
            } }
            tbody {
                @for run in &found.runs {
                    @let ended = run.ended.map(|(_, outcome)| outcome);
                    @let runs = ended.is_none() && is_running(run);
                    tr data-state=(if runs { "running" } else { ended.map_or("cut-off", Outcome::name) }) {
                        th scope="row" { a href={ "/runs/" (run.id) } { (run.bot) } }
                        td.state { (if runs { texts.run_running } else { outcome(ended, texts) }) }
                        td.when { (when(run.started)) }
                        td.when { (duration(run, frame.language).unwrap_or_default()) }
                    }
                }
            }
        }
    }
}

fn paging(frame: &Frame<'_>, number: u32, found: &Page) -> Markup {
    let texts = frame.language.texts();
    let before = u64::from(number - 1) * u64::from(SHOWN);
    let last = before + found.runs.len() as u64;
    let counted = texts
        .counted
        .replace("{from}", &(before + 1).min(last).to_string())
        .replace("{to}", &last.to_string())
        .replace("{total}", &found.total.to_string());
    html! {
        nav.paging aria-label=(texts.pages) {
            span { (counted) }
            @if number > 1 {
                a.button rel="prev" href={ "/runs?page=" (number - 1) } { (texts.previous) }
            }
            @if last < found.total {
                a.button rel="next" href={ "/runs?page=" (u64::from(number) + 1) } { (texts.next) }
            }
        }
    }
}
