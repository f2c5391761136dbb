//! Calls at once, and the queue in front of them.

use std::time::Duration;

use action_host::{CallError, Limits};
use tokio::time::Instant;

use crate::fixture::{World, misbehave, tight};

#[tokio::test]
async fn a_call_beyond_the_queue_is_refused_at_once() {
    let limits = Limits {
        calls: 1,
        queue: 2,
        deadline: Duration::from_millis(500),
        ..tight()
    };
    let world = World::start(limits).await;
    let hostile = world.hostile();
    tokio::time::pause();
    let begun = Instant::now();
    let refused = async {
        let error = misbehave(&hostile, "behaves").await.unwrap_err();
        assert!(matches!(error, CallError::TooManyCalls(3)), "{error}");
        assert_eq!(
            error.to_string(),
            "3 calls of actions are under way and waiting; no more are taken"
        );
        begun.elapsed()
    };
    // What becomes of the two in the queue, whose deadline is that of the one in front, is chance.
    let (under_way, _, _, took) = tokio::join!(
        misbehave(&hostile, "waits"),
        misbehave(&hostile, "behaves"),
        misbehave(&hostile, "behaves"),
        refused,
    );
    assert!(matches!(under_way, Err(CallError::DeadlineExceeded(_))));
    assert_eq!(took, Duration::ZERO);
    tokio::time::resume();
    world.the_next_call_runs().await;
}

#[tokio::test]
async fn a_waiting_call_gets_its_turn() {
    let limits = Limits {
        calls: 1,
        queue: 10,
        ..tight()
    };
    let world = World::start(limits).await;
    let hostile = world.hostile();
    let call = || world.authenticate();
    let (stopped, first, second, third) =
        tokio::join!(misbehave(&hostile, "never returns"), call(), call(), call());
    assert!(matches!(stopped, Err(CallError::CpuExceeded(_))));
    for waited in [first, second, third] {
        waited.unwrap();
    }
}

#[tokio::test]
async fn the_deadline_counts_from_the_question_and_covers_the_queue() {
    let limits = Limits {
        calls: 1,
        queue: 1,
        deadline: Duration::from_millis(600),
        ..tight()
    };
    let world = World::start(limits).await;
    let hostile = world.hostile();
    tokio::time::pause();
    let begun = Instant::now();
    let waiting = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // Its turn comes after 400 ms, so that 200 ms are left for it.
        let error = misbehave(&hostile, "waits").await.unwrap_err();
        (error, begun.elapsed())
    };
    let (_, (error, took)) = tokio::join!(misbehave(&hostile, "waits"), waiting);
    assert!(matches!(error, CallError::DeadlineExceeded(_)), "{error}");
    // The deadline after its own beginning, to the millisecond of the clock's wheel.
    assert!(took <= Duration::from_millis(802), "{took:?}");
    tokio::time::resume();
    world.the_next_call_runs().await;
}

/// The pool has exactly as much room as there are turns: it is never found full, not even when calls
/// are stopped in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_room_for_every_call_that_has_its_turn() {
    let limits = Limits {
        calls: 4,
        queue: 1000,
        cpu: Duration::from_millis(10),
        deadline: Duration::from_secs(20),
        ..Limits::default()
    };
    let world = World::start(limits).await;
    let hostile = world.hostile();
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
    world.the_next_call_runs().await;
}
