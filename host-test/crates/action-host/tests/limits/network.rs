//! HTTP requests of a component: hosts, number, size of responses, and waiting, which is not CPU time.

use std::time::{Duration, Instant};

use action_host::{Action, ActionError, CallError, Limits, Runtime};
use secrecy::ExposeSecret;

use crate::fixture::{Fixture, misbehave, tight};
use crate::hostile::hostile;
use crate::server::{Answer, Server};

async fn action_for(answer: Answer, limits: Limits) -> (Server, Action) {
    let server = Server::start(answer).await;
    let runtime = Runtime::new(limits).unwrap();
    let action = Action::load(&runtime, &hostile(), server.client.clone()).unwrap();
    (server, action)
}

fn brief() -> Limits {
    Limits {
        cpu: Duration::from_millis(50),
        ..tight()
    }
}

#[tokio::test]
async fn waiting_for_a_response_is_not_cpu_time() {
    let (_server, action) = action_for(Answer::After(Duration::from_millis(300)), brief()).await;
    let session = misbehave(&action, "asks").await.unwrap();
    assert_eq!(session.token.expose_secret(), "2 bytes");
}

#[tokio::test]
async fn a_response_in_many_pieces_is_not_cpu_time() {
    let answer = Answer::Pieces(40, Duration::from_millis(11));
    let (_server, action) = action_for(answer, brief()).await;
    let session = misbehave(&action, "asks").await.unwrap();
    assert_eq!(session.token.expose_secret(), "40 bytes");
}

#[tokio::test]
async fn a_call_without_a_response_ends_at_the_deadline() {
    let limits = Limits {
        deadline: Duration::from_millis(300),
        ..tight()
    };
    let (_server, action) = action_for(Answer::Never, limits).await;
    let begun = Instant::now();
    let error = misbehave(&action, "asks").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the action did not finish within 0.3 s and was stopped; try again, or allow it more time"
    );
    // Long before any other time-out.
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_response_has_at_most_one_mib() {
    const MIB: usize = 1 << 20;
    let (_server, action) = action_for(Answer::OfSize(MIB), tight()).await;
    let session = misbehave(&action, "asks").await.unwrap();
    assert_eq!(session.token.expose_secret(), "1048576 bytes");

    let (_server, action) = action_for(Answer::OfSize(MIB + 1), tight()).await;
    let error = misbehave(&action, "asks").await.unwrap_err();
    assert!(
        matches!(error, CallError::Failed(ActionError::Unavailable(_))),
        "{error}"
    );
}

#[tokio::test]
async fn another_host_is_not_connected_to() {
    let fixture = Fixture::start(tight()).await;
    let error = misbehave(&fixture.hostile(), "connects elsewhere")
        .await
        .unwrap_err();
    let CallError::Failed(ActionError::NotPermitted(failure)) = error else {
        panic!("{error}")
    };
    assert_eq!(failure.host, "evil.example");
    assert_eq!(fixture.client.statistics().connections_opened, 0);
    fixture.the_next_call_runs().await;
}

#[tokio::test]
async fn a_call_makes_at_most_16_requests() {
    // Without optimizations, a thousand requests take more CPU time than the low limits allow.
    let (server, action) = action_for(Answer::OfSize(2), Limits::default()).await;
    let error = misbehave(&action, "makes a thousand requests")
        .await
        .unwrap_err();
    let CallError::Failed(ActionError::Other(said)) = error else {
        panic!("{error}")
    };
    assert!(
        said.starts_with("16 answers, then ErrorCode::ConnectionLimitReached"),
        "{said}"
    );
    assert_eq!(server.requests(), 16);
}

#[tokio::test]
async fn requests_of_a_stopped_call_are_cancelled() {
    let (server, action) = action_for(Answer::Never, Limits::default()).await;
    let error = misbehave(&action, "keeps a thousand requests")
        .await
        .unwrap_err();
    assert!(
        matches!(error, CallError::ResourcesExceeded(128)),
        "{error}"
    );
    assert!(server.requests() <= 16);
}
