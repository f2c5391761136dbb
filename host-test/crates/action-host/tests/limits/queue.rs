//! Concurrent calls, and the queue for them.

use std::time::Duration;

use action_host::{CallError, Limits};
use tokio::time::Instant;

use crate::fixture::{Fixture, misbehave, tight};

#[tokio::test]
async fn a_call_beyond_the_queue_is_refused_at_once() {
    let limits = Limits {
        calls: 1,
        queue: 2,
        deadline: Duration::from_millis(500),
        ..tight()
    };
    let fixture = Fixture::start(limits).await;
    let hostile = fixture.hostile();
    tokio::time::pause();
    let begun = Instant::now();
    let refused = async {
        let error = misbehave(&hostile, "behaves").await.unwrap_err();
        assert!(matches!(error, CallError::TooManyCalls(3)), "{error}");
        assert_eq!(
            error.to_string(),
            "3 calls of actions are running or waiting; no more are accepted"
        );
        begun.elapsed()
    };
    // The results of the two in the queue vary: their deadline is that of the running call.
    let (under_way, _, _, took) = tokio::join!(
        misbehave(&hostile, "waits"),
        misbehave(&hostile, "behaves"),
        misbehave(&hostile, "behaves"),
        refused,
    );
    assert!(matches!(under_way, Err(CallError::DeadlineExceeded(_))));
    assert_eq!(took, Duration::ZERO);
    tokio::time::resume();
    fixture.the_next_call_runs().await;
}

#[tokio::test]
async fn a_waiting_call_runs_when_another_ends() {
    let limits = Limits {
        calls: 1,
        queue: 10,
        ..tight()
    };
    let fixture = Fixture::start(limits).await;
    let hostile = fixture.hostile();
    let call = || fixture.authenticate();
    let (stopped, first, second, third) =
        tokio::join!(misbehave(&hostile, "never returns"), call(), call(), call());
    assert!(matches!(stopped, Err(CallError::CpuExceeded(_))));
    for waited in [first, second, third] {
        waited.unwrap();
    }
}

#[tokio::test]
async fn the_deadline_includes_the_wait_in_the_queue() {
    let limits = Limits {
        calls: 1,
        queue: 1,
        deadline: Duration::from_millis(600),
        ..tight()
    };
    let fixture = Fixture::start(limits).await;
    let hostile = fixture.hostile();
    tokio::time::pause();
    let begun = Instant::now();
    let waiting = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // It runs after 400 ms in the queue, which leaves 200 ms.
        let error = misbehave(&hostile, "waits").await.unwrap_err();
        (error, begun.elapsed())
    };
    let (_, (error, took)) = tokio::join!(misbehave(&hostile, "waits"), waiting);
    assert!(matches!(error, CallError::DeadlineExceeded(_)), "{error}");
    // The deadline after its own start, with the resolution of tokio's timer.
    assert!(took <= Duration::from_millis(802), "{took:?}");
    tokio::time::resume();
    fixture.the_next_call_runs().await;
}

/// The pool has room for exactly as many instances as there are permits. It is never full, even if calls are stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pool_has_room_for_every_call_with_a_permit() {
    let limits = Limits {
        calls: 4,
        queue: 1000,
        fuel: 20_000_000,
        deadline: Duration::from_secs(20),
        ..Limits::default()
    };
    let fixture = Fixture::start(limits).await;
    let hostile = fixture.hostile();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..200 {
        let hostile = hostile.clone();
        calls.spawn(async move {
            match number % 4 {
                0 => assert!(misbehave(&hostile, "behaves").await.is_ok()),
                1 => {
                    let error = misbehave(&hostile, "never returns").await.unwrap_err();
                    assert!(matches!(error, CallError::CpuExceeded(_)), "{error}");
                }
                2 => {
                    let error = misbehave(&hostile, "recurses").await.unwrap_err();
                    assert!(matches!(error, CallError::StackExceeded), "{error}");
                }
                _ => {
                    let given_up = misbehave(&hostile, "waits");
                    let given_up = tokio::time::timeout(Duration::from_millis(20), given_up);
                    assert!(given_up.await.is_err());
                }
            }
        });
    }
    while let Some(ended) = calls.join_next().await {
        ended.unwrap();
    }
    fixture.the_next_call_runs().await;
}
