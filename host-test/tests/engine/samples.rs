//! The sample bots against a Genesys Cloud that is stopped, throttles, or sends malformed responses.

use std::net::TcpListener;
use std::sync::Arc;

use bot_engine::{Bot, RunError, SecretProvider, interruption};
use test_support::https::{Reply, Server};

use super::{TOKEN, Watched, answer, connected, lockers, ok, parse, run_against, run_with, serve};

/// Both samples, with the names of the embedded Genesys Cloud's region.
fn samples() -> [Bot; 2] {
    [
        &include_bytes!("../../bots/hello-client.json")[..],
        include_bytes!("../../bots/hello-connection.json"),
    ]
    .map(parse)
}

async fn secrets() -> Arc<dyn SecretProvider> {
    let store = lockers::store().await;
    connected::with_a_token(&store).await;
    lockers::on_behalf_of(&store, "ada")
}

/// Runs both samples; each must fail at its first step, of this kind and with this in its message.
async fn each_fails(server: &Server, kind: &str, message: &str) {
    let (_interrupter, interrupt) = interruption();
    for bot in samples() {
        let (result, _) = run_with(server, &bot, secrets().await, &interrupt).await;
        assert_failed(&bot, &result, kind, message);
    }
}

fn assert_failed(bot: &Bot, result: &Result<(), RunError>, kind: &str, message: &str) {
    match result {
        Err(RunError::Step { step: 1, error, .. }) => {
            assert_eq!(error.kind(), kind, "{}: {error}", bot.name);
            assert!(error.to_string().contains(message), "{}: {error}", bot.name);
        }
        other => panic!("{}: {other:?}", bot.name),
    }
}

#[tokio::test]
async fn a_stopped_server_is_unavailable() {
    let (_interrupter, interrupt) = interruption();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let server = serve(|_| ok("{}")).await;
    for bot in samples() {
        let (result, watched): (_, Watched) =
            run_against(free, &server, &bot, secrets().await, &interrupt).await;
        assert_failed(&bot, &result, "unavailable", "the connection was refused");
        assert!(!watched.waits.is_empty());
    }
}

#[tokio::test]
async fn throttling_is_retried_until_the_attempts_are_exhausted() {
    let server = serve(|_| answer("429 Too Many Requests", "Retry-After: 0\r\n", "{}")).await;
    each_fails(&server, "throttled", "limits the number of requests").await;
}

#[tokio::test]
async fn redirects_are_refused_and_malformed_responses_may_pass() {
    let redirect = "Location: https://evil.example/\r\n";
    let server = serve(move |_| answer("302 Found", redirect, TOKEN)).await;
    each_fails(
        &server,
        "unexpected-response",
        "it redirects elsewhere, which is never followed",
    )
    .await;

    let server = serve(|_| Reply::close("SSH-2.0-OpenSSH_9.2\r\n")).await;
    each_fails(
        &server,
        "unavailable",
        "no complete and valid HTTP answer arrived",
    )
    .await;
}
