//! A connection has one refresh at a time, among tasks and processes, and also after one of them is killed.

use std::time::{Duration, Instant};

use control_room::connections::{Connections, SignInOwner};
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use control_room::{KeySource, Place, Store, TokenOwner};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::fixture::{
    Fixture, ada, connection, create, create_user, expire_leases, open, options, set_remaining,
};
use crate::processes::{Process, from_parent, wait_for_go};
use crate::scripted::{Scripted, tokens};

const TASKS: usize = 50;

/// Requests the token in many tasks at once. Asserts that all get the same one, and returns it.
async fn request_concurrently(connections: &Connections) -> String {
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let connections = connections.clone();
        tasks.spawn(async move {
            let shared = TokenOwner::Shared;
            connections.token(&connection(), &ada(), shared).await
        });
    }
    let mut tokens: Vec<_> = tasks
        .join_all()
        .await
        .into_iter()
        .map(|token| token.unwrap().access_token.expose_secret().to_owned())
        .collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    tokens.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_tasks_share_one_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(0).await;
    let start = Instant::now();
    let refreshed = request_concurrently(&fixture.connections).await;
    println!("{TASKS} tasks, one refresh: {:?}", start.elapsed());
    assert_eq!(fixture.requests(), (1, 1, 0));
    let start = Instant::now();
    assert_eq!(request_concurrently(&fixture.connections).await, refreshed);
    println!("{TASKS} tasks, no refresh: {:?}", start.elapsed());
    assert_eq!(fixture.requests(), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_tasks_share_one_client_credentials_request() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    request_concurrently(&fixture.connections).await;
    assert_eq!(fixture.requests(), (0, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_in_memory_store_also_shares_one_request() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    let store = Store::open(Place::Memory, KeySource::InFolder).await;
    let store = store.unwrap();
    create_user(&store).await;
    let options = options(&fixture.cloud);
    let connections = store.connections(options.clone());
    let registration = Registration::new(
        Provider::genesys("eu-central-1").unwrap(),
        Grant::ClientCredentials,
        &fixture.client.id,
        Some(&fixture.client.secret),
        Scopes::default(),
    );
    create(&connections, registration.unwrap()).await;
    // The two share nothing but the store.
    let other = store.connections(options);
    let (one, two) = tokio::join!(
        request_concurrently(&connections),
        request_concurrently(&other)
    );
    assert_eq!(one, two);
    assert_eq!(fixture.requests(), (0, 0, 1));
}

/// Two stores of one process are like two processes, but for the locks within it.
#[tokio::test(flavor = "multi_thread")]
async fn two_stores_share_one_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let other = open(fixture.folder.path()).await;
    let other = other.connections(options(&fixture.cloud));
    for round in 1..=5 {
        fixture.set_remaining(0).await;
        let (one, two) = tokio::join!(
            request_concurrently(&fixture.connections),
            request_concurrently(&other)
        );
        assert_eq!(one, two);
        assert_eq!(fixture.requests(), (1, round, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run as a child process by other tests"]
async fn requester() {
    let (folder, options) = from_parent();
    let connections = open(&folder).await.connections(options);
    wait_for_go();
    let start = Instant::now();
    let token = request_concurrently(&connections).await;
    println!("token {token}");
    println!("millis {}", start.elapsed().as_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_with_fifty_tasks_each_share_one_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let gateway = fixture.cloud.https_addr().unwrap().to_string();
    let ca = fixture.cloud.ca_certificate().der();
    for round in 1..=3 {
        fixture.set_remaining(0).await;
        let start = || {
            Process::start(
                "contention::requester",
                &fixture.folder,
                &gateway,
                ca,
                &scratch,
            )
        };
        let mut processes = [start(), start()];
        // Pipes are read and written blockingly, while the embedded cloud in this process has to respond.
        tokio::task::block_in_place(|| {
            for process in &mut processes {
                process.line("ready");
            }
            processes.iter_mut().for_each(Process::go);
            let tokens = processes.each_mut().map(|process| process.line("token "));
            let times = processes.each_mut().map(|process| process.line("millis "));
            println!("two processes, {TASKS} tasks each, one refresh: {times:?} ms");
            assert_eq!(tokens[0], tokens[1]);
        });
        assert_eq!(fixture.requests(), (1, round, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run as a child process by other tests"]
async fn refresher() {
    let (folder, options) = from_parent();
    let connections = open(&folder).await.connections(options);
    let shared = TokenOwner::Shared;
    let _ = connections.token(&connection(), &ada(), shared).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_during_a_refresh_blocks_no_other() {
    // The second request is never answered.
    let mut provider = Scripted::new(vec![tokens("first")]).await;
    set_remaining(provider.folder.path(), 0).await;
    let scratch = tempfile::tempdir().unwrap();
    let gateway = provider.server.address().to_string();
    let ca = provider.server.ca().certificate();
    let test = "contention::refresher";
    let mut process = Process::start(test, &provider.folder, &gateway, &ca, &scratch);
    provider.arrival().await;

    let connections = provider.connections.clone();
    let mut waiting = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        connections.token(&connection(), &ada(), shared).await
    });
    let early = tokio::time::timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(early.is_err(), "two refreshes ran concurrently");
    assert_eq!(provider.sent(), ["first"]);
    process.kill();
    expire_leases(provider.folder.path()).await;
    let start = Instant::now();
    provider.arrival().await;
    println!(
        "after a kill, the next one refreshes: {:?}",
        start.elapsed()
    );
    assert!(start.elapsed() < Duration::from_mins(1));
    assert_eq!(provider.sent(), ["first", "first"]);
    waiting.abort();
}

#[tokio::test]
async fn cancelling_a_caller_does_not_cancel_the_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(0).await;
    let connections = fixture.connections.clone();
    let pending = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        connections.token(&connection(), &ada(), shared).await
    });
    while fixture.requests().1 == 0 {
        tokio::task::yield_now().await;
    }
    pending.abort();
    let token = fixture.token().await.unwrap();
    assert!(fixture.works(&token).await);
    assert_eq!(fixture.requests(), (1, 1, 0));
}
