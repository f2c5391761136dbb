//! Many authentications at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Options;
use super::cloud::Cloud;
use super::engine::{Authenticator, Engine, Runtimes};
use super::measure::{cpu, micros};
use super::native::Native;
use super::ours::Ours;
use super::table::{Figure, Row, Table};

/// How often each of the two is measured, in turns.
const TURNS: usize = 6;

/// What some authentications took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Load {
    count: usize,
    elapsed: Duration,
    cpu: Duration,
}

impl Load {
    pub(crate) fn per_second(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// CPU time of this process for each, in microseconds.
    pub(crate) fn cpu_each(&self) -> f64 {
        micros(self.cpu) / self.count as f64
    }
}

impl std::ops::AddAssign for Load {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.elapsed += other.elapsed;
        self.cpu += other.cpu;
    }
}

/// Authenticates `count` times, from `tasks` tasks that each do one after the other.
pub(crate) async fn at_once(
    engine: &Engine<impl Authenticator>,
    tasks: usize,
    count: usize,
) -> anyhow::Result<Load> {
    let taken = Arc::new(AtomicUsize::new(0));
    let before = cpu()?;
    let started = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|lane| {
            let taken = Arc::clone(&taken);
            engine.spawn(lane, async move |client| {
                while taken.fetch_add(1, Ordering::Relaxed) < count {
                    client.authenticate().await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in running {
        task.await??;
    }
    Ok(Load {
        count,
        elapsed: started.elapsed(),
        cpu: cpu()?.saturating_sub(before),
    })
}

pub(crate) async fn measure(
    cloud: &Cloud,
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    const AT_ONCE: usize = 64;
    eprintln!("throughput");
    let (ours, native) = (Ours::new(cloud, &options.component)?, Native::new(cloud)?);
    for runtimes in Runtimes::ALL {
        let what = runtimes.in_words();
        let our_engine = Engine::on(runtimes, &ours)?;
        let native_engine = Engine::on(runtimes, &native)?;
        let each = options.count(5_000, 200);
        at_once(&our_engine, AT_ONCE, each).await?;
        at_once(&native_engine, AT_ONCE, each).await?;
        let (mut our_load, mut native_load) = (Load::default(), Load::default());
        for _ in 0..TURNS {
            our_load += at_once(&our_engine, AT_ONCE, each).await?;
            native_load += at_once(&native_engine, AT_ONCE, each).await?;
        }
        table.add(Row::at_least(
            &format!("throughput with 64 at once, {what}; native `oauth2` + `reqwest`"),
            Figure::new(our_load.per_second(), "/s"),
            Figure::new(native_load.per_second(), "/s"),
            0.5,
        ));
        table.add(Row::beside(
            "the same, CPU time of the client for each",
            Figure::new(our_load.cpu_each(), "µs"),
            Figure::new(native_load.cpu_each(), "µs"),
        ));
    }
    Ok(())
}
