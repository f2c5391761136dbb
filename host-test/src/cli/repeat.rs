//! `bot-runner run --repeat`: runs bots many times, and summarizes the results.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use bot_engine::messages::one_decimal;
use bot_engine::{Bot, RunError, Runner};
use serde_json::{Value, json};
use tokio_util::task::LocalPoolHandle;
use tracing::Instrument;

use super::Outcome;
use super::errors::{failed_by_setting, run_error};
use super::locale::language;
use super::log;
use super::messages;
use super::output::{self, BOLD, ERROR, SUCCESS, one_line};
use super::report::RunResults;

/// The maximum number of different failures that are printed per bot.
const MAX_FAILURES: usize = 5;

/// How often to run each bot, and how many runs are concurrent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repetition {
    pub(crate) times: u32,
    pub(crate) parallel: usize,
}

/// The results of the runs of one bot.
#[derive(Default)]
struct Tally {
    durations: Vec<Duration>,
    /// How many runs did not start, because of an interruption.
    not_run: u32,
    /// Whether a setting of the network that is not valid made a run fail.
    failed_by_setting: bool,
    /// Failures by step and kind.
    failures: BTreeMap<(usize, String), Failures>,
}

/// The failures of one kind in one step, with the first of them as text and as JSON.
struct Failures {
    count: usize,
    message: String,
    first: Value,
}

/// Runs each bot as often as requested. An interruption stops the current runs, and no other starts.
pub(crate) async fn repeat(
    runner: &Runner,
    for_another_runtime: impl Fn() -> Runner,
    bots: Vec<Bot>,
    repetition: Repetition,
    json: bool,
) -> RunResults {
    let started = Instant::now();
    let language = language();
    let mut results = RunResults {
        reports: Vec::new(),
        outcome: Outcome::Done,
    };
    let runtimes = Runtimes::new(for_another_runtime, repetition.parallel);
    for bot in bots {
        let bot = Arc::new(bot);
        let tally = run_repeatedly(&runtimes, &bot, repetition).await;
        if tally.failed_by_setting {
            results.outcome = Outcome::InvalidSetting;
        } else if (tally.failed() > 0 || tally.not_run > 0) && results.outcome == Outcome::Done {
            results.outcome = Outcome::Failed;
        }
        results.reports.push(tally.report(&bot.name, json));
    }
    let sessions = runner.sessions.statistics();
    let summary = messages::sessions(
        language,
        sessions.requested,
        sessions.opened,
        sessions.reused,
        one_decimal(started.elapsed().as_secs_f64(), language),
    );
    output::line(json, &summary);
    results
}

/// One single-threaded runtime per core, so that no run waits for another thread to wake up. The workers that run the bots
/// are distributed over them.
///
/// Dropping this cancels all tasks of these runtimes. So the Control Room refreshes tokens on the runtime that opened it,
/// and these runtimes live until all bots have run: a cancelled task might hold the store's only connection.
struct Runtimes {
    pool: LocalPoolHandle,
    /// One per core.
    runners: Vec<Runner>,
}

impl Runtimes {
    fn new(for_another_runtime: impl Fn() -> Runner, parallel: usize) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        let pool = LocalPoolHandle::new(cores.min(parallel));
        let runners = (0..pool.num_threads())
            .map(|_| for_another_runtime())
            .collect();
        Self { pool, runners }
    }
}

async fn run_repeatedly(runtimes: &Runtimes, bot: &Arc<Bot>, repetition: Repetition) -> Tally {
    let Runtimes { pool, runners } = runtimes;
    let started = Arc::new(AtomicU32::new(0));
    let workers: Vec<_> = (0..repetition.parallel)
        .map(|worker| {
            let core = worker % runners.len();
            let (runner, bot) = (runners[core].clone(), Arc::clone(bot));
            let started = Arc::clone(&started);
            pool.spawn_pinned_by_idx(move || work(runner, bot, started, repetition.times), core)
        })
        .collect();
    let mut tally = Tally::default();
    for worker in workers {
        match worker.await {
            Ok(of_worker) => tally.add(of_worker),
            Err(_) => tally.fail(
                (0, "broken".into()),
                messages::run_broke_off(language()).into(),
                || json!({ "kind": "broken" }),
            ),
        }
    }
    tally.not_run = repetition.times.saturating_sub(started.load(Relaxed));
    tally
}

/// Runs the bot repeatedly, until all workers together have started `times` runs or the bot is interrupted.
async fn work(runner: Runner, bot: Arc<Bot>, started: Arc<AtomicU32>, times: u32) -> Tally {
    let mut tally = Tally::default();
    let start = || {
        started.fetch_update(Relaxed, Relaxed, |count| {
            (count < times).then_some(count + 1)
        })
    };
    while !runner.interrupt.is_requested() && start().is_ok() {
        let started = Instant::now();
        let mut nobody = ();
        let running = runner.run(&bot, &mut nobody);
        let result = running.instrument(log::next_run()).await;
        tally.count(started.elapsed(), result);
    }
    tally
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.durations.extend(other.durations);
        self.failed_by_setting |= other.failed_by_setting;
        for (key, theirs) in other.failures {
            match self.failures.entry(key) {
                Entry::Occupied(mut ours) => ours.get_mut().count += theirs.count,
                Entry::Vacant(none) => {
                    none.insert(theirs);
                }
            }
        }
    }

    fn count(&mut self, duration: Duration, result: Result<(), RunError>) {
        self.durations.push(duration);
        if let Err(error) = result {
            self.failed_by_setting |= failed_by_setting(&error);
            let key = match &error {
                RunError::Invalid(problems) => {
                    let first = problems.first();
                    (first.step.unwrap_or(0), first.code().into())
                }
                RunError::SecretProvider(_) => (0, "control-room-failed".into()),
                RunError::Interrupted { .. } => (0, "interrupted".into()),
                RunError::Step { step, error, .. } => (*step, error.kind().into()),
            };
            let language = language();
            let message = error.message(language);
            self.fail(key, message, || run_error(&error, language));
        }
    }

    fn fail(&mut self, key: (usize, String), message: String, as_json: impl FnOnce() -> Value) {
        let failures = self.failures.entry(key).or_insert_with(|| Failures {
            count: 0,
            message,
            first: as_json(),
        });
        failures.count += 1;
    }

    fn failed(&self) -> usize {
        self.failures.values().map(|them| them.count).sum()
    }

    /// Prints the summary, and returns it as JSON.
    fn report(mut self, name: &str, json: bool) -> Value {
        let language = language();
        self.durations.sort_unstable();
        let median = self.durations.get(self.durations.len() / 2).copied();
        let milliseconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64() * 1e3);
        let (median, longest) = (
            milliseconds(median),
            milliseconds(self.durations.last().copied()),
        );
        let (runs, failed) = (self.durations.len(), self.failed());
        let not_run = match self.not_run {
            0 => String::new(),
            count => messages::not_run(language, count),
        };
        let style = if failed > 0 { ERROR } else { SUCCESS };
        let shown = |time: Option<f64>| {
            time.map_or("-".into(), |time| {
                format!("{} ms", one_decimal(time, language))
            })
        };
        output::line(
            json,
            &format!(
                "{BOLD}{}{BOLD:#}{}{style}{}{style:#}{not_run}{}",
                one_line(name),
                messages::bot_runs(language, runs),
                messages::runs_failed(language, failed),
                messages::durations(language, shown(median), shown(longest))
            ),
        );
        let mut by_count: Vec<_> = self.failures.into_values().collect();
        by_count.sort_by_key(|them| std::cmp::Reverse(them.count));
        for Failures { count, message, .. } in by_count.iter().take(MAX_FAILURES) {
            output::line(
                json,
                &messages::times(language, format!("{count:>6}"), one_line(message)),
            );
        }
        let failures = by_count
            .into_iter()
            .map(|them| json!({ "count": them.count, "first": them.first }));
        json!({
            "bot": name,
            "runs": runs,
            "failed": failed,
            "not-run": self.not_run,
            "median-milliseconds": median,
            "longest-milliseconds": longest,
            "failures": failures.collect::<Vec<_>>(),
        })
    }
}
