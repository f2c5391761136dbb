//! `bot-runner submit`: queues a run of a stored bot for a worker.

use std::time::Duration;

use action_host::Host;
use anyhow::{Context, bail};
use bot_engine::check::Checker;
use bot_engine::{Catalogue, Variable, Variables};
use control_room::audit_events::Action;
use control_room::bots::StoredBot;
use control_room::passwords::Account;
use control_room::queue::NewRun;
use control_room::runs::{Outcome as RunOutcome, Run, RunsError};
use control_room::{Name, Principal, Secrets, Store};
use control_room_web::worker::{Work, draft};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio::time::sleep;

use super::Outcome;
use super::components;
use super::data::DataOptions;
use super::definition::definition;
use super::environment::variable;
use super::locale::{language, locale};
use super::messages;
use super::options::ComponentOptions;
use super::output::{self, one_line};
use super::queue_messages as texts;
use super::setup::configured_network;
use super::worker::DEFAULT_POOL;

#[derive(Debug, clap::Args)]
pub(crate) struct Submit {
    /// The name of the bot
    #[arg(value_name = "BOT")]
    pub(crate) bot: String,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Queue it for the workers of this pool
    #[arg(long, value_name = "NAME", default_value = DEFAULT_POOL)]
    pub(crate) pool: Name,
    /// The user whose bot it is, and on whose behalf it runs [default: the only user]
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<Name>,
    /// Set an input of the bot; for a secret, use --env
    #[arg(long = "variable", value_name = "NAME=TEXT", value_parser = definition)]
    pub(crate) variables: Vec<(String, String)>,
    /// Pass the environment variable NAME to the bot, as the secret input of that name
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) env: Vec<String>,
    /// Wait until the run has ended
    #[arg(long)]
    pub(crate) wait: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
}

/// How often `--wait` looks.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Queues a run, and waits for its end if that is asked for.
pub(crate) async fn run(args: &Submit) -> anyhow::Result<Outcome> {
    let given = given(args)?;
    let host = Host::builder().build()?;
    let (_, catalogue) = components::load(&host, &args.components).await?;
    let store = args.data.existing().await?;
    let submitted = submit(&store, args, &given, &catalogue).await;
    let ended = match submitted {
        Ok((account, run)) if args.wait => wait(&store, &account, run, args.json).await,
        Ok((_, run)) => {
            if args.json {
                output::object(&json!({ "run": run.id, "state": "queued" }));
            } else {
                output::done(&texts::submitted(language(), &run.id, &args.pool));
            }
            Ok(Outcome::Done)
        }
        Err(error) => Err(error),
    };
    store.close().await;
    ended
}

/// What is given for the inputs of the bot.
fn given(args: &Submit) -> anyhow::Result<Variables> {
    let mut given = Variables::default();
    for (name, text) in &args.variables {
        given.set(name, Variable::Text(text.clone()));
    }
    for name in &args.env {
        let value = variable(name)?;
        let value = value.with_context(|| messages::variable_not_set(language(), name))?;
        given.set(name, Variable::Credential(value.expose_secret().into()));
    }
    Ok(given)
}

async fn submit(
    store: &Store,
    args: &Submit,
    given: &Variables,
    catalogue: &Catalogue,
) -> anyhow::Result<(Account, Run)> {
    let account = account(store, args).await?;
    let stored = stored_bot(store, &account, &args.bot).await?;
    let (bot, mut problems) = draft(&stored.file, store.bots(&account), catalogue).await;
    problems.extend(bot.input_problems(given));
    let secrets = Secrets {
        store: store.clone(),
        connections: store.connections(configured_network(None, None)?),
        user: account.name.clone(),
        run: None,
    };
    let checker = Checker {
        secrets: &secrets,
        variables: given,
        actions: None,
        locale: locale(),
    };
    let checked = checker.check_draft(&bot, problems).await;
    if let Err(error) = checked.into_result() {
        let by = Principal::User(account.name.clone());
        store.audit().refused(&by, Action::Run, &bot.name).await?;
        return Err(error).context(stored.summary.name);
    }
    let work = Work::new(&bot, stored.file, given, language());
    let new = NewRun {
        pool: &args.pool,
        bot_id: &stored.summary.id,
        bot: &bot.name,
        work: &work.to_secret(),
    };
    let run = store.queue().submit(&account, &new).await?;
    Ok((account, run))
}

/// The user of the option, or the only one.
async fn account(store: &Store, args: &Submit) -> anyhow::Result<Account> {
    let name = if let Some(user) = &args.user {
        store.users().get(user).await?.name
    } else {
        let mut users = store.users().list().await?.into_iter();
        match (users.next(), users.next()) {
            (Some(user), None) => user.name,
            _ => bail!(texts::which_user(language())),
        }
    };
    let account = store.passwords().named(&name).await?;
    account.with_context(|| texts::no_bots(language(), &name))
}

async fn stored_bot(store: &Store, account: &Account, name: &str) -> anyhow::Result<StoredBot> {
    let bots = store.bots(account);
    let found = bots.list(name, 0, u32::MAX).await?;
    let mut named = found.items.into_iter().filter(|bot| bot.name == name);
    let shown = one_line(name);
    let Some(bot) = named.next() else {
        bail!(texts::no_bot(language(), &account.name, shown));
    };
    if named.next().is_some() {
        bail!(texts::several_bots(language(), &account.name, shown));
    }
    Ok(bots.get(&bot.id).await?)
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
