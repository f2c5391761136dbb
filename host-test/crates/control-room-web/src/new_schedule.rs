//! The form that creates a schedule for a bot: days and time, or a cron expression, and the inputs of the bot.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::app::App;
use super::assets;
use super::check::KeptOutputs;
use super::extract::Path;
use super::failure::Failure;
use super::forms::FormData;
use super::inputs::{self, Fields, inputs};
use super::layout::{Frame, field_error, form_token, page_with};
use super::lists::url;
use super::messages;
use super::run::runnable;
use super::run_page;
use super::schedules::{DAYS, PATH, of_user, pool};
use super::user_session::SignedIn;
use super::worker::Given;
use bot_engine::{Bot, Language, Problem};
use control_room::schedules::{
    Missed, NewSchedule, Overlap, Recurrence, RecurrenceError, SchedulesError,
};

/// What is wrong, and at which field it can be corrected.
struct Wrong {
    field: &'static str,
    message: String,
}

impl Wrong {
    fn new(field: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { field, message }
    }
}

/// The hour and the minute of what a field for a time has sent.
fn hour_and_minute(time: &str) -> Option<(u8, u8)> {
    let number = |text: &str, end: u8| {
        let is_number = text.bytes().all(|it| it.is_ascii_digit());
        text.parse().ok().filter(|it| is_number && *it < end)
    };
    let (hour, minute) = time.split_once(':')?;
    Some((number(hour, 24)?, number(minute, 60)?))
}

/// The times that were typed.
fn recurrence(typed: &Fields, language: Language) -> Result<Recurrence, Wrong> {
    let (cron, zone) = (typed.plain("cron"), typed.plain("zone"));
    let expression = if cron.trim().is_empty() {
        let time = hour_and_minute(typed.plain("time"));
        let (hour, minute) =
            time.ok_or_else(|| Wrong::new("time", messages::schedule_no_time(language)))?;
        let days = typed.plain("days");
        let known = DAYS.iter().find(|(fields, _)| *fields == days);
        let (days, _) = known.unwrap_or(&DAYS[0]);
        format!("{minute} {hour} {days}")
    } else {
        cron.to_owned()
    };
    Recurrence::new(&expression, zone.trim()).map_err(|error| {
        let field = match error {
            RecurrenceError::TimeZone(..) => "zone",
            _ => "cron",
        };
        Wrong::new(field, error.message(language))
    })
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Markup, Failure> {
    let stored = app.store.bots(&user.account).get(&id).await?;
    let (bot, _) = Bot::draft(stored.file.as_bytes(), &app.catalogue);
    let frame = user.session.frame(&app);
    Ok(form(&frame, &id, &bot, &Fields::default(), None, &[]))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(typed): FormData<Fields>,
) -> Result<Response, Failure> {
    let stored = app.store.bots(&user.account).get(&id).await?;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let bot = match runnable(&app, &user, &stored.file, KeptOutputs::new()).await {
        Ok(bot) => bot,
        Err(problems) => {
            let forms = app.catalogue.forms(language);
            let page = run_page::mistakes(&frame, forms, &stored, &problems);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let recurrence = recurrence(&typed, language);
    let values = typed.inputs().values(&bot, language);
    let with_inputs = bot.clone().with_inputs(&values);
    let recurrence = match (recurrence, with_inputs) {
        (Ok(recurrence), Ok(_)) => recurrence,
        (recurrence, with_inputs) => {
            let problems = with_inputs.err();
            let problems = problems.as_ref().map_or(&[][..], |it| it.all());
            let page = form(
                &frame,
                &id,
                &bot,
                &typed,
                recurrence.err().as_ref(),
                problems,
            );
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let new = NewSchedule {
        bot_id: &id,
        pool: &pool(&app)?,
        recurrence: &recurrence,
        overlap: typed.plain("overlap").parse().unwrap_or(Overlap::Skip),
        missed: typed.plain("missed").parse().unwrap_or(Missed::Skip),
        inputs: &Given::new(&bot, &values, language).to_secret(),
    };
    let schedules = of_user(&app, &user);
    let error = match schedules.create(&user.principal(), &new).await {
        Ok(_) => return Ok(Redirect::to(&url(PATH, &[("done", "saved")])).into_response()),
        Err(error @ (SchedulesError::TooMany | SchedulesError::TooLarge)) => error,
        Err(error) => return Err(error.into()),
    };
    let wrong = Wrong::new("schedule", error.message(language));
    let page = form(&frame, &id, &bot, &typed, Some(&wrong), &[]);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn form(
    frame: &Frame<'_>,
    id: &str,
    bot: &Bot,
    typed: &Fields,
    wrong: Option<&Wrong>,
    problems: &[Problem],
) -> Markup {
    let language = frame.language;
    let error = |field| {
        let wrong = wrong.filter(|it| it.field == field);
        wrong.map(|it| it.message.as_str())
    };
    let invalid = |field| error(field).map(|_| "true");
    let days: Vec<_> = DAYS.map(|(fields, name)| (fields, name(language))).into();
    let overlap = [
        (
            Overlap::Skip.name(),
            messages::schedule_overlap_skip(language),
        ),
        (
            Overlap::Queue.name(),
            messages::schedule_overlap_queue(language),
        ),
    ];
    let missed = [
        (
            Missed::Skip.name(),
            messages::schedule_missed_skip(language),
        ),
        (
            Missed::Once.name(),
            messages::schedule_missed_once(language),
        ),
    ];
    let is_other = error("cron").is_some() || !typed.plain("cron").is_empty();
    let title = messages::schedule_of(language, &bot.name);
    let main = html! {
        div.narrow.card {
            h1 { (title) }
            p.soft { (messages::schedule_advice(language)) }
            form #schedule method="post" action={ "/bots/" (id) "/schedule" } {
                (form_token(frame))
                div {
                    label for="days" { (messages::schedule_days(language)) }
                    (select("days", &days, typed))
                }
                div {
                    label for="time" { (messages::schedule_time(language)) }
                    input #time name="time" type="time" value=(typed.plain("time"))
                        aria-invalid=[invalid("time")] aria-describedby=[error("time").map(|_| "time-error")];
                    (field_error("time-error", error("time")))
                }
                details.remarks open[is_other] {
                    summary { (messages::schedule_other_times(language)) }
                    label for="cron" { (messages::schedule_cron(language)) }
                    input #cron name="cron" value=(typed.plain("cron")) autocomplete="off" spellcheck="false"
                        aria-invalid=[invalid("cron")] aria-describedby="cron-hint cron-error";
                    p.hint #cron-hint { (messages::schedule_cron_hint(language)) }
                    (field_error("cron-error", error("cron")))
                }
                div {
                    label for="zone" { (messages::schedule_zone(language)) }
                    input #zone name="zone" value=(typed.plain("zone")) list="zones" required autocomplete="off"
                        spellcheck="false" aria-invalid=[invalid("zone")]
                        aria-describedby="zone-hint zone-error";
                    datalist #zones {}
                    p.hint #zone-hint { (messages::schedule_zone_hint(language)) }
                    (field_error("zone-error", error("zone")))
                }
                @if inputs(bot).next().is_some() {
                    p.soft.inputs { (messages::schedule_inputs(language)) }
                    (inputs::fields(language, bot, &typed.inputs(), problems))
                }
                div {
                    label for="overlap" { (messages::schedule_overlap(language)) }
                    (select("overlap", &overlap, typed))
                }
                div {
                    label for="missed" { (messages::schedule_missed(language)) }
                    (select("missed", &missed, typed))
                    p.hint { (messages::schedule_missed_hint(language)) }
                }
                (field_error("schedule-error", error("schedule")))
                div.row {
                    button.primary #save { (messages::schedule_save(language)) }
                    a.button href="/bots" { (messages::cancel(language)) }
                }
            }
        }
    };
    page_with(frame, &title, assets::SCHEDULE, main)
}

fn select(name: &str, options: &[(&str, &str)], typed: &Fields) -> Markup {
    html! {
        select id=(name) name=(name) {
            @for (value, text) in options {
                option value=(value) selected[typed.plain(name) == *value] { (text) }
            }
        }
    }
}
