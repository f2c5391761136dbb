//! The schedules of a user: when bots start by themselves, and what happened at the last time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::app::App;
use super::extract::{Path, Query};
use super::failure::Failure;
use super::forms::{FormData, NoFields};
use super::layout::{Frame, form_token, page};
use super::messages;
use super::moments;
use super::user_session::SignedIn;
use bot_engine::Language;
use control_room::Name;
use control_room::queue::DEFAULT_POOL;
use control_room::schedules::{Happened, Last, Recurrence, Schedule, Schedules};

/// The address of the page.
pub(super) const PATH: &str = "/schedules";

/// A worker that has not reported for this long counts as gone. It does so four times within its lease, of at most an hour.
const SILENT: Duration = Duration::from_mins(20);

/// Days that need no cron expression: its last three fields, and what they are called.
type Days = (&'static str, fn(Language) -> &'static str);

/// The choices of the form.
pub(super) const DAYS: [Days; 11] = [
    ("* * *", messages::schedule_each_day),
    ("* * 1-5", messages::schedule_workdays),
    ("* * 1", messages::schedule_monday),
    ("* * 2", messages::schedule_tuesday),
    ("* * 3", messages::schedule_wednesday),
    ("* * 4", messages::schedule_thursday),
    ("* * 5", messages::schedule_friday),
    ("* * 6", messages::schedule_saturday),
    ("* * 0", messages::schedule_sunday),
    ("1 * *", messages::schedule_first_of_month),
    ("L * *", messages::schedule_last_of_month),
];

/// What was just done, in the query.
#[derive(Deserialize)]
pub(super) struct Flash {
    #[serde(default)]
    done: String,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(flash): Query<Flash>,
) -> Result<Markup, Failure> {
    let schedules = of_user(&app, &user).list().await?;
    let without_worker = pool_without_worker(&app, &schedules).await;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let main = html! {
        div.bar { h1 { (messages::schedules(language)) } }
        @if flash.done == "saved" { p.done role="status" { (messages::schedule_saved(language)) } }
        @if let Some(pool) = without_worker {
            p.notice #no-worker { (messages::schedule_no_worker(language, pool)) }
        }
        @if schedules.is_empty() {
            p.empty { (messages::no_schedules(language)) }
        } @else {
            (table(&frame, &schedules))
        }
    };
    Ok(page(&frame, messages::schedules(language), main))
}

fn table(frame: &Frame<'_>, schedules: &[Schedule]) -> Markup {
    let language = frame.language;
    html! {
        table.bots #schedules {
            thead { tr {
                th scope="col" { (messages::schedule_bot(language)) }
                th scope="col" { (messages::schedule_when(language)) }
                th scope="col" { (messages::schedule_next(language)) }
                th scope="col" { (messages::schedule_last(language)) }
                th scope="col" { span.hidden { (messages::actions_of(language)) } }
            } }
            tbody {
                @for schedule in schedules {
                    tr {
                        th scope="row" { a href={ "/bots/" (schedule.bot_id) } { (schedule.bot) } }
                        td.state { (times(&schedule.recurrence, language)) " (" (schedule.recurrence.time_zone()) ")" }
                        td.state {
                            span.unit { (messages::schedule_next(language)) ": " }
                            (next(schedule, language))
                        }
                        td.state {
                            span.unit { (messages::schedule_last(language)) ": " }
                            (last(schedule.last.as_ref(), language))
                        }
                        td.what {
                            @if schedule.is_paused {
                                (button(frame, schedule, "resume", messages::schedule_resume(language)))
                            } @else {
                                (button(frame, schedule, "pause", messages::schedule_pause(language)))
                            }
                            (button(frame, schedule, "remove", messages::schedule_remove(language)))
                        }
                    }
                }
            }
        }
    }
}

/// Days and time, if the form has them; otherwise, the cron expression.
fn times(recurrence: &Recurrence, language: Language) -> String {
    let mut fields = recurrence.expression().splitn(3, ' ');
    let minute = fields.next().and_then(|it| it.parse::<u8>().ok());
    let hour = fields.next().and_then(|it| it.parse::<u8>().ok());
    let days = fields.next();
    let days = DAYS.iter().find(|(fields, _)| days == Some(*fields));
    match (minute, hour, days) {
        (Some(minute), Some(hour), Some((_, days))) => {
            format!("{}, {hour:02}:{minute:02}", days(language))
        }
        _ => recurrence.expression().into(),
    }
}

fn next(schedule: &Schedule, language: Language) -> Markup {
    html! {
        @match schedule.next {
            _ if schedule.is_paused => { (messages::schedule_paused(language)) }
            Some(next) => { (moments::date_and_time(next)) }
            None if !schedule.recurrence.has_times() => { (messages::schedule_invalid(language)) }
            // It is calculated anew.
            None => { (messages::schedule_soon(language)) }
        }
    }
}

fn last(last: Option<&Last>, language: Language) -> Markup {
    let Some(last) = last else {
        return html! { (messages::schedule_none_yet(language)) };
    };
    let time = moments::date_and_time(last.time);
    let why = match last.happened {
        Happened::Queued => None,
        Happened::Overlapped => Some(messages::schedule_overlapped(language)),
        Happened::Missed => Some(messages::schedule_was_missed(language)),
        Happened::Refused => Some(messages::schedule_refused(language)),
        Happened::Unreadable => Some(messages::schedule_unreadable(language)),
    };
    html! {
        @match (why, &last.run) {
            (Some(why), _) => { (time) br; (why) }
            (None, Some(run)) => { a href={ "/runs/" (run) } { (time) } }
            (None, None) => { (time) }
        }
    }
}

fn button(frame: &Frame<'_>, schedule: &Schedule, action: &str, label: &str) -> Markup {
    html! {
        form.inline method="post" action={ (PATH) "/" (schedule.id) "/" (action) } {
            (form_token(frame))
            button.quiet aria-label={ (label) ": " (schedule.bot) ", " (times(&schedule.recurrence, frame.language)) } {
                (label)
            }
        }
    }
}

/// A pool that has no worker, of those of schedules that are not paused.
async fn pool_without_worker(app: &App, schedules: &[Schedule]) -> Option<Name> {
    let pools: BTreeSet<&Name> = schedules
        .iter()
        .filter(|it| !it.is_paused)
        .map(|it| &it.pool)
        .collect();
    for pool in pools {
        // It is only a hint: if workers cannot be read, the page is shown without it.
        let found = app.store.queue().has_worker(pool, SILENT).await;
        if matches!(found, Ok(false)) {
            return Some(pool.clone());
        }
    }
    None
}

/// The workers that run what these pages schedule.
pub(super) fn pool(app: &App) -> Result<Name, Failure> {
    let default = || DEFAULT_POOL.parse().map_err(|_| Failure::Broken);
    app.pool.clone().map_or_else(default, Ok)
}

pub(super) fn of_user(app: &App, user: &SignedIn) -> Schedules {
    app.store.schedules(&user.account)
}

pub(super) async fn pause(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    let schedules = of_user(&app, &user);
    schedules.pause(&user.principal(), &id).await?;
    Ok(Redirect::to(PATH))
}

pub(super) async fn resume(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    let schedules = of_user(&app, &user);
    schedules.resume(&user.principal(), &id).await?;
    Ok(Redirect::to(PATH))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    of_user(&app, &user).remove(&user.principal(), &id).await?;
    Ok(Redirect::to(PATH))
}
