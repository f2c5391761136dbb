//! One authentication after the other: what each takes, and what a call costs that sends nothing.

use std::time::{Duration, Instant};

use super::Options;
use super::cloud::Cloud;
use super::engine::{Authenticator, Engine, Runtimes};
use super::measure::{cpu, median, micros};
use super::native::Native;
use super::ours::Ours;
use super::table::{Figure, Row, Table};

/// How often each of the two is measured, in turns.
const TURNS: usize = 16;

/// What some authentications in turn took.
#[derive(Default)]
pub(crate) struct InTurn {
    times: Vec<Duration>,
    cpu: Duration,
}

impl InTurn {
    /// Does `count` more.
    pub(crate) async fn add(
        &mut self,
        engine: &Engine<impl Authenticator>,
        count: usize,
    ) -> anyhow::Result<()> {
        let more = engine.spawn(0, async move |client| {
            let mut times = Vec::with_capacity(count);
            let before = cpu()?;
            for _ in 0..count {
                let started = Instant::now();
                client.authenticate().await?;
                times.push(started.elapsed());
            }
            anyhow::Ok((times, cpu()?.saturating_sub(before)))
        });
        let (times, cpu) = more.await??;
        self.times.extend(times);
        self.cpu += cpu;
        Ok(())
    }

    pub(crate) fn median(&self) -> Figure {
        Figure::new(median(&self.times), "µs")
    }

    /// CPU time for each.
    pub(crate) fn cpu(&self) -> Figure {
        Figure::new(micros(self.cpu) / self.times.len() as f64, "µs")
    }
}

pub(crate) async fn measure(
    cloud: &Cloud,
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    eprintln!("exchange");
    let (ours, native) = (Ours::new(cloud, &options.component)?, Native::new(cloud)?);
    for runtimes in Runtimes::ALL {
        let what = runtimes.in_words();
        let our_engine = Engine::on(runtimes, &ours)?;
        let native_engine = Engine::on(runtimes, &native)?;
        let each = options.count(400, 20);
        InTurn::default().add(&our_engine, 2 * each).await?;
        InTurn::default().add(&native_engine, 2 * each).await?;
        let (mut our_times, mut native_times) = (InTurn::default(), InTurn::default());
        for _ in 0..TURNS {
            our_times.add(&our_engine, each).await?;
            native_times.add(&native_engine, each).await?;
        }
        table.add(Row::at_most(
            &format!(
                "one authentication, connection reused, median, {what}; native `oauth2` + `reqwest`"
            ),
            our_times.median(),
            native_times.median(),
            1.5,
        ));
        table.add(Row::beside(
            "the same, CPU time of the client",
            our_times.cpu(),
            native_times.cpu(),
        ));
    }
    connections(cloud, options, table).await
}

/// How many connections are opened.
async fn connections(cloud: &Cloud, options: &Options, table: &mut Table) -> anyhow::Result<()> {
    let count = options.count(10_000, 200);
    for (tasks, what) in [(1, "one after the other"), (64, "64 at once")] {
        let ours = Ours::new(cloud, &options.component)?;
        super::load::at_once(&Engine::for_each_core(&ours)?, tasks, count).await?;
        let opened = ours.statistics().connections_opened;
        table.add(Row::alone(
            format!("connections opened for {count} authentications, {what}"),
            opened.to_string(),
            format!("≤ {tasks}"),
            opened <= tasks as u64,
        ));
    }
    Ok(())
}

/// Instantiation with everything around it.
pub(crate) async fn measure_instance(
    cloud: &Cloud,
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    const MOST: f64 = 35.0;
    eprintln!("instance");
    let engine = Engine::for_each_core(&Ours::new(cloud, &options.component)?)?;
    let count = options.count(20_000, 200);
    let times = engine.spawn(0, async move |ours| {
        for _ in 0..count / 10 {
            ours.fail_without_http().await?;
        }
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let started = Instant::now();
            ours.fail_without_http().await?;
            times.push(started.elapsed());
        }
        anyhow::Ok(times)
    });
    let median = median(&times.await??);
    table.add(Row::alone(
        "store, instance, call that returns an error without HTTP, drop; median",
        format!("{median:.1} µs"),
        format!("≤ {MOST} µs"),
        median <= MOST,
    ));
    Ok(())
}
