//! The size of a result is checked before it is copied.

use action_host::form::OutputKind;
use action_host::{CallError, Component, Failure, Retry};

use crate::components::Parts;
use crate::fixture::{Fixture, tight};

/// 16,384 actions of 56 bytes, whose names are all the same 64 KiB: less than a megabyte in the component, one gigabyte when
/// it is copied. The memory is zero, so that all other fields are empty.
const ACTIONS_OF_ONE_GIGABYTE: &str = "
    (loop $next
        (i32.store offset=1048576 (local.get 2) (i32.const 131072))
        (i32.store offset=1048580 (local.get 2) (i32.const 65536))
        (local.tee 2 (i32.add (local.get 2) (i32.const 56)))
        (br_if $next (i32.lt_u (i32.const 917504))))
    (i32.store (i32.const 8) (i32.const 1048576))
    (i32.store (i32.const 12) (i32.const 16384))
    (i32.const 8)";

/// The same as a list of two, which is small enough.
const TWO_ACTIONS: &str = "
    (i32.store (i32.const 1048576) (i32.const 131072))
    (i32.store (i32.const 1048580) (i32.const 4))
    (i32.store (i32.const 1048632) (i32.const 131072))
    (i32.store (i32.const 1048636) (i32.const 4))
    (i32.store (i32.const 8) (i32.const 1048576))
    (i32.store (i32.const 12) (i32.const 2))
    (i32.const 8)";

#[tokio::test]
async fn a_list_that_repeats_one_string_is_not_copied_beyond_the_limit() {
    let fixture = Fixture::start(tight()).await;
    let component = Parts {
        actions: ACTIONS_OF_ONE_GIGABYTE,
        ..Parts::default()
    };
    let component = fixture.host.load(&component.component()).unwrap();
    let error = component.actions("en").await.unwrap_err();
    assert!(
        matches!(error, CallError::ResultTooLarge(1_048_576)),
        "{error}"
    );
    fixture.the_next_call_runs().await;
}

#[tokio::test]
async fn a_list_within_the_limit_is_copied() {
    let fixture = Fixture::start(tight()).await;
    let component = Parts {
        fields: r#"(data (i32.const 131072) "name")"#,
        actions: TWO_ACTIONS,
        ..Parts::default()
    };
    let component = fixture.host.load(&component.component()).unwrap();
    let actions = component.actions("en").await.unwrap();
    let names: Vec<_> = actions.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["name", "name"]);
}

#[tokio::test]
async fn what_a_component_says_of_its_actions_reaches_the_engine() {
    let fixture = Fixture::start(tight()).await;
    let actions = fixture.hostile().actions("en").await.unwrap();
    let [action] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert!(!action.repeatable);
    let outputs = action.outputs.iter().map(|it| (it.name.as_str(), it.kind));
    let kinds = [
        ("text", OutputKind::Text),
        ("json", OutputKind::Json),
        ("secret", OutputKind::Secret),
    ];
    assert!(outputs.eq(kinds), "{:?}", action.outputs);
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
    let component = fixture.host.load(&component.component()).unwrap();
    let error = explain(&component).await.unwrap_err();
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
    let component = fixture.host.load(&component.component()).unwrap();
    let error = explain(&component).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the action crashed: invalid utf-8 sequence of 1 bytes from index 0"
    );
    fixture.the_next_call_runs().await;
}

pub(crate) async fn explain(component: &Component) -> Result<String, CallError> {
    let failure = Failure {
        code: "unavailable".into(),
        field: None,
        retry: Retry::Backoff,
        message: "closed".into(),
        details: Vec::new(),
    };
    component.explain("any", &failure, "en").await
}
