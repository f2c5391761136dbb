//! The history of runs.

use std::sync::Arc;

use axum::extract;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use time::{Date, Duration, Month, OffsetDateTime};

use super::app::App;
use super::assets;
use super::extract::Query;
use super::failure::Failure;
use super::layout::{Frame, page_with};
use super::lists::{ListQuery, PAGE_SIZE};
use super::messages;
use super::moments;
use super::run_log::from_json;
use super::run_page::{duration, state};
use super::schedules;
use super::user_session::SignedIn;
use super::workers;
use bot_engine::Language;
use control_room::runs::{Filter, Outcome, OwnedRun, Run, State};
use control_room::{Name, Page};

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
    /// The first and the last day, as an `input` of type `date` sends it.
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// The minutes from UTC to the reader's time at the beginning of the first and the end of the last day. A script
    /// sends them; without it, days are those of UTC.
    #[serde(default)]
    from_offset: String,
    #[serde(default)]
    to_offset: String,
    /// A text in the log.
    #[serde(default)]
    text: String,
    /// The user whose runs an administrator sees: their own unless it is given, those of all users if it is empty.
    user: Option<String>,
}

/// Whose runs are listed.
enum Whose {
    /// The user's own, with their logs.
    Own,
    /// Those of all users.
    All,
    /// Those of another user.
    Of(Name),
    /// Those of nobody, as no user has such a name.
    Nobody,
}

const NOT_ENDED: &str = "not-ended";

impl RunsQuery {
    fn filter(&self, search: String) -> Filter {
        let state = match self.state.as_str() {
            NOT_ENDED => Some(State::NotEnded),
            outcome => outcome.parse().ok().map(State::Ended),
        };
        let until = day(&self.to, &self.to_offset).and_then(|day| day.checked_add(Duration::DAY));
        Filter {
            bot: search,
            state,
            from: day(&self.from, &self.from_offset),
            until,
        }
    }

    /// What the links to other pages of the list have to contain.
    fn pairs(&self) -> Vec<(&str, &str)> {
        let all = [
            ("state", &self.state),
            ("from", &self.from),
            ("to", &self.to),
            ("from_offset", &self.from_offset),
            ("to_offset", &self.to_offset),
            ("text", &self.text),
        ];
        let set = all.into_iter().filter(|(_, value)| !value.is_empty());
        // An empty user is not the same as none.
        let user = self.user.as_ref().map(|user| ("user", user));
        let set = set.chain(user);
        set.map(|(name, value)| (name, value.as_str())).collect()
    }

    fn whose(&self, user: &SignedIn) -> Whose {
        let given = self.user.as_deref().map(str::trim);
        match given.filter(|_| user.session.administrator) {
            None => Whose::Own,
            Some("") => Whose::All,
            Some(name) => match name.parse::<Name>() {
                Ok(name) if name == user.account.name => Whose::Own,
                Ok(name) => Whose::Of(name),
                Err(_) => Whose::Nobody,
            },
        }
    }
}

/// The beginning of a day, where the time is `offset` minutes ahead of UTC.
fn day(text: &str, offset: &str) -> Option<OffsetDateTime> {
    let mut parts = text.splitn(3, '-');
    let mut part = || parts.next();
    let (year, month, day) = (part()?, part()?, part()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?);
    let offset = Duration::minutes(i64::from(offset.parse::<i16>().unwrap_or(0)));
    date.ok()?.midnight().assume_utc().checked_sub(offset)
}

pub(super) async fn list(
    extract::State(app): extract::State<Arc<App>>,
    user: SignedIn,
    Query(query): Query<RunsQuery>,
) -> Result<Markup, Failure> {
    let runs = app.store.runs(&user.account);
    let whose = query.whose(&user);
    let is_own = matches!(whose, Whose::Own);
    // Read before the list: a run that ends in between must not show as cut off.
    let active_ids = app.runs.active_ids(is_own.then_some(&user.account));
    let mut page_query = ListQuery::new(query.search.clone(), query.page);
    let search = page_query.search();
    let filter = query.filter(search.clone());
    let text = match whose {
        Whose::Own => query.text.trim().to_lowercase(),
        _ => String::new(),
    };
    let has_text = |log: &str| {
        let mut entries = from_json(log).into_iter();
        entries.any(|entry| entry.text.to_lowercase().contains(&text))
    };
    let found = loop {
        let offset = page_query.offset();
        let of_users = async |name| {
            let principal = user.principal();
            app.store
                .runs_of_users(&principal, name, &filter, offset, PAGE_SIZE)
                .await
        };
        let of_own = |page: Page<Run>| Page {
            items: page.items.into_iter().map(|run| (None, run)).collect(),
            total: page.total,
        };
        let of_others = |page: Page<OwnedRun>| Page {
            items: page
                .items
                .into_iter()
                .map(|it| (Some(it.owner), it.run))
                .collect(),
            total: page.total,
        };
        let some = match &whose {
            Whose::Own if text.is_empty() => of_own(runs.list(&filter, offset, PAGE_SIZE).await?),
            Whose::Own => of_own(runs.with_log(&filter, has_text, offset, PAGE_SIZE).await?),
            Whose::All => of_others(of_users(None).await?),
            Whose::Of(name) => of_others(of_users(Some(name)).await?),
            Whose::Nobody => Page::default(),
        };
        if let Some(found) = page_query.page_of(some.items, some.total) {
            break found;
        }
    };
    let is_running = |run: &Run| active_ids.contains(&run.id);
    let frame = user.session.frame(&app);
    let language = frame.language;
    let is_filtered = filter != Filter::default() || !text.is_empty() || !is_own;
    let shown_user = match &query.user {
        Some(name) => name,
        None => user.account.name.shown(),
    };
    let shown_user = user.session.administrator.then_some(shown_user);
    let texts = json!({
        "disconnected": messages::runs_disconnected(language),
        "signedOut": messages::runs_signed_out(language),
        "unknown": messages::run_unknown(language),
        "signIn": messages::sign_in(language),
    });
    let main = html! {
        div.bar {
            h1 { (messages::runs(language)) }
            a.button #schedules href=(schedules::PATH) { (messages::schedules(language)) }
            @if user.session.administrator { a.button #workers href=(workers::PATH) { (messages::workers(language)) } }
        }
        (filter_form(language, &query, &search, shown_user, is_own))
        @if !is_own { p.hint { (messages::run_no_logs(language)) } }
        div #connection role="status" data-texts=(texts) {}
        div #runs {
            @if found.rows.is_empty() && is_filtered {
                p.empty { (messages::no_such_runs(language)) }
            } @else if found.rows.is_empty() {
                p.empty { (messages::no_runs(language)) }
            } @else {
                (table(&frame, &found.rows, &user.account.name, is_running))
                (found.paging(&frame, "/runs", &query.pairs()))
            }
        }
    };
    let title = messages::runs(language);
    Ok(page_with(&frame, title, assets::RUNS, main))
}

/// The form of the filter. `user` is the field of administrators; logs are searched for their own runs.
fn filter_form(
    language: Language,
    query: &RunsQuery,
    search: &str,
    user: Option<&str>,
    has_logs: bool,
) -> Markup {
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
        (Outcome::Lost.name(), messages::run_outcome_lost(language)),
        (NOT_ENDED, messages::run_not_ended(language)),
    ];
    html! {
        form.filter role="search" method="get" action="/runs" {
            div {
                label for="search" { (messages::run_bot(language)) }
                input #search name="search" type="search" value=(search);
            }
            @if let Some(user) = user {
                div {
                    label for="user" { (messages::run_user(language)) }
                    input #user name="user" type="search" value=(user) placeholder=(messages::run_all_users(language))
                        autocomplete="off" spellcheck="false";
                }
            }
            @if has_logs {
                div {
                    label for="text" { (messages::run_text(language)) }
                    input #text name="text" type="search" value=(query.text);
                }
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
                input #from-offset name="from_offset" type="hidden" value=(query.from_offset);
            }
            div {
                label for="to" { (messages::run_to(language)) }
                input #to name="to" type="date" value=(query.to);
                input #to-offset name="to_offset" type="hidden" value=(query.to_offset);
            }
            button { (messages::search(language)) }
        }
    }
}

/// The list. Runs of other users than `own` have no page.
fn table(
    frame: &Frame<'_>,
    runs: &[(Option<Name>, Run)],
    own: &Name,
    is_running: impl Fn(&Run) -> bool,
) -> Markup {
    let language = frame.language;
    let has_users = runs.iter().any(|(user, _)| user.is_some());
    html! {
        table.list.history {
            thead { tr {
                th scope="col" { (messages::run_bot(language)) }
                @if has_users { th scope="col" { (messages::run_user(language)) } }
                th scope="col" { (messages::run_state(language)) }
                th scope="col" { (messages::run_began(language)) }
                th scope="col" { (messages::run_took(language)) }
            } }
            tbody {
                @for (user, run) in runs {
                    @let (state, word) = state(run, is_running(run), language);
                    tr data-state=(state) {
                        th scope="row" {
                            @if user.as_ref().is_none_or(|user| user == own) {
                                a href={ "/runs/" (run.id) } { (run.bot) }
                            } @else { (run.bot) }
                        }
                        @if let Some(user) = user { td { (user) } }
                        td.state { (word) }
                        td.when { (moments::date_and_time(run.started)) }
                        td.when { (duration(run, language).unwrap_or_default()) }
                    }
                }
            }
        }
    }
}
