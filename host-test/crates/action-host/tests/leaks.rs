//! A thousand calls of a hostile component leak no memory, threads or file descriptors. A process of its own, because it
//! measures the whole process.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[path = "limits/fixture.rs"]
mod fixture;
#[path = "limits/hostile.rs"]
mod hostile;

use std::fs;
use std::time::{Duration, Instant};

use action_host::{Component, Limits};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::fixture::{Fixture, misbehave, tight};

/// All modes.
const MODES: [&str; 14] = [
    "behaves",
    "never returns",
    "computes and waits",
    "waits",
    "eats memory",
    "recurses",
    "keeps a thousand requests",
    "makes a thousand requests",
    "connects elsewhere",
    "returns 100 MiB",
    "returns 4 MiB",
    "traps",
    "panics",
    "exits",
];

const CALLS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_misbehaving_calls_leak_nothing() {
    let limits = Limits {
        fuel: 20_000_000,
        deadline: Duration::from_millis(200),
        calls: 16,
        ..tight()
    };
    let fixture = Fixture::start(limits).await;
    let hostile = fixture.hostile();
    // Warm-up: creates threads of the runtime, pages of the pool and connections.
    misbehave_at_once(&hostile, 200).await;
    fixture.the_next_call_runs().await;
    let before = Usage::now();

    let begun = Instant::now();
    misbehave_at_once(&hostile, CALLS).await;
    let took = begun.elapsed();
    fixture.the_next_call_runs().await;
    let after = Usage::settled(&before).await;

    println!("before {before:?}, after {CALLS} calls in {took:?} {after:?}");
    assert!(after.threads <= before.threads, "{before:?} {after:?}");
    assert!(
        after.descriptors <= before.descriptors,
        "{before:?} {after:?}"
    );
    // A leak of 4 KiB per call would be 4 MiB. The allocator's own overhead varies by less.
    assert!(
        after.resident < before.resident + (3 << 20),
        "{before:?} {after:?}"
    );
}

/// As many concurrent calls as the limit allows, with the modes in turn.
async fn misbehave_at_once(hostile: &Component, calls: usize) {
    let mut under_way = JoinSet::new();
    for number in 0..calls {
        if under_way.len() == 16 {
            under_way.join_next().await.unwrap().unwrap();
        }
        let hostile = hostile.clone();
        under_way.spawn(async move {
            let mode = MODES[number % MODES.len()];
            let call = misbehave(&hostile, mode);
            if number % 10 == 0 {
                let _ = timeout(Duration::from_millis(5), call).await;
            } else if mode != "behaves" {
                // On a busy machine, one that behaves may miss its deadline as well.
                assert!(call.await.is_err(), "{mode}");
            } else {
                let _ = call.await;
            }
        });
    }
    while let Some(ended) = under_way.join_next().await {
        ended.unwrap();
    }
}

#[derive(Debug)]
struct Usage {
    /// The resident memory in bytes, without pages that are backed by files.
    resident: usize,
    threads: usize,
    descriptors: usize,
}

impl Usage {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let field = |name: &str| -> usize {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.split_whitespace().next());
            number.and_then(|number| number.parse().ok()).unwrap()
        };
        Self {
            resident: field("RssAnon:") << 10,
            threads: field("Threads:"),
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
        }
    }

    /// The usage once both ends of closed connections have noticed it: not more than `before`, or what is left after a
    /// while.
    async fn settled(before: &Self) -> Self {
        let begun = Instant::now();
        loop {
            let now = Self::now();
            let is_settled = now.threads <= before.threads && now.descriptors <= before.descriptors;
            if is_settled || begun.elapsed() > Duration::from_secs(30) {
                return now;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}
