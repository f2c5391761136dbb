//! The host calls of an exchange, and the fuel that a call needs, as the guide for hosts says. The tests of the example
//! hosts check what it says about memory.

use action_host::oauth::Session;
use action_host::{CallError, Host, Limits};
use test_support::Log;
use test_support::scripted::{Server, answers};

use crate::component::{Build, test_both_builds};
use crate::scripted::{API, Scripted};

test_both_builds![an_exchange_makes_exactly_these_host_calls];

/// An answer that opens a session.
const TOKEN: &str = r#"{"access_token": "a", "token_type": "bearer", "expires_in": 60}"#;

/// The number before these words of the guide.
fn documented(words: &str) -> u64 {
    let guide = include_str!("../../../../docs/hosts.md").replace('\n', " ");
    let (_, measured) = guide.split_once("measured with wasmtime: ").unwrap();
    let (before, _) = measured.split_once(words).unwrap();
    let number = before.trim_end().rsplit([' ', '(']).next().unwrap();
    number.replace(',', "").parse().unwrap()
}

/// Opens a session with the built-in component within these limits, with an answer of so many bytes. The error is its name.
async fn authenticate(limits: Limits, typed: bool, size: usize) -> Result<(), String> {
    let host = Host::builder().limits(limits).build().unwrap();
    let padding = " ".repeat(size.saturating_sub(TOKEN.len()));
    let server = Server::start(answers("200 OK", "", TOKEN.to_owned() + &padding)).await;
    let scripted = Scripted::with(Build::BuiltIn, &host, server);
    if typed {
        let opened = scripted.authenticate().await.map(drop);
        opened.map_err(|error| error.kind().to_owned())
    } else {
        let opened = scripted.run().await.map(drop);
        opened.map_err(|error| error.kind().to_owned())
    }
}

fn session() -> Session {
    Session {
        name: "Default".into(),
        token: "a".into(),
        token_type: "Bearer".into(),
        expires_in: None,
        api_url: format!("https://{API}"),
    }
}

/// The functions of the host that a component calls, in their order. wasmtime reports them, but not the drops of resources.
async fn host_calls(build: Build, call: &str) -> Vec<String> {
    let answer = match call {
        "disconnect" => answers("204 No Content", "", ""),
        _ => answers("200 OK", "", TOKEN),
    };
    let scripted = Scripted::start(build, answer).await;
    let log = Log::default();
    let recording = tracing::subscriber::set_default(log.clone());
    match call {
        "authenticate" => drop(scripted.authenticate().await.unwrap()),
        "disconnect" => scripted.action.disconnect(&session()).await.unwrap(),
        _ => drop(scripted.run().await.unwrap()),
    }
    drop(recording);
    let text = log.text();
    let calls = text.split("function=\"").skip(1);
    let calls = calls.filter_map(|rest| Some(rest.split_once('"')?.0.into()));
    calls.collect()
}

async fn an_exchange_makes_exactly_these_host_calls(build: Build) {
    let token_request = [
        "[static]fields.from-list",
        "[constructor]outgoing-request",
        "[method]outgoing-request.set-method",
        "[method]outgoing-request.set-scheme",
        "[method]outgoing-request.set-authority",
        "[method]outgoing-request.set-path-with-query",
        "[constructor]request-options",
        "[method]request-options.set-connect-timeout",
        "[method]request-options.set-first-byte-timeout",
        "[method]request-options.set-between-bytes-timeout",
        "[method]outgoing-request.body",
        "handle",
        "[method]outgoing-body.write",
        "[method]output-stream.blocking-write-and-flush",
        "[static]outgoing-body.finish",
        "[method]future-incoming-response.subscribe",
        "[method]pollable.block",
        "[method]future-incoming-response.get",
        "[method]incoming-response.status",
        "[method]incoming-response.headers",
        "[method]fields.entries",
        "[method]incoming-response.consume",
        "[method]incoming-body.stream",
        "[method]input-stream.blocking-read",
    ];
    for call in ["authenticate", "run"] {
        assert_eq!(host_calls(build, call).await, token_request, "{call}");
    }
    // A revocation has no body, and neither has the answer.
    let is_of_body = |call: &&str| {
        ["body", "stream", "consume"]
            .iter()
            .any(|it| call.contains(it))
    };
    let mut revocation = token_request.to_vec();
    revocation.retain(|call| !is_of_body(call));
    assert_eq!(host_calls(build, "disconnect").await, revocation);
}

#[tokio::test]
async fn a_disconnect_needs_a_third_of_the_fuel() {
    let session = session();
    let third = documented("through the typed interface") / 3;
    for (fuel, expected) in [(third, Ok(())), (third / 2, Err("cpu-exceeded"))] {
        let limits = Limits {
            fuel,
            ..Limits::default()
        };
        let host = Host::builder().limits(limits).build().unwrap();
        let server = Server::start(answers("204 No Content", "", String::new())).await;
        let scripted = Scripted::with(Build::BuiltIn, &host, server);
        let closed = scripted.action.disconnect(&session).await;
        let closed = closed.as_ref().copied().map_err(CallError::kind);
        assert_eq!(closed, expected, "{fuel}");
    }
}

#[tokio::test]
async fn a_call_needs_the_documented_fuel_and_not_half_of_it() {
    for (words, unit, typed, size) in [
        ("units of fuel", 1, false, 0),
        ("through the typed interface", 1, true, 0),
        (
            "million for an answer of 64 KiB",
            1_000_000,
            false,
            64 << 10,
        ),
    ] {
        let with = |fuel| Limits {
            fuel,
            ..Limits::default()
        };
        let fuel = documented(words) * unit;
        let opened = authenticate(with(fuel), typed, size).await;
        assert_eq!(opened, Ok(()), "{fuel} {words}");
        let stopped = authenticate(with(fuel / 2), typed, size).await;
        assert_eq!(stopped, Err("cpu-exceeded".into()), "{fuel} {words}");
    }
}
