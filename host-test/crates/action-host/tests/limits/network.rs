//! HTTP requests of a component: hosts, number, size of responses, and waiting, which uses no fuel.

use std::time::Duration;

use action_host::{CallError, Component, Host, Limits};

use crate::fixture::{Fixture, load_hostile, misbehave, tight};
use crate::server::{Answer, Server};

async fn hostile_at(answer: Answer, limits: Limits) -> (Server, Component) {
    let server = Server::start(answer).await;
    let host = Host::builder().limits(limits).client(server.client.clone());
    let hostile = load_hostile(&host.build().unwrap());
    (server, hostile)
}

fn brief() -> Limits {
    Limits {
        fuel: 10_000_000,
        ..tight()
    }
}

#[tokio::test]
async fn waiting_for_a_response_uses_no_fuel() {
    let (_server, hostile) = hostile_at(Answer::After(Duration::from_millis(300)), brief()).await;
    let text = misbehave(&hostile, "asks").await.unwrap();
    assert_eq!(text, "2 bytes");
}

#[tokio::test]
async fn a_response_in_many_pieces_uses_little_fuel() {
    let answer = Answer::Pieces(40, Duration::from_millis(11));
    let (_server, hostile) = hostile_at(answer, brief()).await;
    let text = misbehave(&hostile, "asks").await.unwrap();
    assert_eq!(text, "40 bytes");
}

#[tokio::test]
async fn a_call_without_a_response_ends_at_the_deadline() {
    let limits = Limits {
        deadline: Duration::from_millis(300),
        ..tight()
    };
    let (_server, hostile) = hostile_at(Answer::Never, limits).await;
    let error = misbehave(&hostile, "asks").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the action did not finish within 0.3 s and was stopped; try again, or allow it more time"
    );
}

#[tokio::test]
async fn a_response_has_at_most_one_mib() {
    const MIB: usize = 1 << 20;
    let (_server, hostile) = hostile_at(Answer::OfSize(MIB), tight()).await;
    let text = misbehave(&hostile, "asks").await.unwrap();
    assert_eq!(text, "1048576 bytes");

    let (_server, hostile) = hostile_at(Answer::OfSize(MIB + 1), tight()).await;
    let error = misbehave(&hostile, "asks").await.unwrap_err();
    assert!(
        matches!(&error, CallError::Failed(failure) if failure.code == "unavailable"
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn another_host_is_not_connected_to() {
    let fixture = Fixture::start(tight()).await;
    let hostile = fixture.hostile();
    let error = misbehave(&hostile, "connects elsewhere").await.unwrap_err();
    let CallError::Failed(failure) = error else {
        panic!("{error}")
    };
    assert_eq!(failure.code, "not-permitted");
    assert_eq!(failure.message, "ErrorCode::HttpRequestDenied");
    assert_eq!(fixture.host.client().statistics().connections_opened, 0);
    fixture.the_next_call_runs().await;
}

#[tokio::test]
async fn a_call_makes_at_most_16_requests() {
    // Without optimizations, a thousand requests take more fuel than the low limits allow.
    let (server, hostile) = hostile_at(Answer::OfSize(2), Limits::default()).await;
    let error = misbehave(&hostile, "makes a thousand requests")
        .await
        .unwrap_err();
    let CallError::Failed(failure) = error else {
        panic!("{error}")
    };
    assert!(
        failure
            .message
            .starts_with("16 answers, then ErrorCode::ConnectionLimitReached"),
        "{failure:?}"
    );
    assert_eq!(server.requests(), 16);
}

#[tokio::test]
async fn requests_of_a_stopped_call_are_cancelled() {
    let (server, hostile) = hostile_at(Answer::Never, Limits::default()).await;
    let error = misbehave(&hostile, "keeps a thousand requests")
        .await
        .unwrap_err();
    assert!(
        matches!(error, CallError::ResourcesExceeded(128)),
        "{error}"
    );
    assert!(server.requests() <= 16);
}
