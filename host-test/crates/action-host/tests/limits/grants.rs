//! A component that asks for more than it was granted: it sees an error of `wasi:http`, and no server sees anything.

use action_host::{Argument, CallError, Component, Grant, Host, RequestRule};
use egress::AllowList;
use secrecy::ExposeSecret;

use crate::fixture::{load_hostile, tight};
use crate::server::{Answer, Server};

const LOGIN: &str = "login.mypurecloud.de";

/// The error of `wasi:http` for a request that the host does not send.
const DENIED: &str = "ErrorCode::HttpRequestDenied";

/// A hostile component with this grant, and its server.
async fn hostile_with(grant: Grant) -> (Server, Host, Component) {
    let server = Server::start(Answer::OfSize(2)).await;
    let host = Host::builder()
        .limits(tight())
        .client(server.client.clone());
    let host = host.build().unwrap();
    let hostile = load_hostile(&host).with_grant(grant);
    (server, host, hostile)
}

fn arguments([method, host, path, header]: [&str; 4]) -> [Argument; 4] {
    [
        Argument::text("method", method),
        Argument::text("host", host),
        Argument::text("path", path),
        Argument::text("header", header),
    ]
}

/// Lets the component send this request: what it got, or the error that it saw.
async fn send(hostile: &Component, request: [&str; 4]) -> Result<String, String> {
    match hostile.run("requests", &arguments(request)).await {
        Ok(success) => Ok(success.outputs[0].1.expose_secret().into()),
        Err(CallError::Failed(failure)) => Err(failure.message),
        Err(stopped) => panic!("{request:?}: {stopped}"),
    }
}

fn users() -> Grant {
    Grant::new([RequestRule {
        hosts: vec![LOGIN.into()],
        methods: vec!["GET".into(), "DELETE".into()],
        paths: vec!["/users".into(), "/users/*".into()],
        headers: vec!["authorization".into()],
    }])
    .unwrap()
}

#[tokio::test]
async fn a_request_that_is_granted_is_sent() {
    let (server, _, hostile) = hostile_with(users()).await;
    for request in [
        ["GET", LOGIN, "/users", ""],
        ["DELETE", LOGIN, "/users/ada", "authorization"],
        ["GET", LOGIN, "/users?pageSize=100&q=../x", "accept"],
    ] {
        let sent = send(&hostile, request).await;
        assert_eq!(sent.as_deref(), Ok("2 bytes"), "{request:?}");
    }
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_request_that_differs_from_the_grant_reaches_no_server() {
    let (server, host, hostile) = hostile_with(users()).await;
    for request in [
        ["GET", "evil.example", "/users", ""],
        ["GET", "api.mypurecloud.de", "/users", ""],
        ["GET", "login.mypurecloud.de.evil.example", "/users", ""],
        ["GET", "login.mypurecloud.de:8443", "/users", ""],
        ["GET", "127.0.0.1", "/users", ""],
        ["POST", LOGIN, "/users", ""],
        ["HEAD", LOGIN, "/users", ""],
        ["get", LOGIN, "/users", ""],
        ["GET", LOGIN, "/", ""],
        ["GET", LOGIN, "/users/", ""],
        ["GET", LOGIN, "/users/ada/roles", ""],
        ["GET", LOGIN, "/users/../admin", ""],
        ["GET", LOGIN, "/users/..", ""],
        ["GET", LOGIN, "/users/%2e%2e", ""],
        ["GET", LOGIN, "/users/a%2fb", ""],
        ["GET", LOGIN, "/users", "cookie"],
        ["GET", LOGIN, "/users", "x-secret"],
    ] {
        let sent = send(&hostile, request).await;
        assert_eq!(sent, Err(DENIED.into()), "{request:?}");
    }
    assert_eq!(host.client().statistics().connections_opened, 0);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn without_a_grant_nothing_is_sent() {
    let (server, host, hostile) = hostile_with(Grant::default()).await;
    let sent = send(&hostile, ["GET", LOGIN, "/users", ""]).await;
    assert_eq!(sent, Err(DENIED.into()));
    assert_eq!(host.client().statistics().connections_opened, 0);
    assert_eq!(server.requests(), 0);
}

/// It may send anything when it runs, and still nothing when it checks fields.
#[tokio::test]
async fn a_check_can_send_nothing() {
    let anything = Grant::any_request_to(AllowList::genesys());
    let (server, host, hostile) = hostile_with(anything).await;
    let request = ["GET", LOGIN, "/users", ""];
    let found = hostile.check("any", &arguments(request)).await.unwrap();
    let messages: Vec<_> = found.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages, ["ErrorCode::ConnectionLimitReached"]);
    assert_eq!(host.client().statistics().connections_opened, 0);
    assert_eq!(server.requests(), 0);

    assert_eq!(send(&hostile, request).await.as_deref(), Ok("2 bytes"));
}

/// The same connections serve components with different grants.
#[tokio::test]
async fn a_grant_is_of_one_component_only() {
    let (server, _, granted) = hostile_with(users()).await;
    let other = granted.clone().with_grant(Grant::default());
    let request = ["GET", LOGIN, "/users", ""];
    assert_eq!(send(&granted, request).await.as_deref(), Ok("2 bytes"));
    assert_eq!(send(&other, request).await, Err(DENIED.into()));
    assert_eq!(send(&granted, request).await.as_deref(), Ok("2 bytes"));
    let elsewhere = granted.through(&server.client.for_another_runtime());
    let refused = ["POST", LOGIN, "/users", ""];
    assert_eq!(send(&elsewhere, refused).await, Err(DENIED.into()));
    assert_eq!(server.requests(), 2);
}
