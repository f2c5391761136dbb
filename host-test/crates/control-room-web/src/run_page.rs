//! A run as a page: what happened, what its bot was handed, and what can be done. A page of a run that is under
//! way goes on by a script, which shows the same.

use std::time::Duration;

use maud::{Markup, html};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::assets;
use super::check::Problem;
use super::layout::{Frame, form_token, page as plain_page, page_with};
use super::messages;
use super::run_log::{Entry, Kind};
use super::run_words::seconds;
use bot_engine::Language;
use bot_engine::action::ActionForm as Form;
use control_room::audit::{Outcome as Use, Record};
use control_room::bots::StoredBot;
use control_room::runs::{Outcome, Run};

/// A run as it is looked at.
pub(super) struct Viewed {
    pub(super) run: Run,
    pub(super) entries: Vec<Entry>,
    pub(super) is_running: bool,
    pub(super) uses: Vec<Record>,
}

/// An entry in words.
#[derive(Serialize)]
pub(super) struct Shown {
    kind: Kind,
    /// How it went, in a word.
    word: &'static str,
    /// The step that it is about.
    title: String,
    text: String,
    time: String,
    took: String,
}

impl Shown {
    pub(super) fn of(entry: &Entry, forms: &[Form], language: Language) -> Shown {
        let title = match (entry.step, entry.action.as_deref()) {
            (Some(step), Some(action)) => format!("{step}. {}", label(forms, action)),
            (Some(step), None) => format!("{step}."),
            (None, _) => String::new(),
        };
        Shown {
            kind: entry.kind,
            word: match entry.kind {
                Kind::Warning => messages::run_warning(language),
                Kind::Done => messages::run_done(language),
                Kind::Failed => messages::run_failed(language),
                Kind::Waiting => messages::run_waits(language),
                Kind::Note => messages::run_note(language),
                Kind::Stopped => messages::run_stopped(language),
            },
            title,
            text: entry.text.clone(),
            time: clock(moment(entry.at)),
            took: entry
                .took
                .map(|it| took(Duration::from_millis(it), language))
                .unwrap_or_default(),
        }
    }
}

fn moment(milliseconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn label<'a>(forms: &'a [Form], action: &'a str) -> &'a str {
    let form = forms.iter().find(|form| form.name == action);
    form.and_then(|form| form.path.last())
        .map_or(action, String::as_str)
}

/// The time of day, to the second.
fn clock(moment: OffsetDateTime) -> String {
    let time = moment.time();
    format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Day and time.
pub(super) fn when(moment: OffsetDateTime) -> String {
    format!("{} {}", moment.date(), clock(moment))
}

/// How long something took.
pub(super) fn took(time: Duration, language: Language) -> String {
    match time.as_millis() {
        milliseconds @ ..1000 => format!("{milliseconds} ms"),
        _ => format!("{} s", seconds(time, language)),
    }
}

/// How a run ended, in a word: also of one that nobody knows the end of.
pub(super) fn outcome(outcome: Option<Outcome>, language: Language) -> &'static str {
    match outcome {
        Some(Outcome::Done) => messages::run_outcome_done(language),
        Some(Outcome::Failed) => messages::run_outcome_failed(language),
        Some(Outcome::Stopped) => messages::run_outcome_stopped(language),
        None => messages::run_outcome_cut_off(language),
    }
}

/// How long a run took.
pub(super) fn duration(run: &Run, language: Language) -> Option<String> {
    let (ended, _) = run.ended?;
    Some(took((ended - run.started).unsigned_abs(), language))
}

/// What a run's page is told when the run has ended.
pub(super) fn end(run: &Run, uses: &[Record], language: Language) -> Value {
    let uses: Vec<_> = uses.iter().map(|record| used(record, language)).collect();
    json!({
        "outcome": run.ended.map(|(_, outcome)| outcome.name()),
        "word": outcome(run.ended.map(|(_, outcome)| outcome), language),
        "took": duration(run, language),
        "uses": uses,
    })
}

/// When, where, what, and whether it was handed over.
fn used(record: &Record, language: Language) -> [String; 4] {
    let word = match record.outcome {
        Use::Used => messages::run_used(language),
        Use::Refused => messages::run_refused(language),
    };
    // "step 1 (genesys/oauth-authenticate)"
    let step = record.step.trim_start_matches("step ");
    let step = step.split(' ').next().unwrap_or_default();
    [
        clock(record.when),
        step.into(),
        record.path.to_string(),
        word.into(),
    ]
}

pub(super) fn page(frame: &Frame<'_>, forms: &[Form], viewed: &Viewed) -> Markup {
    let language = frame.language;
    let run = &viewed.run;
    let ended = run.ended.map(|(_, outcome)| outcome);
    let state = match viewed.is_running {
        true => "running",
        false => ended.map_or("cut-off", Outcome::name),
    };
    let script_texts = json!({
        "disconnected": messages::run_disconnected(language),
        "signedOut": messages::run_signed_out(language),
        "signIn": messages::sign_in(language),
    });
    let main = html! {
        div.run #run data-state=(state) data-id=[viewed.is_running.then_some(&run.id)]
            data-known=(viewed.entries.len()) data-texts=(script_texts) {
            div.bar {
                h1 { (run.bot) }
                @if viewed.is_running {
                    form.inline #stop-form method="post" action={ "/runs/" (run.id) "/stop" } {
                        (form_token(frame))
                        button.danger #stop { (messages::run_stop(language)) }
                    }
                }
                form.inline #again-form method="post" action={ "/bots/" (run.bot_id) "/run" }
                    hidden[viewed.is_running] {
                    (form_token(frame))
                    button #again { (messages::run_again(language)) }
                }
                a.button #edit href={ "/bots/" (run.bot_id) } { (messages::run_edit(language)) }
            }
            dl.facts {
                div { dt { (messages::run_state(language)) } dd {
                    strong #outcome role="status" {
                        @if viewed.is_running { (messages::run_running(language)) } @else { (outcome(ended, language)) }
                    }
                } }
                div { dt { (messages::run_began(language)) } dd { (when(run.started)) } }
                div {
                    dt { (messages::run_took(language)) }
                    dd #took { (duration(run, frame.language).unwrap_or("–".into())) }
                }
            }
            div #connection role="status" {}
            @if viewed.is_running { noscript { p.notice { (messages::run_no_script(language)) } } }
            @if state == "cut-off" { p.notice { (messages::run_cut_off(language)) } }
            section.card.log aria-labelledby="log-title" {
                h2 #log-title { (messages::run_log(language)) }
                div role="log" aria-labelledby="log-title" {
                    ol #entries {
                        @for entry in &viewed.entries { (entry_item(&Shown::of(entry, forms, frame.language))) }
                    }
                }
                p.soft #working hidden[!viewed.is_running] { (messages::run_working(language)) }
            }
            section.card.uses aria-labelledby="uses-title" {
                h2 #uses-title { (messages::run_uses(language)) }
                p.soft #no-uses hidden[!viewed.uses.is_empty()] { (messages::run_no_uses(language)) }
                table.list #uses hidden[viewed.uses.is_empty()] {
                    thead { tr {
                        th scope="col" { (messages::run_time(language)) }
                        th scope="col" { (messages::step_form(language)) }
                        th scope="col" { (messages::run_credential(language)) }
                        th scope="col" { (messages::run_use(language)) }
                    } }
                    tbody #use-rows {
                        @for record in &viewed.uses {
                            tr { @for cell in used(record, language) { td { (cell) } } }
                        }
                    }
                }
            }
        }
    };
    let script = if viewed.is_running { assets::RUN } else { "" };
    page_with(frame, &run.bot, script, main)
}

fn entry_item(shown: &Shown) -> Markup {
    html! {
        li.entry data-kind=(json!(shown.kind).as_str().unwrap_or_default()) {
            span.word { (shown.word) }
            div {
                @if !shown.title.is_empty() { p.title { (shown.title) } }
                p.text { (shown.text) }
            }
            span.when { (shown.time) @if !shown.took.is_empty() { " · " (shown.took) } }
        }
    }
}

/// What keeps a bot from running.
pub(super) fn mistakes(
    frame: &Frame<'_>,
    forms: &[Form],
    bot: &StoredBot,
    problems: &[Problem],
) -> Markup {
    let language = frame.language;
    let steps: Value = serde_json::from_str(&bot.file).unwrap_or_default();
    let title = |step: usize| {
        let action = steps["steps"][step.saturating_sub(1)]["action"].as_str();
        format!("{step}. {}", label(forms, action.unwrap_or_default()))
    };
    let main = html! {
        div.middle.card {
            h1 #problem { (messages::run_not_yet(language)) }
            p.soft { (messages::run_not_yet_advice(language, &bot.summary.name)) }
            ul.mistakes {
                @for problem in problems {
                    li {
                        @if let Some(step) = problem.step { strong { (title(step)) } " " }
                        span.error { (problem.message) }
                    }
                }
            }
            p { a.button #edit href={ "/bots/" (bot.summary.id) } { (messages::run_edit(language)) } }
        }
    };
    plain_page(frame, messages::run_not_yet(language), main)
}
