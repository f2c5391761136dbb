//! Health checks for load balancers and service managers: whether the process responds (`/healthz`), and whether it should
//! receive requests (`/readyz`). Anybody may ask, under any `Host`: the status is all that an answer says. The reason is in the log.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use control_room::{Store, StoreError};
use thiserror::Error;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::open_connections::OpenConnections;

/// The paths. Requests to them do not make a connection busy, so that they keep nobody out.
pub(super) const PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// The time limit of the check: Kubernetes waits for a second, unless it is told otherwise.
const CHECK_TIME: Duration = Duration::from_millis(800);

/// How long the result of a check is valid.
const VALID: Duration = Duration::from_secs(1);

/// Whether the pages should get requests.
pub(super) struct Health {
    store: Store,
    connections: Arc<Mutex<OpenConnections>>,
    shutdown: CancellationToken,
    last: Arc<tokio::sync::Mutex<Checked>>,
}

/// The result of the last check.
#[derive(Default)]
struct Checked {
    at: Option<Instant>,
    /// Why the pages are not ready; `None` if they are.
    error: Option<String>,
}

#[derive(Debug, Error)]
enum NotReady {
    #[error("the Control Room cannot be read: {0}")]
    Store(#[from] StoreError),
    #[error("reading the Control Room takes too long")]
    TooSlow(#[from] Elapsed),
    #[error("all connections are busy")]
    NoRoom,
}

impl Health {
    /// Once `shutdown` is cancelled, the pages should receive no further requests.
    pub(super) fn new(
        store: Store,
        connections: Arc<Mutex<OpenConnections>>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            store,
            connections,
            shutdown,
            last: Arc::default(),
        }
    }

    fn has_room(&self) -> bool {
        let connections = self.connections.lock();
        connections
            .unwrap_or_else(PoisonError::into_inner)
            .has_room()
    }

    /// Whether the pages should get requests. Concurrent callers share the result of one check by `read`.
    async fn is_ready(
        &self,
        read: impl Future<Output = Result<(), StoreError>> + Send + 'static,
    ) -> bool {
        if self.shutdown.is_cancelled() {
            return false;
        }
        let mut last = Arc::clone(&self.last).lock_owned().await;
        if last.at.is_some_and(|at| at.elapsed() < VALID) {
            return last.error.is_none();
        }
        let has_room = self.has_room();
        // In a task: otherwise, callers that do not wait for the answer would begin one check after the other.
        let checked = tokio::spawn(async move {
            let error = check(read, has_room).await.err().map(|it| it.to_string());
            if error != last.error {
                if let Some(error) = &error {
                    tracing::error!(%error, "not ready for requests");
                } else {
                    tracing::info!("ready for requests again");
                }
            }
            let is_ready = error.is_none();
            let at = Some(Instant::now());
            *last = Checked { at, error };
            is_ready
        });
        checked.await.unwrap_or(false)
    }
}

async fn check(
    read: impl Future<Output = Result<(), StoreError>>,
    has_room: bool,
) -> Result<(), NotReady> {
    timeout(CHECK_TIME, read).await??;
    if has_room {
        Ok(())
    } else {
        Err(NotReady::NoRoom)
    }
}

/// The routes, without sessions and languages.
pub(super) fn routes(health: Health) -> Router {
    let [healthz, readyz] = PATHS;
    Router::new()
        .route(healthz, get(|| async { "ok" }))
        .route(readyz, get(ready))
        .with_state(Arc::new(health))
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    let store = health.store.clone();
    if health.is_ready(async move { store.check().await }).await {
        "ok".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use control_room::{KeySource, Place};
    use test_support::Log;

    use super::*;

    async fn health() -> Health {
        let store = Store::open(Place::Memory, KeySource::InFolder).await;
        Health::new(store.unwrap(), Arc::default(), CancellationToken::new())
    }

    #[tokio::test]
    async fn the_store_is_read_once_a_second_however_many_ask() {
        let health = health().await;
        tokio::time::pause();
        let reads = Arc::new(AtomicUsize::new(0));
        for second in 1..=3 {
            for _ in 0..100 {
                let reads = Arc::clone(&reads);
                let read = async move {
                    reads.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                };
                // Some do not wait for the answer.
                tokio::select! {
                    biased;
                    is_ready = health.is_ready(read) => assert!(is_ready),
                    () = std::future::ready(()) => {}
                }
            }
            assert!(health.is_ready(pending()).await);
            assert_eq!(reads.load(Ordering::Relaxed), second);
            tokio::time::advance(VALID).await;
        }
    }

    #[tokio::test]
    async fn a_store_that_does_not_answer_in_time_is_not_ready_and_the_log_says_so_once() {
        let health = health().await;
        tokio::time::pause();
        let log = Log::default();
        // For this thread only, which runs the whole runtime.
        let _guard = tracing::subscriber::set_default(log.clone());
        for _ in 0..3 {
            assert!(!health.is_ready(pending()).await);
            tokio::time::advance(VALID).await;
        }
        let reason = "not ready for requests error=reading the Control Room takes too long";
        assert_eq!(log.text().matches(reason).count(), 1, "{}", log.text());
        for _ in 0..3 {
            assert!(health.is_ready(async { Ok(()) }).await);
            tokio::time::advance(VALID).await;
        }
        let again = "ready for requests again";
        assert_eq!(log.text().matches(again).count(), 1, "{}", log.text());
    }
}
