//! `docs/hosts.md` has every name that a host can meet, and the time-outs that the action sets.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use action_host::{CallError, Failure};
use oauth_authentication::error::Reason;
use oauth_authentication::transport;

const USERS: &str = include_str!("../../components/users/locales/en.json");

fn guide() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hosts.md")).unwrap()
}

#[test]
fn the_guide_has_every_reason() {
    let users: BTreeMap<String, String> = serde_json::from_str(USERS).unwrap();
    let of_oauth = Reason::ALL.iter().map(|it| (it.code(), it.in_english()));
    let of_users = users.iter().filter_map(|(key, text)| {
        let code = key.strip_prefix("reason.")?;
        Some((code, text.as_str()))
    });
    // The message of *Users* has more than the meaning.
    let no_user = (
        "no-user",
        "the answer lacks the user data that the action needs",
    );
    assert!(users.contains_key("error.no-user"));
    let rows = of_oauth
        .chain(of_users)
        .chain([no_user])
        .map(|(code, text)| {
            // What follows is advice.
            let (meaning, _) = text.split_once(';').unwrap_or((text, ""));
            format!("| `{code}` | {meaning} |\n")
        });
    let table = rows.collect::<String>();
    assert!(
        guide().contains(&format!("| reason | meaning |\n|---|---|\n{table}\n")),
        "host-test/docs/hosts.md, Reasons: the rows must be\n{table}"
    );
}

#[test]
fn the_guide_has_every_name_of_a_call_without_a_result() {
    let guide = guide();
    for error in [
        CallError::<Failure>::DeadlineExceeded(Duration::ZERO),
        CallError::CpuExceeded(0),
        CallError::MemoryExceeded(0),
        CallError::TableExceeded(0),
        CallError::ResourcesExceeded(0),
        CallError::ResultTooLarge(0),
        CallError::StackExceeded,
        CallError::Trapped(String::new()),
        CallError::TooManyCalls(0),
        CallError::QueueTimeout(Duration::ZERO),
    ] {
        let row = format!("\n| `{}` | ", error.kind());
        assert!(guide.contains(&row), "{row}");
    }
}

#[test]
fn the_guide_has_the_time_outs_that_the_action_sets() {
    let [connect, first_byte, between_bytes] = [
        transport::CONNECT_TIMEOUT,
        transport::FIRST_BYTE_TIMEOUT,
        transport::BETWEEN_BYTES_TIMEOUT,
    ]
    .map(|it| it / 1_000_000_000);
    let time_outs = format!(
        "{connect} s to connect, {first_byte} s to the first byte, {between_bytes} s between bytes"
    );
    assert!(guide().contains(&time_outs), "{time_outs}");
}
