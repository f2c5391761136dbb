//! Each way to misbehave has an error of its own.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use action_host::{CallError, Host, Limits};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::components::Parts;
use crate::fixture::{Fixture, load_hostile, misbehave, tight};

/// Mode, kind of the error, and its message.
const ENDS: [(&str, &str, &str); 13] = [
    (
        "never returns",
        "cpu-exceeded",
        "the action computed for too long, more than 50 million instructions, and was stopped",
    ),
    (
        "computes and waits",
        "cpu-exceeded",
        "the action computed for too long, more than 50 million instructions, and was stopped",
    ),
    (
        "waits",
        "deadline-exceeded",
        "the action did not finish within 2 s and was stopped; try again, or allow it more time",
    ),
    (
        "eats memory",
        "memory-exceeded",
        "the action needed more than 16 MiB of memory and was stopped",
    ),
    (
        "recurses",
        "stack-exceeded",
        "the action recursed too deeply and was stopped",
    ),
    (
        "keeps a thousand requests",
        "resources-exceeded",
        "the action opened more than 128 requests and streams at once and was stopped",
    ),
    (
        "returns 100 MiB",
        "memory-exceeded",
        "the action needed more than 16 MiB of memory and was stopped",
    ),
    (
        "returns 4 MiB",
        "result-too-large",
        "the action returned more than 1024 KiB and was stopped",
    ),
    (
        "sends a header of 4 MiB",
        "result-too-large",
        "the action returned more than 1024 KiB and was stopped",
    ),
    (
        "traps",
        "trapped",
        "the action crashed: wasm trap: wasm `unreachable` instruction executed",
    ),
    // The message of a panic may contain a secret. It is discarded with the rest of the component's output.
    (
        "panics",
        "trapped",
        "the action crashed: wasm trap: wasm `unreachable` instruction executed",
    ),
    (
        "exits",
        "trapped",
        "the action crashed: it exited with status 0",
    ),
    (
        "exits as failed",
        "trapped",
        "the action crashed: it exited with status 1",
    ),
];

#[tokio::test]
async fn each_way_to_misbehave_has_its_own_error_and_the_next_call_runs() {
    let fixture = Fixture::start(tight()).await;
    let hurried = Limits {
        deadline: Duration::from_secs(2),
        ..tight()
    };
    let hurried = Fixture::start(hurried).await;
    for (mode, kind, message) in ENDS {
        let fixture = match kind {
            "deadline-exceeded" => &hurried,
            _ => &fixture,
        };
        let begun = Instant::now();
        let error = misbehave(&fixture.hostile(), mode).await.expect_err(mode);
        let took = begun.elapsed();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (kind, message),
            "{mode}"
        );
        println!("{mode}: {kind} after {took:?}");
        fixture.the_next_call_runs().await;
    }
}

#[tokio::test]
async fn a_component_for_wasip2_runs() {
    let fixture = Fixture::start(tight()).await;
    let text = misbehave(&fixture.hostile(), "behaves").await.unwrap();
    assert_eq!(text, "a text");
}

/// A concurrent call of another bot neither fails nor waits for this one.
#[tokio::test]
async fn other_calls_run_while_a_component_computes() {
    let fixture = Fixture::start(tight()).await;
    let hostile = fixture.hostile();
    let is_over = Cell::new(false);
    let computing = async {
        let stopped = misbehave(&hostile, "never returns").await;
        is_over.set(true);
        stopped
    };
    let other = async {
        fixture.the_next_call_runs().await;
        is_over.get()
    };
    let (stopped, waited) = tokio::join!(computing, other);
    assert!(matches!(stopped, Err(CallError::CpuExceeded(_))));
    assert!(!waited);
}

/// What a call may compute does not depend on what else the machine does, so a busy one does not make it a matter of the
/// deadline.
#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_calls_that_compute_for_ever_ends_by_its_own_limit() {
    let host = Host::builder().build().unwrap();
    let hostile = load_hostile(&host);
    let at_once = Arc::new(Semaphore::new(30));
    let mut calls = JoinSet::new();
    for _ in 0..60 {
        let (hostile, at_once) = (hostile.clone(), Arc::clone(&at_once));
        calls.spawn(async move {
            let _permit = at_once.acquire().await.unwrap();
            misbehave(&hostile, "never returns").await.unwrap_err()
        });
    }
    for error in calls.join_all().await {
        assert!(matches!(error, CallError::CpuExceeded(_)), "{error}");
    }
}

#[tokio::test]
async fn a_component_that_never_finishes_its_start_function_is_stopped() {
    let fixture = Fixture::start(tight()).await;
    let component = Parts {
        fields: "(func $loop (loop $again br $again)) (start $loop)",
        ..Parts::default()
    };
    let component = fixture.host.load(&component.component()).unwrap();
    let error = component.actions("en").await.unwrap_err();
    assert!(matches!(error, CallError::CpuExceeded(_)), "{error}");
    fixture.the_next_call_runs().await;
}
