//! The page of a run: its log, and the credentials that it used. A script continues the page of an active run with the
//! same content.

use std::sync::Arc;
use std::time::Duration;

use maud::{Markup, html};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::actions;
use super::assets;
use super::check::Problem;
use super::layout::{Frame, form_token, page as plain_page, page_with};
use super::messages;
use super::moments;
use super::run_log::{Entry, Kind, Output};
use bot_engine::Language;
use bot_engine::action::ActionForm as Form;
use bot_engine::messages::one_decimal;
use control_room::audit::{Outcome as Use, Record};
use control_room::bots::StoredBot;
use control_room::runs::{Outcome, Run};

/// The most entries of a log on one page.
const ENTRIES: usize = 100;

/// What the page shows of a run.
pub(super) struct RunView {
    pub(super) run: Run,
    pub(super) entries: Vec<Entry>,
    /// The page of the log, counted from 1; 0 and what is beyond the end is the last one. `None` shows all of it.
    pub(super) page: Option<usize>,
    pub(super) is_running: bool,
    pub(super) uses: Vec<Record>,
}

/// An entry as the page shows it.
#[derive(Serialize)]
pub(super) struct EntryView {
    kind: Kind,
    /// The kind, localized.
    word: &'static str,
    /// The number and the name of its step.
    title: String,
    text: String,
    #[serde(serialize_with = "moments::serialize")]
    time: OffsetDateTime,
    took: String,
    step: Option<usize>,
    /// Milliseconds.
    wait: Option<u64>,
    output: Option<Returned>,
}

impl EntryView {
    pub(super) fn of(entry: &Entry, forms: &[Arc<Form>], language: Language) -> Self {
        let title = match (entry.step, entry.action.as_deref()) {
            (Some(step), Some(action)) => title(forms, step, entry.name.as_deref(), action),
            (Some(step), None) => format!("{step}."),
            (None, _) => String::new(),
        };
        Self {
            kind: entry.kind,
            word: match entry.kind {
                Kind::Warning => messages::run_warning(language),
                Kind::Done => messages::run_done(language),
                Kind::Failed => messages::run_failed(language),
                Kind::Waiting => messages::run_waits(language),
                Kind::Note => messages::run_note(language),
                Kind::Stopped => messages::run_stopped(language),
                Kind::Test => messages::test(language),
            },
            title,
            text: entry.text.clone(),
            time: moment(entry.at),
            took: entry
                .took
                .map(|it| took(Duration::from_millis(it), language))
                .unwrap_or_default(),
            step: entry.step,
            wait: entry.wait,
            output: entry.output.clone().map(Returned),
        }
    }
}

/// What a step returned, which the log keeps too.
struct Returned(Arc<Output>);

impl Serialize for Returned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

fn moment(milliseconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn label(forms: &[Arc<Form>], action: &str) -> String {
    let form = forms.iter().find(|form| *form.name == *action);
    form.map_or_else(|| action.into(), |form| actions::label(form))
}

/// The number of a step, the name that the designer gave it, and the label of its action.
pub(super) fn title(forms: &[Arc<Form>], step: usize, name: Option<&str>, action: &str) -> String {
    let label = label(forms, action);
    match name {
        Some(name) => format!("{step}. {name} ({label})"),
        None => format!("{step}. {label}"),
    }
}

/// A duration in milliseconds or seconds.
pub(super) fn took(time: Duration, language: Language) -> String {
    match time.as_millis() {
        milliseconds @ ..1000 => format!("{milliseconds} ms"),
        _ => format!("{} s", one_decimal(time.as_secs_f64(), language)),
    }
}

/// The outcome of a run, localized; `None` is a run that was cut off.
pub(super) fn outcome(outcome: Option<Outcome>, language: Language) -> &'static str {
    match outcome {
        Some(Outcome::Done) => messages::run_outcome_done(language),
        Some(Outcome::Failed) => messages::run_outcome_failed(language),
        Some(Outcome::Stopped) => messages::run_outcome_stopped(language),
        Some(Outcome::Lost) => messages::run_outcome_lost(language),
        None => messages::run_outcome_cut_off(language),
    }
}

/// The state of a run as a program reads it, and localized. `is_running` says whether this process runs it.
pub(super) fn state(
    run: &Run,
    is_running: bool,
    language: Language,
) -> (&'static str, &'static str) {
    match (&run.in_queue, run.ended) {
        (Some(place), None) if !place.is_running => ("queued", messages::run_queued(language)),
        (Some(_), None) => ("running", messages::run_running(language)),
        (None, None) if is_running => ("running", messages::run_running(language)),
        (_, ended) => {
            let ended = ended.map(|(_, outcome)| outcome);
            (
                ended.map_or("cut-off", Outcome::name),
                outcome(ended, language),
            )
        }
    }
}

/// Tells the attempts of a queued run apart: if its worker dies, it begins again, with an empty log. `None` for a run of
/// this process, which begins once.
pub(super) fn attempt(run: &Run) -> Option<i64> {
    run.queued.and_then(|_| milliseconds(run.started))
}

fn milliseconds(moment: OffsetDateTime) -> Option<i64> {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()
}

/// How far a queued run is: the data of an event that is sent when that changes.
pub(super) fn progress(run: &Run, language: Language) -> Option<Value> {
    let attempt = attempt(run)?;
    let (state, word) = state(run, false, language);
    Some(json!({
        "state": state,
        "word": word,
        "attempt": attempt,
        "began": moments::iso(run.started),
        "worker": run.worker,
    }))
}

/// The duration of a run that has ended.
pub(super) fn duration(run: &Run, language: Language) -> Option<String> {
    let (ended, _) = run.ended?;
    Some(took((ended - run.started).unsigned_abs(), language))
}

/// The log of a run for people.
pub(super) fn as_text(
    run: &Run,
    entries: &[Entry],
    is_running: bool,
    forms: &[Arc<Form>],
    language: Language,
) -> String {
    let (_, state) = state(run, is_running, language);
    let mut text = format!("{}\n{}: {state}\n\n", run.bot, moments::plain(run.started));
    for entry in entries {
        let shown = EntryView::of(entry, forms, language);
        let parts = [
            &*moments::clock(shown.time),
            shown.word,
            &shown.title,
            &shown.text,
            &shown.took,
        ];
        let parts: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).collect();
        text += &parts.join("  ");
        text.push('\n');
    }
    text
}

/// The log of a run for programs. Times are in milliseconds since 1970, UTC.
pub(super) fn as_json(run: &Run, entries: &[Entry], is_running: bool) -> Value {
    let (state, _) = state(run, is_running, Language::English);
    json!({
        "run": run.id,
        "bot": run.bot,
        "state": state,
        "started": milliseconds(run.started),
        "ended": run.ended.and_then(|(moment, _)| milliseconds(moment)),
        "entries": entries,
    })
}

/// The data of the last event, when the run has ended.
pub(super) fn end(run: &Run, uses: &[Record], language: Language) -> Value {
    let uses: Vec<_> = uses
        .iter()
        .map(|record| json!({ "time": moments::iso(record.when), "cells": use_cells(record, language) }))
        .collect();
    json!({
        "outcome": run.ended.map(|(_, outcome)| outcome.name()),
        "word": outcome(run.ended.map(|(_, outcome)| outcome), language),
        "took": duration(run, language),
        "notice": notice(run, false, language),
        "uses": uses,
    })
}

/// The cells of a use of a credential, after its time: step, credential, outcome.
fn use_cells(record: &Record, language: Language) -> [String; 3] {
    let word = match record.outcome {
        Use::Used => messages::run_used(language),
        Use::Refused => messages::run_refused(language),
    };
    // "step 1 (genesys/oauth-authenticate)"
    let step = record.step.trim_start_matches("step ");
    let step = step.split(' ').next().unwrap_or_default();
    [step.into(), record.path.to_string(), word.into()]
}

pub(super) fn page(frame: &Frame<'_>, forms: &[Arc<Form>], view: &RunView) -> Markup {
    let language = frame.language;
    let run = &view.run;
    let (state, word) = state(run, view.is_running, language);
    let is_test = view.entries.iter().any(|it| it.kind == Kind::Test);
    let script_texts = json!({
        "disconnected": messages::run_disconnected(language),
        "signedOut": messages::run_signed_out(language),
        "unknown": messages::run_unknown(language),
        "signIn": messages::sign_in(language),
    });
    // A long log is shown by pages, and at its end first: that says how it went.
    let pages = view.entries.len().div_ceil(ENTRIES).max(1);
    let position = view.page.filter(|_| pages > 1).map(|page| {
        let page = if (1..=pages).contains(&page) {
            page
        } else {
            pages
        };
        (page, pages)
    });
    let first = position.map_or(0, |(page, _)| (page - 1) * ENTRIES);
    let last = position.map_or(view.entries.len(), |(page, _)| page * ENTRIES);
    let shown = &view.entries[first..last.min(view.entries.len())];
    let main = html! {
        div.run #run data-state=(state) data-id=[view.is_running.then_some(&run.id)]
            data-known=(view.entries.len()) data-attempt=[attempt(run)] data-texts=(script_texts) {
            div.bar {
                h1 { (run.bot) }
                @if view.is_running {
                    form.inline #stop-form method="post" action={ "/runs/" (run.id) "/stop" } {
                        (form_token(frame))
                        button.danger #stop { (messages::run_stop(language)) }
                    }
                }
                // That would run the whole bot.
                @if !is_test {
                    form.inline #again-form method="post" action={ "/bots/" (run.bot_id) "/run" }
                        hidden[view.is_running] {
                        (form_token(frame))
                        button #again { (messages::run_again(language)) }
                    }
                }
                a.button #edit href={ "/bots/" (run.bot_id) } { (messages::run_edit(language)) }
            }
            dl.facts {
                div { dt { (messages::run_state(language)) } dd {
                    strong #outcome role="status" { (word) }
                } }
                div { dt { (messages::run_began(language)) } dd #began { (moments::date_and_time(run.started)) } }
                div {
                    dt { (messages::run_took(language)) }
                    dd #took { (duration(run, language).unwrap_or("–".into())) }
                }
                @if run.queued.is_some() {
                    div #by-worker hidden[run.worker.is_none()] {
                        dt { (messages::run_worker(language)) }
                        dd #worker { @if let Some(worker) = &run.worker { (worker) } }
                    }
                }
            }
            div #connection role="status" {}
            @if view.is_running { noscript { p.notice { (messages::run_no_script(language)) } } }
            @let notice = notice(run, view.is_running, language);
            p.notice #notice hidden[notice.is_none()] { @if let Some(notice) = notice { (notice) } }
            section.card.log aria-labelledby="log-title" {
                h2 #log-title { (messages::run_log(language)) }
                div role="log" aria-labelledby="log-title" {
                    ol #entries {
                        @for entry in shown { (entry_item(&EntryView::of(entry, forms, language))) }
                    }
                }
                @if let Some((page, pages)) = position {
                    nav.paging aria-label=(messages::pages(language)) {
                        span { (messages::counted(language, first + 1, first + shown.len(), view.entries.len())) }
                        @if page > 1 {
                            a.button rel="prev" href={ "?page=" (page - 1) } { (messages::previous(language)) }
                        }
                        @if page < pages {
                            a.button rel="next" href={ "?page=" (page + 1) } { (messages::next(language)) }
                        }
                    }
                }
                p.soft #downloads hidden[view.is_running] {
                    (messages::run_download(language)) ": "
                    a href={ "/runs/" (run.id) "/log/txt" } download { (messages::run_as_text(language)) }
                    ", "
                    a href={ "/runs/" (run.id) "/log/json" } download { (messages::run_as_json(language)) }
                }
                p.soft #working hidden[!view.is_running] { (messages::run_working(language)) }
            }
            (uses(&view.uses, language))
        }
    };
    let script = if view.is_running { assets::RUN } else { "" };
    page_with(frame, &run.bot, script, main)
}

/// Why a run was cut off or is lost, and what to do.
fn notice(run: &Run, is_running: bool, language: Language) -> Option<String> {
    match (run.ended, run.lost_at_step) {
        (None, _) if is_running || run.in_queue.is_some() => None,
        (None, _) => Some(messages::run_cut_off(language).into()),
        (Some((_, Outcome::Lost)), Some(step)) => Some(messages::run_lost_at(language, step)),
        (Some((_, Outcome::Lost)), None) => Some(messages::run_lost_again(language).into()),
        (Some(_), _) => None,
    }
}

/// The credentials that a run used.
fn uses(records: &[Record], language: Language) -> Markup {
    html! {
        section.card.uses aria-labelledby="uses-title" {
            h2 #uses-title { (messages::run_uses(language)) }
            p.soft #no-uses hidden[!records.is_empty()] { (messages::run_no_uses(language)) }
            table.list #uses hidden[records.is_empty()] {
                thead { tr {
                    th scope="col" { (messages::run_time(language)) }
                    th scope="col" { (messages::step_form(language)) }
                    th scope="col" { (messages::run_credential(language)) }
                    th scope="col" { (messages::run_use(language)) }
                } }
                tbody #use-rows {
                    @for record in records {
                        tr {
                            td { (moments::time_of_day(record.when)) }
                            @for cell in use_cells(record, language) { td { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

fn entry_item(shown: &EntryView) -> Markup {
    html! {
        li.entry data-kind=(json!(shown.kind).as_str().unwrap_or_default()) {
            span.word { (shown.word) }
            div {
                @if !shown.title.is_empty() { p.title { (shown.title) } }
                p.text { (shown.text) }
            }
            span.when { (moments::time_of_day(shown.time)) @if !shown.took.is_empty() { " · " (shown.took) } }
        }
    }
}

/// The page with the problems of a bot that cannot run.
pub(super) fn mistakes(
    frame: &Frame<'_>,
    forms: &[Arc<Form>],
    bot: &StoredBot,
    problems: &[Problem],
) -> Markup {
    let language = frame.language;
    let steps: Value = serde_json::from_str(&bot.file).unwrap_or_default();
    let place = |step: usize| {
        let found = &steps["steps"][step.saturating_sub(1)];
        let (name, action) = (found["step-name"].as_str(), found["action"].as_str());
        title(forms, step, name, action.unwrap_or_default())
    };
    let name = |variable: usize| {
        let name = steps["variables"][variable.saturating_sub(1)]["name"].as_str();
        name.map_or_else(|| variable.to_string(), str::to_owned)
    };
    let main = html! {
        div.middle.card {
            h1 #problem { (messages::run_not_yet(language)) }
            p.soft { (messages::run_not_yet_advice(language, &bot.summary.name)) }
            ul.mistakes {
                @for problem in problems {
                    li {
                        @if let Some(step) = problem.step { strong { (place(step)) } " " }
                        @if let Some(variable) = problem.variable {
                            strong { (messages::run_variable(language, name(variable))) } " "
                        }
                        span.error { (problem.message) }
                    }
                }
            }
            p { a.button #edit href={ "/bots/" (bot.summary.id) } { (messages::run_edit(language)) } }
        }
    };
    plain_page(frame, messages::run_not_yet(language), main)
}
