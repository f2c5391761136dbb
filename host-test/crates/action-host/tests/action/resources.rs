//! The fuel that a call needs, as the guide for hosts says. The tests of the example hosts hold what it says of memory.

use action_host::oauth::Session;
use action_host::{CallError, Host, Limits};
use test_support::scripted::{Server, answers};

use crate::component::Build;
use crate::scripted::{API, Scripted};

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

#[tokio::test]
async fn a_disconnect_needs_a_third_of_the_fuel() {
    let session = Session {
        name: "Default".into(),
        token: "a".into(),
        token_type: "Bearer".into(),
        expires_in: None,
        api_url: format!("https://{API}"),
    };
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
