//! Many authentications at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::Options;
use super::cloud::Cloud;
use super::measure::{cpu, micros};
use super::native::Native;
use super::ours::Ours;
use super::table::{Figure, Row, Table};

/// How often each of the two is measured, in turns.
const TURNS: usize = 6;

/// Whatever can authenticate.
pub(crate) trait Authenticator: Send + Sync + 'static {
    /// Asks for a token and reads it.
    fn authenticate(&self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

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
    client: &Arc<impl Authenticator>,
    tasks: usize,
    count: usize,
) -> anyhow::Result<Load> {
    let taken = Arc::new(AtomicUsize::new(0));
    let before = cpu()?;
    let started = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (client, taken) = (Arc::clone(client), Arc::clone(&taken));
        running.spawn(async move {
            while taken.fetch_add(1, Ordering::Relaxed) < count {
                client.authenticate().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(Load {
        count,
        elapsed: started.elapsed(),
        cpu: cpu()? - before,
    })
}

pub(crate) async fn measure(
    cloud: &Cloud,
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    const AT_ONCE: usize = 64;
    eprintln!("throughput");
    let (ours, native) = (Arc::new(Ours::new(cloud)?), Arc::new(Native::new(cloud)?));
    let each = options.count(5_000, 200);
    at_once(&ours, AT_ONCE, each).await?;
    at_once(&native, AT_ONCE, each).await?;
    let (mut our_load, mut native_load) = (Load::default(), Load::default());
    for _ in 0..TURNS {
        our_load += at_once(&ours, AT_ONCE, each).await?;
        native_load += at_once(&native, AT_ONCE, each).await?;
    }
    table.add(Row::at_least(
        "throughput with 64 at once; native `oauth2` + `reqwest`",
        Figure::new(our_load.per_second(), "/s"),
        Figure::new(native_load.per_second(), "/s"),
        0.5,
    ));
    table.add(Row::beside(
        "the same, CPU time of the client for each",
        Figure::new(our_load.cpu_each(), "µs"),
        Figure::new(native_load.cpu_each(), "µs"),
    ));
    Ok(())
}
