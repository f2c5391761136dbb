//! Password hashes: argon2id on a pool of workers.
//!
//! The parameters are those that OWASP's Password Storage Cheat Sheet recommends first for little memory. The memory of a
//! hash is kept for the next one: allocated for each hash, on whichever thread computes it, it stayed in the arenas of the
//! allocator, up to 1.5 GiB after many attempts to sign in. As much is allocated as hashes are computed at the same time.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::store::random::{row_id, salt};

/// OWASP: "19 MiB of memory, an iteration count of 2, and 1 degree of parallelism".
const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const PARALLELISM: u32 = 1;

/// How many hashes the process computes at once, in 76 MiB.
pub(crate) const WORKERS: usize = 4;

/// How many hashes wait in the queue; those who ask for more wait for room in it.
const MAX_WAITING: usize = 16;

/// The length of a hash, in bytes.
const LENGTH: usize = 32;

/// Why a hash was not computed.
#[derive(Debug, Error)]
pub(crate) enum HashError {
    /// The parameters or the lengths are not valid.
    #[error(transparent)]
    Argon2(#[from] argon2::Error),
    /// The hash cannot be written as text.
    #[error("it cannot be encoded: {0}")]
    Encoding(String),
    /// The system lets this program start no threads.
    #[error("there are no threads for it")]
    NoWorkers,
}

/// The memory for one hash at a time.
pub(crate) struct Memory(Vec<Block>);

impl Memory {
    fn new() -> Self {
        let blocks = usize::try_from(MEMORY_KIB).unwrap_or_default();
        Self(vec![Block::new(); blocks])
    }
}

/// What no worker uses at present.
static IDLE: Mutex<Vec<Memory>> = Mutex::new(Vec::new());

fn idle() -> MutexGuard<'static, Vec<Memory>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

static JOBS: LazyLock<mpsc::Sender<Job>> = LazyLock::new(|| {
    let (jobs, queue) = mpsc::channel(MAX_WAITING);
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..WORKERS {
        let queue = Arc::clone(&queue);
        let worker = thread::Builder::new().name("password-hash".into());
        if let Err(error) = worker.spawn(move || work(&queue)) {
            tracing::error!(%error, "cannot start a thread for password hashes");
        }
    }
    jobs
});

fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        let Some(job) = job else {
            return;
        };
        let kept = idle().pop();
        let mut memory = kept.unwrap_or_else(Memory::new);
        job(&mut memory);
        memory.0.fill(Block::new());
        idle().push(memory);
    }
}

/// Runs `job` on a worker. If the caller is dropped while the job waits in the queue, it does not run.
pub(crate) async fn on_worker<T: Send + 'static>(
    job: impl FnOnce(&mut Memory) -> T + Send + 'static,
) -> Result<T, HashError> {
    let (answer, answered) = oneshot::channel();
    let job = Box::new(move |memory: &mut Memory| {
        if !answer.is_closed() {
            let _ = answer.send(job(memory));
        }
    });
    JOBS.send(job).await.map_err(|_| HashError::NoWorkers)?;
    answered.await.map_err(|_| HashError::NoWorkers)
}

/// The hash of a password, with its parameters and a new salt, as a PHC string.
pub(crate) fn hash(password: &[u8], memory: &mut Memory) -> Result<String, HashError> {
    let encoding =
        |error: argon2::password_hash::phc::Error| HashError::Encoding(error.to_string());
    let params = Params::new(MEMORY_KIB, ITERATIONS, PARALLELISM, Some(LENGTH))?;
    let salt = salt();
    let mut output = [0; LENGTH];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2.hash_password_into_with_memory(password, &salt, &mut output, &mut memory.0[..])?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)
            .map_err(|error| HashError::Encoding(error.to_string()))?,
        salt: Some(Salt::new(&salt).map_err(encoding)?),
        hash: Some(Output::new(&output).map_err(encoding)?),
    };
    Ok(hash.to_string())
}

/// Whether a password has this hash. A hash with other parameters than ours must not need more memory.
pub(crate) fn is_match(password: &[u8], hash: &str, memory: &mut Memory) -> bool {
    let mut computed = || {
        let parsed = PasswordHash::new(hash).ok()?;
        let params = Params::try_from(&parsed).ok()?;
        let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).ok()?;
        let version = Version::try_from(parsed.version?).ok()?;
        let (salt, expected) = (parsed.salt?, parsed.hash?);
        let mut output = vec![0; expected.len()];
        Argon2::new(algorithm, version, params)
            .hash_password_into_with_memory(password, &salt, &mut output, &mut memory.0[..])
            .ok()?;
        Some(output.ct_eq(expected.as_bytes()).into())
    };
    computed().unwrap_or(false)
}

/// What a password is compared with if there is no such user, so that verification takes as long.
pub(crate) fn dummy(memory: &mut Memory) -> &'static str {
    static DUMMY: OnceLock<String> = OnceLock::new();
    DUMMY.get_or_init(|| hash(row_id().as_bytes(), memory).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_name_their_parameters_and_are_salted() {
        let memory = &mut Memory::new();
        let password = b"correct horse";
        let (one, other) = (
            hash(password, memory).unwrap(),
            hash(password, memory).unwrap(),
        );
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(is_match(password, &one, memory));
        assert!(!is_match(b"correct hors", &one, memory));
        for broken in ["", "x", "$argon2id$v=19$m=19456,t=2,p=1$"] {
            assert!(!is_match(password, broken, memory), "{broken}");
        }
        let too_large = one.replace("m=19456", "m=1945600");
        assert!(!is_match(password, &too_large, memory));
    }

    /// By the crate's own function, which allocates its memory.
    #[test]
    fn hashes_of_earlier_versions_match() {
        use argon2::password_hash::PasswordHasher;
        let params = Params::new(MEMORY_KIB, ITERATIONS, PARALLELISM, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash: PasswordHash = argon2
            .hash_password_with_salt(b"correct horse", &salt())
            .unwrap();
        assert!(is_match(
            b"correct horse",
            &hash.to_string(),
            &mut Memory::new()
        ));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 8)]
    async fn concurrent_attempts_keep_no_more_memory_than_the_workers_have() {
        fn resident_kib() -> usize {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find(|line| line.starts_with("VmHWM:"));
            line.unwrap()
                .split_whitespace()
                .nth(1)
                .unwrap()
                .parse()
                .unwrap()
        }
        let before = resident_kib();
        let attempt = || on_worker(|memory| is_match(b"guess", dummy(memory), memory));
        let attempts: tokio::task::JoinSet<_> = (0..200).map(|_| attempt()).collect();
        for ended in attempts.join_all().await {
            assert!(!ended.unwrap());
        }
        let workers = WORKERS * usize::try_from(MEMORY_KIB).unwrap();
        let grown = resident_kib() - before;
        // Besides, what all the rest takes, such as tests beside this one.
        assert!(grown < workers + 80 * 1024, "{grown} KiB");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_computed() {
        let (begin, mut begun) = mpsc::channel(WORKERS);
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let ended = Arc::new(Mutex::new(ended));
        // All workers are busy.
        let busy: tokio::task::JoinSet<_> = (0..WORKERS)
            .map(|_| {
                let (begin, ended) = (begin.clone(), Arc::clone(&ended));
                on_worker(move |_| {
                    let _ = begin.blocking_send(());
                    let _ = ended.lock().unwrap().recv();
                })
            })
            .collect();
        for _ in 0..WORKERS {
            begun.recv().await.unwrap();
        }
        let (ran, has_run) = oneshot::channel();
        let waiting = on_worker(move |_| {
            let _ = ran.send(());
        });
        tokio::time::timeout(std::time::Duration::ZERO, waiting)
            .await
            .unwrap_err();
        drop(end);
        busy.join_all().await;
        on_worker(|_| ()).await.unwrap();
        has_run.await.unwrap_err();
    }
}
