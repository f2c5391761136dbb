//! One refresh at a time for a connection: among tasks, among processes, and where one of them is killed.

use std::time::{Duration, Instant};

use control_room::connections::{Connections, SignInOwner};
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use control_room::{KeySource, Place, Store, TokenOwner};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::fixture::{Fixture, ada, connection, create, create_user, open, options, set_remaining};
use crate::processes::{Process, of_parent, wait_to_go};
use crate::scripted::{Scripted, tokens};

const TASKS: usize = 50;

/// Asks for the token in many tasks at once; the one that they all got.
async fn all_ask(connections: &Connections) -> String {
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
async fn fifty_tasks_make_one_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(0).await;
    let start = Instant::now();
    let refreshed = all_ask(&fixture.connections).await;
    println!("{TASKS} tasks, one refresh: {:?}", start.elapsed());
    assert_eq!(fixture.requests(), (1, 1, 0));
    let start = Instant::now();
    assert_eq!(all_ask(&fixture.connections).await, refreshed);
    println!("{TASKS} tasks, no refresh: {:?}", start.elapsed());
    assert_eq!(fixture.requests(), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tasks_make_one_request_of_client_credentials() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    all_ask(&fixture.connections).await;
    assert_eq!(fixture.requests(), (0, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_memory_makes_one_request_too() {
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
    // The two do not know of each other's requests, and share the store.
    let other = store.connections(options);
    let (one, two) = tokio::join!(all_ask(&connections), all_ask(&other));
    assert_eq!(one, two);
    assert_eq!(fixture.requests(), (0, 0, 1));
}

/// Two stores of one process are like two processes, but for the locks within it.
#[tokio::test(flavor = "multi_thread")]
async fn two_stores_make_one_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let other = open(fixture.folder.path()).await;
    let other = other.connections(options(&fixture.cloud));
    for round in 1..=5 {
        fixture.set_remaining(0).await;
        let (one, two) = tokio::join!(all_ask(&fixture.connections), all_ask(&other));
        assert_eq!(one, two);
        assert_eq!(fixture.requests(), (1, round, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a child of other tests"]
async fn asker() {
    let (folder, options) = of_parent();
    let connections = open(&folder).await.connections(options);
    wait_to_go();
    let start = Instant::now();
    let token = all_ask(&connections).await;
    println!("token {token}");
    println!("millis {}", start.elapsed().as_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_with_fifty_tasks_each_make_one_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let gateway = fixture.cloud.https_addr().unwrap().to_string();
    let ca = fixture.cloud.ca_certificate().der();
    for round in 1..=3 {
        fixture.set_remaining(0).await;
        let start = || Process::start("contention::asker", &fixture.folder, &gateway, ca, &scratch);
        let mut processes = [start(), start()];
        // They read and write on threads of their own, as the cloud of this process has to answer.
        tokio::task::block_in_place(|| {
            processes.iter_mut().for_each(|process| {
                process.line("ready");
            });
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
#[ignore = "a child of other tests"]
async fn refresher() {
    let (folder, options) = of_parent();
    let connections = open(&folder).await.connections(options);
    let shared = TokenOwner::Shared;
    let _ = connections.token(&connection(), &ada(), shared).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_while_it_refreshes_holds_nobody_up() {
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
    assert!(early.is_err(), "two refreshes side by side");
    assert_eq!(provider.sent(), ["first"]);
    process.kill();
    let start = Instant::now();
    provider.arrival().await;
    println!(
        "after a kill, the next one refreshes: {:?}",
        start.elapsed()
    );
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(provider.sent(), ["first", "first"]);
    waiting.abort();
}

#[tokio::test]
async fn who_stops_waiting_does_not_stop_the_refresh() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture.set_remaining(0).await;
    let connections = fixture.connections.clone();
    let asking = tokio::spawn(async move {
        let shared = TokenOwner::Shared;
        connections.token(&connection(), &ada(), shared).await
    });
    while fixture.requests().1 == 0 {
        tokio::task::yield_now().await;
    }
    asking.abort();
    let token = fixture.token().await.unwrap();
    assert!(fixture.works(&token).await);
    assert_eq!(fixture.requests(), (1, 1, 0));
}
