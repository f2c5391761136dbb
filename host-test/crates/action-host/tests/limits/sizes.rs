//! Memories, tables and instances: what a component declares is checked when it is loaded, growth when it happens.

use action_host::{CallError, Host, LoadError};

use crate::components::Parts;
use crate::fixture::{Fixture, tight};
use crate::results::explain;

#[test]
fn a_component_that_declares_more_than_it_may_have_is_refused() {
    let host = Host::builder().build().unwrap();
    let instances = "(core instance (instantiate $m))".repeat(9);
    let thrice = "(core instance (instantiate $m))".repeat(3);
    let five_times = "(core instance (instantiate $m))".repeat(5);
    let globals = "(global (mut i64) (i64.const 0))".repeat(200_000);
    for (what, text, said) in [
        (
            "nine instances",
            format!("(component (core module $m) {instances})"),
            "9 core module instances",
        ),
        (
            "three memories",
            format!("(component (core module $m (memory 1)) {thrice})"),
            "3 Wasm linear memories",
        ),
        (
            "a memory of 17 MiB",
            "(component (core module (memory 272)))".into(),
            "17825792",
        ),
        (
            "five tables",
            format!("(component (core module $m (table 1 funcref)) {five_times})"),
            "5 tables",
        ),
        (
            "a table of 10,001 elements",
            "(component (core module (table 10001 funcref)))".into(),
            "10001",
        ),
        (
            "an instance of 1.6 MB",
            format!("(component (core module {globals}))"),
            "bytes",
        ),
    ] {
        let Err(refusal) = host.load(&wat::parse_str(&text).unwrap()) else {
            panic!("{what} is too little")
        };
        println!("{what}: {refusal}");
        assert!(
            matches!(refusal, LoadError::TooLarge(_)),
            "{what}: {refusal:?}"
        );
        let words = refusal.to_string();
        assert!(
            words.starts_with("the component needs more than an action may have: ")
                && words.contains(said),
            "{what}: {words}"
        );
    }
}

#[tokio::test]
async fn a_table_that_grows_too_large_stops_the_component() {
    let fixture = Fixture::start(tight()).await;
    let component = Parts {
        fields: "(table $t 1 funcref)",
        explain: "(table.grow $t (ref.null func) (i32.const 10000))",
        ..Parts::default()
    };
    let component = fixture.host.load(&component.component()).unwrap();
    let error = explain(&component).await.unwrap_err();
    assert!(matches!(error, CallError::TableExceeded(10_000)), "{error}");
    assert_eq!(
        error.to_string(),
        "the action needed a table of more than 10000 elements and was stopped"
    );
    fixture.the_next_call_runs().await;
}

#[tokio::test]
async fn a_memory_has_at_most_16_mib() {
    let fixture = Fixture::start(tight()).await;
    let growing = |pages| {
        let explain = format!("(memory.grow (i32.const {pages})) drop unreachable");
        let component = Parts {
            explain: &explain,
            ..Parts::default()
        };
        fixture.host.load(&component.component()).unwrap()
    };
    // 160 pages of 64 KiB it has.
    let error = explain(&growing(96)).await.unwrap_err();
    assert!(matches!(error, CallError::Trapped(_)), "{error}");
    let error = explain(&growing(97)).await.unwrap_err();
    assert!(matches!(error, CallError::MemoryExceeded(_)), "{error}");
    fixture.the_next_call_runs().await;
}
