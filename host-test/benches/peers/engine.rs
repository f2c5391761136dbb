//! Where authentications run: on one runtime over all cores, as `#[tokio::main]` makes it, or on a runtime of
//! one thread for each core, as `bot-runner run --parallel` has it.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::task::JoinHandle;
use tokio_util::task::LocalPoolHandle;

/// Whatever can authenticate.
pub(crate) trait Authenticator: Send + Sync + Sized + 'static {
    /// Asks for a token and reads it.
    fn authenticate(&self) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// The same with connections of its own, which belong to the runtime that it is first used in.
    fn for_another_runtime(&self) -> anyhow::Result<Self>;
}

/// The runtimes that a client is measured on.
#[derive(Clone, Copy)]
pub(crate) enum Runtimes {
    OneForEachCore,
    OneOverAllCores,
}

impl Runtimes {
    pub(crate) const ALL: [Self; 2] = [Self::OneForEachCore, Self::OneOverAllCores];

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::OneForEachCore => "a runtime for each core",
            Self::OneOverAllCores => "one runtime over all cores",
        }
    }
}

/// A client on its runtimes.
pub(crate) struct Engine<A> {
    /// One for each core; or none, where the runtime is that of this program.
    pool: Option<LocalPoolHandle>,
    /// One for each runtime.
    clients: Vec<Arc<A>>,
}

impl<A: Authenticator> Engine<A> {
    pub(crate) fn on(runtimes: Runtimes, client: &A) -> anyhow::Result<Self> {
        match runtimes {
            Runtimes::OneForEachCore => Self::for_each_core(client),
            Runtimes::OneOverAllCores => Self::over_all_cores(client),
        }
    }

    fn over_all_cores(client: &A) -> anyhow::Result<Self> {
        Ok(Self {
            pool: None,
            clients: vec![Arc::new(client.for_another_runtime()?)],
        })
    }

    pub(crate) fn for_each_core(client: &A) -> anyhow::Result<Self> {
        let pool = LocalPoolHandle::new(available_parallelism().map_or(1, NonZero::get));
        let clients = (0..pool.num_threads())
            .map(|_| client.for_another_runtime().map(Arc::new))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            pool: Some(pool),
            clients,
        })
    }

    /// Starts `work` with a client. What has the same `lane` runs on the same runtime.
    pub(crate) fn spawn<F>(
        &self,
        lane: usize,
        work: impl FnOnce(Arc<A>) -> F + Send + 'static,
    ) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let runtime = lane % self.clients.len();
        let client = Arc::clone(&self.clients[runtime]);
        match &self.pool {
            None => tokio::spawn(work(client)),
            Some(pool) => pool.spawn_pinned_by_idx(move || work(client), runtime),
        }
    }
}
