//! A run: start it, show it, stream its events to the page's script, stop it.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use http_body::Frame;
use maud::Markup;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::active_runs::{ActiveRun, RunKind, StartRunError};
use super::app::App;
use super::attachment::attachment;
use super::check::{self, KeptOutputs, Problem};
use super::extract::{Path, Query};
use super::failure::Failure;
use super::forms::{FormData, NoFields};
use super::inputs::{Fields, Typed, ask, inputs};
use super::run_log::{Entry, from_json};
use super::run_page::{self, EntryView, RunView};
use super::sessions::SessionUser;
use super::user_session::SignedIn;
use super::worker::{Given, Work};
use bot_engine::Bot;
use control_room::Name;
use control_room::bots::StoredBot;
use control_room::queue::{NewRun, QueueError};
use control_room::runs::Run;

/// The interval of keep-alive comments on an idle event stream; each also checks that the user is still signed in.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often to look how a run goes that a worker has.
const QUEUE_INTERVAL: Duration = Duration::from_secs(1);

/// The most event streams of one run.
const MAX_FOLLOWERS: usize = 16;

/// The most uses of credentials that a page shows.
const MAX_USES: u32 = 500;

/// The id of the last event of a stream.
const END: &str = "end";

/// Asks for the inputs of a bot before it runs. Without inputs, there is nothing to ask.
pub(super) async fn show_inputs(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let stored = app.store.bots(&user.account).get(&id).await?;
    let (bot, _) = Bot::draft(stored.file.as_bytes(), &app.catalogue);
    if inputs(&bot).next().is_none() {
        return Ok(Redirect::to(&format!("/bots/{id}")).into_response());
    }
    let frame = user.session.frame(&app);
    Ok(ask(&frame, &id, &bot, &Typed::default(), &[]).into_response())
}

/// Runs a bot as it is saved, or shows its problems.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(fields): FormData<Fields>,
) -> Result<Response, Failure> {
    let stored = app.store.bots(&user.account).get(&id).await?;
    match runnable(&app, &user, &stored.file, KeptOutputs::new()).await {
        Ok(bot) => run_with_inputs(&app, &user, &stored, bot, fields.on_page()).await,
        Err(problems) => {
            let name = &stored.summary.name;
            app.runs.note_refused(&user.account, name).await;
            let frame = user.session.frame(&app);
            let forms = app.catalogue.forms(frame.language);
            let page = run_page::mistakes(&frame, forms, &stored, &problems);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Runs a bot with what was typed on the page with its inputs, and leads there first if it has any.
async fn run_with_inputs(
    app: &App,
    user: &SignedIn,
    stored: &StoredBot,
    bot: Bot,
    typed: Option<Typed>,
) -> Result<Response, Failure> {
    let id = &stored.summary.id;
    if typed.is_none() && inputs(&bot).next().is_some() {
        return Ok(Redirect::to(&format!("/bots/{id}/run")).into_response());
    }
    let typed = typed.unwrap_or_default();
    let values = typed.values(&bot, user.session.language);
    match bot.clone().with_inputs(&values) {
        Ok(with_inputs) => {
            let run = match &app.pool {
                None => begin(app, user, id, with_inputs, RunKind::Run).await?,
                Some(pool) => {
                    let language = user.session.language;
                    let given = Given::new(&bot, &values, language);
                    let work = Work::new(&bot, stored.file.clone(), given);
                    let queued = enqueue(app, user, stored, &work, pool).await;
                    if queued.is_err() {
                        app.runs.note_refused(&user.account, &bot.name).await;
                    }
                    queued?
                }
            };
            Ok(Redirect::to(&format!("/runs/{run}")).into_response())
        }
        Err(problems) => {
            let frame = user.session.frame(app);
            let page = ask(&frame, id, &bot, &typed, problems.all());
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Queues a run for the workers of a pool, and returns its id.
async fn enqueue(
    app: &App,
    user: &SignedIn,
    stored: &StoredBot,
    work: &Work,
    pool: &Name,
) -> Result<String, QueueError> {
    let new = NewRun {
        pool,
        bot_id: &stored.summary.id,
        bot: &stored.summary.name,
        work: &work.to_secret(),
    };
    let run = app.store.queue().submit(&user.account, &new).await?;
    Ok(run.id)
}

/// The bot of a file, or its problems.
pub(super) async fn runnable(
    app: &App,
    user: &SignedIn,
    file: &str,
    outputs: KeptOutputs,
) -> Result<Bot, Vec<Problem>> {
    let language = user.session.language;
    let (bot, mut problems) = check::check(app, &user.account, language, file, outputs).await;
    problems.retain(|problem| !problem.warning);
    if problems.is_empty() {
        Ok(bot)
    } else {
        Err(problems)
    }
}

/// Starts a run, or a test, and returns its id.
pub(super) async fn begin(
    app: &App,
    user: &SignedIn,
    bot_id: &str,
    bot: Bot,
    kind: RunKind,
) -> Result<String, StartRunError> {
    let (account, name) = (&user.account, bot.name.clone());
    let language = user.session.language;
    let started = app.runs.start(account, bot_id, bot, language, kind).await;
    if started.is_err() {
        app.runs.note_refused(account, &name).await;
    }
    started
}

/// A run of this user with its log so far, and whether it is running.
async fn find(app: &App, user: &SignedIn, id: &str) -> Result<(Run, Vec<Entry>, bool), Failure> {
    if let Some(live) = app.runs.live(&user.account, id) {
        let snapshot = live.snapshot(0);
        let run = Run {
            ended: snapshot.ended,
            ..live.run.clone()
        };
        return Ok((run, snapshot.entries, snapshot.ended.is_none()));
    }
    let (run, log) = app.store.runs(&user.account).get(id).await?;
    let is_queued = run.in_queue.is_some();
    Ok((run, from_json(&log), is_queued))
}

#[derive(Deserialize)]
pub(super) struct PageOfLog {
    /// Counted from 1; otherwise the last one.
    #[serde(default)]
    page: usize,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(PageOfLog { page }): Query<PageOfLog>,
) -> Result<Markup, Failure> {
    let (run, entries, is_running) = find(&app, &user, &id).await?;
    let uses = app.store.audit().of_run(&run.id, MAX_USES).await?;
    let view = RunView {
        run,
        entries,
        // The script continues a page with the whole log.
        page: if is_running { None } else { Some(page) },
        is_running,
        uses,
    };
    let frame = user.session.frame(&app);
    let forms = app.catalogue.forms(frame.language);
    Ok(run_page::page(&frame, forms, &view))
}

/// The log of a run as a file, as text for people or as JSON for programs.
pub(super) async fn download(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path((id, format)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (run, entries, is_running) = find(&app, &user, &id).await?;
    let language = user.session.language;
    let forms = app.catalogue.forms(language);
    let (kind, content) = match format.as_str() {
        "txt" => {
            let text = run_page::as_text(&run, &entries, is_running, forms, language);
            ("text/plain; charset=utf-8", text)
        }
        "json" => {
            let json = run_page::as_json(&run, &entries, is_running);
            ("application/json", format!("{json:#}\n"))
        }
        _ => return Err(Failure::NotFound),
    };
    Ok((
        attachment(&run.bot, &format),
        [(CONTENT_TYPE, kind)],
        content,
    )
        .into_response())
}

pub(super) async fn stop(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    match app.runs.live(&user.account, &id) {
        Some(live) => live.stop(),
        None => match app.store.queue().request_stop(&user.account, &id).await {
            Ok(()) => {}
            // The run may have ended meanwhile.
            Err(QueueError::NoRun) => drop(app.store.runs(&user.account).get(&id).await?),
            Err(error) => return Err(error.into()),
        },
    }
    Ok(Redirect::to(&format!("/runs/{id}")))
}

#[derive(Deserialize)]
pub(super) struct Known {
    /// The number of entries that the page already has.
    #[serde(default)]
    after: usize,
    /// The [attempt](run_page::attempt) that they are of.
    attempt: Option<i64>,
}

/// Streams a run as server-sent events (HTML, section 9.2), beginning after the entries that the browser has. The id of
/// an event is the number of its entry.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(known): Query<Known>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    // After a reconnect, `Last-Event-ID` is newer than the query.
    let last = headers
        .get("last-event-id")
        .and_then(|last| last.to_str().ok());
    if last == Some(END) {
        // 204 stops the browser from reconnecting.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let known = Known {
        after: last.and_then(|it| it.parse().ok()).unwrap_or(known.after),
        ..known
    };
    let (sender, receiver) = mpsc::channel(16);
    let follower = match app.runs.live(&user.account, &id) {
        Some(live) if live.watchers() >= MAX_FOLLOWERS => return Err(Failure::TooManyRuns),
        Some(live) => Source::ActiveRun(live),
        None => {
            let (run, log) = app.store.runs(&user.account).get(&id).await?;
            if run.in_queue.is_some() {
                Source::Queued(id)
            } else {
                Source::Stored(Box::new(run), log)
            }
        }
    };
    tokio::spawn(async move {
        // The task ends when the browser disconnects.
        let _ = follow(&app, &user, follower, known, &sender).await;
    });
    let content = [(CONTENT_TYPE, "text/event-stream")];
    Ok((content, Body::new(Received(receiver))).into_response())
}

enum Source {
    ActiveRun(Arc<ActiveRun>),
    /// A worker has it, or will have it.
    Queued(String),
    Stored(Box<Run>, String),
}

/// The browser has disconnected, or its user is no longer signed in.
struct Gone;

async fn follow(
    app: &App,
    user: &SignedIn,
    source: Source,
    Known {
        after: mut known,
        mut attempt,
    }: Known,
    sender: &mpsc::Sender<Bytes>,
) -> Result<(), Gone> {
    let language = user.session.language;
    let forms = app.catalogue.forms(language);
    let send = async |text: String| sender.send(text.into()).await.map_err(|_| Gone);
    send("retry: 1000\n\n".into()).await?;
    let mut changed = match &source {
        Source::ActiveRun(live) => Some(live.watch()),
        Source::Queued(_) | Source::Stored(..) => None,
    };
    let mut silence = Duration::ZERO;
    let mut told = None;
    let run = loop {
        let stored = match &source {
            Source::ActiveRun(_) => None,
            Source::Queued(id) => {
                let found = app.store.runs(&user.account).get(id).await;
                Some(found.map_err(|_| Gone)?)
            }
            Source::Stored(run, log) => Some((Run::clone(run), log.clone())),
        };
        let (entries, run): (Vec<_>, _) = match (&source, stored) {
            (_, Some((run, log))) => {
                let present = run_page::attempt(&run);
                if attempt.is_some() && attempt != present {
                    known = 0;
                }
                attempt = present;
                (from_json(&log).into_iter().skip(known).collect(), run)
            }
            (Source::ActiveRun(live), None) => {
                let snapshot = live.snapshot(known);
                let run = Run {
                    ended: snapshot.ended,
                    ..live.run.clone()
                };
                (snapshot.entries, run)
            }
            (Source::Queued(_) | Source::Stored(..), None) => return Err(Gone),
        };
        let progress = run_page::progress(&run, language);
        if let Some(progress) = progress.filter(|it| told.as_ref() != Some(it)) {
            send(event("state", &known.to_string(), &progress)).await?;
            told = Some(progress);
        }
        for entry in entries {
            known += 1;
            let shown = EntryView::of(&entry, forms, language);
            send(event("entry", &known.to_string(), &json!(shown))).await?;
        }
        let goes_on = run.ended.is_none() && !matches!(source, Source::Stored(..));
        if !goes_on || (changed.is_none() && run.in_queue.is_none()) {
            break run;
        }
        let is_changed = async {
            match &mut changed {
                Some(changed) => changed.changed().await.map_err(|_| Gone),
                None => pending().await,
            }
        };
        let length = if matches!(source, Source::Queued(_)) {
            QUEUE_INTERVAL
        } else {
            KEEP_ALIVE
        };
        let slept = tokio::select! {
            is_changed = is_changed => is_changed.map(|()| Duration::ZERO)?,
            () = sender.closed() => return Err(Gone),
            () = sleep(length) => length,
        };
        silence = if slept.is_zero() {
            slept
        } else {
            silence + slept
        };
        if !is_signed_in(app, user).await {
            return Err(Gone);
        }
        if silence >= KEEP_ALIVE {
            silence = Duration::ZERO;
            send(":\n\n".into()).await?;
        }
    };
    let uses = app.store.audit().of_run(&run.id, MAX_USES).await;
    let uses = uses.unwrap_or_default();
    let end = run_page::end(&run, &uses, language);
    send(event("ended", END, &end)).await
}

/// A server-sent event; compact JSON has no line breaks.
fn event(kind: &str, id: &str, data: &serde_json::Value) -> String {
    format!("id: {id}\nevent: {kind}\ndata: {data}\n\n")
}

/// Whether the user is still signed in. Does not count as a use of the session.
async fn is_signed_in(app: &App, user: &SignedIn) -> bool {
    let Some(session) = app.sessions.peek(&user.session.token) else {
        return false;
    };
    let account = app.store.passwords().account(&session.id).await;
    matches!(account, Ok(Some(account)) if SessionUser::of(&account) == session)
}

/// A streamed body.
struct Received(mpsc::Receiver<Bytes>);

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|received| received.map(|bytes| Ok(Frame::data(bytes))))
    }
}
