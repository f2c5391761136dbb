//! What a component reads from its clock is what the host says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use action_host::{CallError, Host, Limits};

use crate::fixture::{load_hostile, misbehave, tight};

const HOUR: u64 = 3600;

#[tokio::test]
async fn the_clock_of_a_component_is_that_of_the_host() {
    let hours = AtomicU64::new(0);
    let an_hour_for_each_look =
        move || Duration::from_secs(HOUR * hours.fetch_add(1, Ordering::Relaxed));
    let frozen = || Duration::ZERO;
    let host = Host::builder().clock(an_hour_for_each_look).build();
    let measured = misbehave(&load_hostile(&host.unwrap()), "measures time").await;
    assert_eq!(measured.unwrap(), "3600 s");
    let host = Host::builder().clock(frozen).build();
    let measured = misbehave(&load_hostile(&host.unwrap()), "measures time").await;
    assert_eq!(measured.unwrap(), "0 s");
}

#[tokio::test]
async fn limits_do_not_depend_on_the_clock_of_components() {
    let host = Host::builder().limits(tight()).clock(|| Duration::ZERO);
    let hostile = load_hostile(&host.build().unwrap());
    let computed = misbehave(&hostile, "never returns").await;
    assert!(
        matches!(computed, Err(CallError::CpuExceeded(_))),
        "{computed:?}"
    );
    let limits = Limits {
        deadline: Duration::from_millis(300),
        ..tight()
    };
    let host = Host::builder().limits(limits).clock(|| Duration::ZERO);
    let hostile = load_hostile(&host.build().unwrap());
    let waited = misbehave(&hostile, "waits").await;
    assert!(
        matches!(waited, Err(CallError::DeadlineExceeded(_))),
        "{waited:?}"
    );
}
