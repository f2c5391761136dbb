//! `bot-runner submit`: queues a run of a stored bot for a worker.

use std::time::Duration;

use anyhow::{Context, bail};
use bot_engine::{Catalogue, Variables};
use control_room::Store;
use control_room::audit_events::Action;
use control_room::passwords::Account;
use control_room::queue::NewRun;
use control_room::runs::{Outcome as RunOutcome, Run, RunsError};
use control_room_web::worker::{Given, Work};
use serde_json::json;
use tokio::time::sleep;

use super::Outcome;
use super::data::DataOptions;
use super::locale::language;
use super::output::{self, one_line};
use super::queue_messages as texts;
use super::stored_bot::BotOptions;

#[derive(Debug, clap::Args)]
pub(crate) struct Submit {
    #[command(flatten)]
    pub(crate) bot: BotOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Wait until the run has ended
    #[arg(long)]
    pub(crate) wait: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// How often `--wait` looks.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Queues a run, and waits for its end if that is asked for.
pub(crate) async fn run(args: &Submit) -> anyhow::Result<Outcome> {
    let given = args.bot.given()?;
    let catalogue = args.bot.catalogue().await?;
    let store = args.data.existing().await?;
    let submitted = submit(&store, args, &given, &catalogue).await;
    let ended = match submitted {
        Ok((account, run)) if args.wait => wait(&store, &account, run, args.json).await,
        Ok((_, run)) => {
            if args.json {
                output::object(&json!({ "run": run.id, "state": "queued" }));
            } else {
                output::done(&texts::submitted(language(), &run.id, &args.bot.pool));
            }
            Ok(Outcome::Done)
        }
        Err(error) => Err(error),
    };
    store.close().await;
    ended
}

async fn submit(
    store: &Store,
    args: &Submit,
    given: &Variables,
    catalogue: &Catalogue,
) -> anyhow::Result<(Account, Run)> {
    let checked = args
        .bot
        .checked(Action::Run, store, given, catalogue)
        .await?;
    let (bot, summary) = (checked.bot, checked.stored.summary);
    let given = Given::new(&bot, given, language());
    let work = Work::new(&bot, checked.stored.file, given);
    let new = NewRun {
        pool: &args.bot.pool,
        bot_id: &summary.id,
        bot: &bot.name,
        work: &work.to_secret(),
    };
    let run = store.queue().submit(&checked.account, &new).await?;
    Ok((checked.account, run))
}

/// Waits for the end of a run, and reports it.
async fn wait(store: &Store, account: &Account, run: Run, json: bool) -> anyhow::Result<Outcome> {
    output::progress(json, &texts::waiting(language(), &run.id));
    let runs = store.runs(account);
    let (run, outcome) = loop {
        match runs.get(&run.id).await {
            Ok((run, _)) => {
                if let Some((_, outcome)) = run.ended {
                    break (run, outcome);
                }
                if run.in_queue.is_none() {
                    bail!(texts::run_removed(language(), &run.id));
                }
            }
            // The run goes on meanwhile.
            Err(RunsError::Store(error)) if !error.is_tampering() => {
                tracing::warn!(run = run.id, %error, "the state of the run is not known now");
            }
            Err(error) => return Err(error).context(run.id),
        }
        sleep(POLL_INTERVAL).await;
    };
    let worker = run.worker.as_deref().unwrap_or_default();
    if json {
        output::object(&json!({
            "run": run.id,
            "state": outcome.name(),
            "worker": run.worker,
            "lost-at-step": run.lost_at_step,
        }));
    }
    let language = language();
    let (id, worker) = (&run.id, one_line(worker));
    let text = match (outcome, run.lost_at_step) {
        (RunOutcome::Done, _) => {
            output::progress(json, &texts::run_done(language, id, worker));
            return Ok(Outcome::Done);
        }
        (RunOutcome::Failed, _) => texts::run_failed(language, id),
        (RunOutcome::Stopped, _) => texts::run_stopped(language, id),
        (RunOutcome::Lost, Some(step)) => texts::run_lost(language, id, step),
        (RunOutcome::Lost, None) => texts::run_lost_again(language, id),
    };
    output::error(&text);
    Ok(Outcome::Failed)
}
