//! What a component hands over is measured before it is copied.

use std::time::{Duration, Instant};

use action_host::error::Failure;
use action_host::{ActionError, CallError};

use crate::components::{Parts, load};
use crate::fixture::{World, tight};

/// 16,384 actions, whose names are all the same 64 KiB: half a megabyte in the component, one
/// gigabyte when it is copied.
const ACTIONS_OF_ONE_GIGABYTE: &str = "
    (loop $next
        (i32.store offset=1048576 (local.get 2) (i32.const 131072))
        (i32.store offset=1048580 (local.get 2) (i32.const 65536))
        (i32.store offset=1048584 (local.get 2) (i32.const 0))
        (i32.store offset=1048588 (local.get 2) (i32.const 0))
        (i32.store offset=1048592 (local.get 2) (i32.const 0))
        (i32.store offset=1048596 (local.get 2) (i32.const 0))
        (i32.store offset=1048600 (local.get 2) (i32.const 0))
        (i32.store offset=1048604 (local.get 2) (i32.const 0))
        (local.tee 2 (i32.add (local.get 2) (i32.const 32)))
        (br_if $next (i32.lt_u (i32.const 524288))))
    (i32.store (i32.const 8) (i32.const 1048576))
    (i32.store (i32.const 12) (i32.const 16384))
    (i32.const 8)";

#[tokio::test]
async fn a_list_of_one_string_over_and_over_is_not_copied() {
    let world = World::start(tight()).await;
    let component = Parts {
        actions: ACTIONS_OF_ONE_GIGABYTE,
        ..Parts::default()
    };
    let action = load(&world.runtime, &world.client, &component.component()).unwrap();
    let begun = Instant::now();
    let error = action.actions("en").await.unwrap_err();
    assert!(
        matches!(error, CallError::ResultTooLarge(1_048_576)),
        "{error}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    world.the_next_call_runs().await;
}

#[tokio::test]
async fn a_text_of_100_mib_that_is_not_there_is_not_read() {
    let world = World::start(tight()).await;
    let component = Parts {
        explain: "
            (i32.store (i32.const 8) (i32.const 131072))
            (i32.store (i32.const 12) (i32.const 104857600))
            (i32.const 8)",
        ..Parts::default()
    };
    let action = load(&world.runtime, &world.client, &component.component()).unwrap();
    let error = explain(&action).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the action broke down: string pointer/length out of bounds of memory"
    );
    world.the_next_call_runs().await;
}

#[tokio::test]
async fn a_text_that_is_no_utf_8_is_refused() {
    let world = World::start(tight()).await;
    let component = Parts {
        fields: r#"(data (i32.const 131072) "\ff\ff")"#,
        explain: "
            (i32.store (i32.const 8) (i32.const 131072))
            (i32.store (i32.const 12) (i32.const 2))
            (i32.const 8)",
        ..Parts::default()
    };
    let action = load(&world.runtime, &world.client, &component.component()).unwrap();
    let error = explain(&action).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the action broke down: invalid utf-8 sequence of 1 bytes from index 0"
    );
    world.the_next_call_runs().await;
}

pub(crate) async fn explain(action: &action_host::Action) -> Result<String, CallError> {
    let error = ActionError::Unavailable(Failure {
        host: "login.mypurecloud.de".into(),
        reason: "closed".into(),
        status: None,
        correlation_id: None,
    });
    action.explain(&error, "en").await
}
