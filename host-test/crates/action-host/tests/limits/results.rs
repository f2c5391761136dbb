//! The size of a result is checked before it is copied.

use std::time::{Duration, Instant};

use action_host::error::Failure;
use action_host::{ActionError, CallError};

use crate::components::{Parts, load};
use crate::fixture::{Fixture, tight};

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
async fn a_list_that_repeats_one_string_is_not_copied_beyond_the_limit() {
    let fixture = Fixture::start(tight()).await;
    let component = Parts {
        actions: ACTIONS_OF_ONE_GIGABYTE,
        ..Parts::default()
    };
    let action = load(&fixture.runtime, &fixture.client, &component.component()).unwrap();
    let begun = Instant::now();
    let error = action.actions("en").await.unwrap_err();
    assert!(
        matches!(error, CallError::ResultTooLarge(1_048_576)),
        "{error}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    fixture.the_next_call_runs().await;
}

#[tokio::test]
async fn a_string_beyond_the_end_of_memory_is_not_read() {
    let fixture = Fixture::start(tight()).await;
    let component = Parts {
        explain: "
            (i32.store (i32.const 8) (i32.const 131072))
            (i32.store (i32.const 12) (i32.const 104857600))
            (i32.const 8)",
        ..Parts::default()
    };
    let action = load(&fixture.runtime, &fixture.client, &component.component()).unwrap();
    let error = explain(&action).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the action crashed: string pointer/length out of bounds of memory"
    );
    fixture.the_next_call_runs().await;
}

#[tokio::test]
async fn a_string_that_is_not_utf_8_is_refused() {
    let fixture = Fixture::start(tight()).await;
    let component = Parts {
        fields: r#"(data (i32.const 131072) "\ff\ff")"#,
        explain: "
            (i32.store (i32.const 8) (i32.const 131072))
            (i32.store (i32.const 12) (i32.const 2))
            (i32.const 8)",
        ..Parts::default()
    };
    let action = load(&fixture.runtime, &fixture.client, &component.component()).unwrap();
    let error = explain(&action).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the action crashed: invalid utf-8 sequence of 1 bytes from index 0"
    );
    fixture.the_next_call_runs().await;
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
