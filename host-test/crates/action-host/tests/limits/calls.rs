//! Each way to misbehave has its own end.

use std::cell::Cell;
use std::time::{Duration, Instant};

use action_host::CallError;
use secrecy::ExposeSecret;

use crate::fixture::{World, misbehave, tight};

/// Mode, kind of the error, and what a person reads.
const ENDS: [(&str, &str, &str); 13] = [
    (
        "never returns",
        "cpu-exceeded",
        "the action used more than 0.2 s of computing time and was stopped",
    ),
    (
        "computes and waits",
        "cpu-exceeded",
        "the action used more than 0.2 s of computing time and was stopped",
    ),
    (
        "waits",
        "deadline-exceeded",
        "the action gave no answer within 2 s and was stopped; try again, or allow it more time",
    ),
    (
        "eats memory",
        "memory-exceeded",
        "the action wanted more than 16 MiB of memory and was stopped",
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
        "the action wanted more than 16 MiB of memory and was stopped",
    ),
    (
        "returns 4 MiB",
        "result-too-large",
        "the action handed over more than 1024 KiB and was stopped",
    ),
    (
        "sends a header of 4 MiB",
        "result-too-large",
        "the action handed over more than 1024 KiB and was stopped",
    ),
    (
        "traps",
        "trapped",
        "the action broke down: wasm trap: wasm `unreachable` instruction executed",
    ),
    // The words of a panic may hold a secret; they go where the component's output goes: nowhere.
    (
        "panics",
        "trapped",
        "the action broke down: wasm trap: wasm `unreachable` instruction executed",
    ),
    (
        "exits",
        "trapped",
        "the action broke down: it ended itself with status 0",
    ),
    (
        "exits as failed",
        "trapped",
        "the action broke down: it ended itself with status 1",
    ),
];

#[tokio::test]
async fn a_component_that_misbehaves_ends_in_its_own_error_and_the_next_call_runs() {
    let world = World::start(tight()).await;
    let hostile = world.hostile();
    for (mode, kind, message) in ENDS {
        let begun = Instant::now();
        let error = misbehave(&hostile, mode).await.expect_err(mode);
        let took = begun.elapsed();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (kind, message),
            "{mode}"
        );
        // The deadline of 2 s, and what a busy machine adds; "waits" would take an hour.
        assert!(took < Duration::from_secs(60), "{mode}: {took:?}");
        println!("{mode}: {kind} after {took:?}");
        world.the_next_call_runs().await;
    }
}

#[tokio::test]
async fn a_component_for_wasip2_that_behaves_runs() {
    let world = World::start(tight()).await;
    let session = misbehave(&world.hostile(), "behaves").await.unwrap();
    assert_eq!(session.token.expose_secret(), "a token");
}

/// The bot that calls in the meantime neither fails nor waits for the other's end.
#[tokio::test]
async fn others_run_while_a_component_computes() {
    let world = World::start(tight()).await;
    let hostile = world.hostile();
    let is_over = Cell::new(false);
    let computing = async {
        let stopped = misbehave(&hostile, "never returns").await;
        is_over.set(true);
        stopped
    };
    let other = async {
        world.the_next_call_runs().await;
        is_over.get()
    };
    let (stopped, waited) = tokio::join!(computing, other);
    assert!(matches!(stopped, Err(CallError::CpuExceeded(_))));
    assert!(!waited);
}

#[tokio::test]
async fn a_component_whose_start_never_ends_is_stopped() {
    use crate::components::{Parts, load};
    let world = World::start(tight()).await;
    let component = Parts {
        fields: "(func $loop (loop $again br $again)) (start $loop)",
        ..Parts::default()
    };
    let action = load(&world.runtime, &world.client, &component.component()).unwrap();
    let error = action.actions("en").await.unwrap_err();
    assert!(matches!(error, CallError::CpuExceeded(_)), "{error}");
    world.the_next_call_runs().await;
}
