//! The history of runs.

use std::sync::Arc;

use axum::extract;
use maud::{Markup, html};
use serde::Deserialize;
use time::{Date, Duration, Month, OffsetDateTime};

use super::app::App;
use super::extract::Query;
use super::failure::Failure;
use super::layout::{Frame, page};
use super::lists::{ListQuery, PAGE_SIZE};
use super::messages;
use super::run_page::{duration, outcome, when};
use super::user_session::SignedIn;
use bot_engine::Language;
use control_room::runs::{Filter, Outcome, Run, State};

/// The filter of the list, in the query.
#[derive(Deserialize)]
pub(super) struct RunsQuery {
    #[serde(default)]
    search: String,
    #[serde(default)]
    page: u32,
    /// The name of an outcome, or [`NOT_ENDED`]; another text selects all.
    #[serde(default)]
    state: String,
    /// The first and the last day (UTC), as an `input` of type `date` sends it.
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

const NOT_ENDED: &str = "not-ended";

impl RunsQuery {
    fn filter(&self, search: String) -> Filter {
        let state = match self.state.as_str() {
            NOT_ENDED => Some(State::NotEnded),
            outcome => outcome.parse().ok().map(State::Ended),
        };
        let last = day(&self.to).and_then(|day| day.checked_add(Duration::DAY));
        Filter {
            bot: search,
            state,
            from: day(&self.from),
            until: last,
        }
    }

    /// What the links to other pages of the list have to contain.
    fn pairs(&self) -> Vec<(&str, &str)> {
        let all = [
            ("state", &self.state),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let set = all.into_iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| (name, value.as_str())).collect()
    }
}

/// The beginning of a day, in UTC.
fn day(text: &str) -> Option<OffsetDateTime> {
    let mut parts = text.splitn(3, '-');
    let mut part = || parts.next();
    let (year, month, day) = (part()?, part()?, part()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?);
    Some(date.ok()?.midnight().assume_utc())
}

pub(super) async fn list(
    extract::State(app): extract::State<Arc<App>>,
    user: SignedIn,
    Query(query): Query<RunsQuery>,
) -> Result<Markup, Failure> {
    let runs = app.store.runs(&user.account);
    // Read before the list: a run that ends in between must not show as cut off.
    let active_ids = app.runs.active_ids(&user.account);
    let mut page_query = ListQuery::new(query.search.clone(), query.page);
    let search = page_query.search();
    let filter = query.filter(search.clone());
    let found = loop {
        let some = runs.list(&filter, page_query.offset(), PAGE_SIZE).await?;
        if let Some(found) = page_query.page_of(some.items, some.total) {
            break found;
        }
    };
    let is_running = |run: &Run| active_ids.contains(&run.id);
    let frame = user.session.frame(&app);
    let language = frame.language;
    let is_filtered = filter != Filter::default();
    let main = html! {
        div.bar { h1 { (messages::runs(language)) } }
        (filter_form(language, &query, &search))
        @if found.rows.is_empty() && is_filtered {
            p.empty { (messages::no_such_runs(language)) }
        } @else if found.rows.is_empty() {
            p.empty { (messages::no_runs(language)) }
        } @else {
            (table(&frame, &found.rows, is_running))
            (found.paging(&frame, "/runs", &query.pairs()))
        }
    };
    Ok(page(&frame, messages::runs(language), main))
}

fn filter_form(language: Language, query: &RunsQuery, search: &str) -> Markup {
    let states = [
        ("", messages::all_runs(language)),
        (Outcome::Done.name(), messages::run_outcome_done(language)),
        (
            Outcome::Failed.name(),
            messages::run_outcome_failed(language),
        ),
        (
            Outcome::Stopped.name(),
            messages::run_outcome_stopped(language),
        ),
        (NOT_ENDED, messages::run_not_ended(language)),
    ];
    html! {
        form.filter role="search" method="get" action="/runs" {
            div {
                label for="search" { (messages::run_bot(language)) }
                input #search name="search" type="search" value=(search);
            }
            div {
                label for="state" { (messages::run_state(language)) }
                select #state name="state" {
                    @for (value, word) in states {
                        option value=(value) selected[query.state == value] { (word) }
                    }
                }
            }
            div {
                label for="from" { (messages::run_from(language)) }
                input #from name="from" type="date" value=(query.from);
            }
            div {
                label for="to" { (messages::run_to(language)) }
                input #to name="to" type="date" value=(query.to);
            }
            button { (messages::search(language)) }
        }
    }
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
