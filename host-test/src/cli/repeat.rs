//! `bot-runner run --repeat`: bots many times, and how they did.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use bot_engine::{Bot, RunError, Runner};
use serde_json::{Value, json};
use tokio_util::task::LocalPoolHandle;

use super::Outcome;
use super::output::{self, BAD, BOLD, GOOD, one_line};
use super::report::run_error;
use super::run::Ran;

/// The most different failures that people are told of a bot.
const MOST_FAILURES: usize = 5;

/// How often, and how many at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repetition {
    pub(crate) times: u32,
    pub(crate) at_once: usize,
}

/// What came of the runs of one bot.
#[derive(Default)]
struct Tally {
    took: Vec<Duration>,
    /// How many did not begin, because of an interruption.
    not_run: u32,
    /// Failures by step and kind, each with how often there was one, and the first in words and as JSON.
    failures: BTreeMap<(usize, &'static str), Failures>,
}

struct Failures {
    count: usize,
    message: String,
    first: Value,
}

/// Runs each bot as often as it is said. An interruption ends those that run, and no other begins.
pub(crate) async fn repeat(
    runner: &Runner,
    for_another_runtime: impl Fn() -> Runner,
    bots: Vec<Bot>,
    repetition: Repetition,
    json: bool,
) -> Ran {
    let started = Instant::now();
    let mut ran = Ran {
        reports: Vec::new(),
        outcome: Outcome::Done,
    };
    let lanes = Lanes::new(for_another_runtime, repetition.at_once);
    for bot in bots {
        let bot = Arc::new(bot);
        let tally = run_often(&lanes, &bot, repetition).await;
        if tally.failed() > 0 || tally.not_run > 0 {
            ran.outcome = Outcome::Failed;
        }
        ran.reports.push(tally.report(&bot.name, json));
    }
    let sessions = runner.sessions.statistics();
    output::line(
        json,
        &format!(
            "sessions: {} asked for, {} opened, {} requests spared, in {:.1} s",
            sessions.asked,
            sessions.opened,
            sessions.spared(),
            started.elapsed().as_secs_f32(),
        ),
    );
    ran
}

/// As many lanes as may run at once, each of which takes one run after the other. They are spread over the
/// cores, each of which has a runtime of one thread: a run then never waits for another thread to wake up.
///
/// A runtime and what still runs on it ends with this. So the Control Room renews tokens on the runtime that
/// opened it, and these stay until all bots have run: one of them may be about to give back the store's only
/// connection.
struct Lanes {
    pool: LocalPoolHandle,
    /// One for each core.
    runners: Vec<Runner>,
}

impl Lanes {
    fn new(for_another_runtime: impl Fn() -> Runner, at_once: usize) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        let pool = LocalPoolHandle::new(cores.min(at_once));
        let runners = (0..pool.num_threads())
            .map(|_| for_another_runtime())
            .collect();
        Self { pool, runners }
    }
}

async fn run_often(lanes: &Lanes, bot: &Arc<Bot>, repetition: Repetition) -> Tally {
    let Lanes { pool, runners } = lanes;
    let begun = Arc::new(AtomicU32::new(0));
    let lanes: Vec<_> = (0..repetition.at_once)
        .map(|lane| {
            let core = lane % runners.len();
            let (runner, bot) = (runners[core].clone(), Arc::clone(bot));
            let begun = Arc::clone(&begun);
            pool.spawn_pinned_by_idx(
                move || run_in_turn(runner, bot, begun, repetition.times),
                core,
            )
        })
        .collect();
    let mut tally = Tally::default();
    for lane in lanes {
        match lane.await {
            Ok(of_lane) => tally.add(of_lane),
            Err(broken) => tally.fail(
                (0, "broken"),
                broken.to_string(),
                || json!({ "kind": "broken" }),
            ),
        }
    }
    tally.not_run = repetition.times.saturating_sub(begun.load(Relaxed));
    tally
}

/// Runs the bot until `times` runs have begun, here or elsewhere, or there is an interruption.
async fn run_in_turn(runner: Runner, bot: Arc<Bot>, begun: Arc<AtomicU32>, times: u32) -> Tally {
    let mut tally = Tally::default();
    let begin = || {
        begun.fetch_update(Relaxed, Relaxed, |count| {
            (count < times).then_some(count + 1)
        })
    };
    while !runner.interrupt.is_requested() && begin().is_ok() {
        let started = Instant::now();
        let result = runner.run(&bot, &mut ()).await;
        tally.count(started.elapsed(), result);
    }
    tally
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        for (place, theirs) in other.failures {
            match self.failures.entry(place) {
                Entry::Occupied(mut ours) => ours.get_mut().count += theirs.count,
                Entry::Vacant(none) => {
                    none.insert(theirs);
                }
            }
        }
    }

    fn count(&mut self, took: Duration, result: Result<(), RunError>) {
        self.took.push(took);
        if let Err(error) = result {
            let place = match &error {
                RunError::Invalid(problems) => {
                    let first = problems.first();
                    (first.step.unwrap_or(0), first.code())
                }
                RunError::ControlRoom(_) => (0, "control-room-failed"),
                RunError::Interrupted { .. } => (0, "interrupted"),
                RunError::Step { step, error, .. } => (*step, error.kind()),
            };
            self.fail(place, error.to_string(), || run_error(&error));
        }
    }

    fn fail(
        &mut self,
        place: (usize, &'static str),
        message: String,
        described: impl FnOnce() -> Value,
    ) {
        let failures = self.failures.entry(place).or_insert_with(|| Failures {
            count: 0,
            message,
            first: described(),
        });
        failures.count += 1;
    }

    fn failed(&self) -> usize {
        self.failures.values().map(|them| them.count).sum()
    }

    /// Tells people, and gives the same as JSON.
    fn report(mut self, name: &str, json: bool) -> Value {
        self.took.sort_unstable();
        let median = self.took.get(self.took.len() / 2).copied();
        let milliseconds = |took: Option<Duration>| took.map(|took| took.as_secs_f64() * 1e3);
        let (median, longest) = (
            milliseconds(median),
            milliseconds(self.took.last().copied()),
        );
        let (runs, failed) = (self.took.len(), self.failed());
        let not_run = match self.not_run {
            0 => String::new(),
            count => format!(", {count} not run"),
        };
        let style = if failed > 0 { BAD } else { GOOD };
        let shown = |time: Option<f64>| time.map_or("-".into(), |time| format!("{time:.1} ms"));
        output::line(
            json,
            &format!(
                "{BOLD}{}{BOLD:#}: {runs} runs, {style}{failed} failed{style:#}{not_run}; median {}, longest {}",
                one_line(name),
                shown(median),
                shown(longest)
            ),
        );
        let mut often: Vec<_> = self.failures.into_values().collect();
        often.sort_by_key(|them| std::cmp::Reverse(them.count));
        for Failures { count, message, .. } in often.iter().take(MOST_FAILURES) {
            output::line(json, &format!("{count:>6} times: {}", one_line(message)));
        }
        let failures = often
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
