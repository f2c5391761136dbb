//! What a component may send is what the operator granted to its digest. Whatever is refused reaches no server.

use action_host::{Grant, Host, RequestRule, Retry, digest};
use egress::Client;
use test_support::scripted::{Server, answers};

use crate::component::{Build, host, test_both_builds};
use crate::generic::{
    AUTHENTICATE, DISCONNECT, failure_of, with_client_credentials, with_session, with_token,
};
use crate::scripted::{API, LOGIN, SECRET, URL, towards};

test_both_builds![
    without_a_grant_every_request_is_refused,
    a_grant_that_lacks_one_part_of_the_request_refuses_it,
    a_grant_is_that_of_the_digest,
];

const TOKEN: &str = r#"{"access_token":"t0ken","token_type":"bearer"}"#;

/// What the token request needs.
fn rule() -> RequestRule {
    RequestRule {
        hosts: vec![LOGIN.into()],
        methods: vec!["POST".into()],
        paths: vec!["/oauth/token".into()],
        headers: vec!["authorization".into()],
    }
}

async fn without_a_grant_every_request_is_refused(build: Build) {
    let server = Server::start(answers("200 OK", "", TOKEN)).await;
    let client = Client::new(towards(server.address())).unwrap();
    let component = host().load(&build.bytes()).unwrap().through(&client);
    assert!(component.grant().hosts().is_empty());
    for (action, arguments, asked) in [
        (
            AUTHENTICATE,
            with_client_credentials(URL, "id", SECRET),
            LOGIN,
        ),
        (AUTHENTICATE, with_token(URL, SECRET), API),
        (
            DISCONNECT,
            with_session(&format!("https://{API}"), SECRET),
            API,
        ),
    ] {
        let failure = failure_of(component.run(action, &arguments).await);
        assert_eq!(
            (&*failure.code, failure.retry),
            ("not-permitted", Retry::Never)
        );
        assert_eq!(failure.detail("host"), Some(asked));
        let explained = component.explain(action, &failure, "en").await.unwrap();
        assert!(explained.contains(asked), "{explained}");
    }
    assert_eq!(client.statistics().connections_opened, 0);
    drop((client, component));
    assert_eq!(server.finish().await.connections, 0);
}

async fn a_grant_that_lacks_one_part_of_the_request_refuses_it(build: Build) {
    let server = Server::start(answers("200 OK", "", TOKEN)).await;
    let client = Client::new(towards(server.address())).unwrap();
    let component = build.load(&client);
    let arguments = with_client_credentials(URL, "id", SECRET);
    let changed = |change: fn(&mut RequestRule)| {
        let mut rule = rule();
        change(&mut rule);
        rule
    };
    for lacking in [
        changed(|rule| rule.hosts = vec!["login.mypurecloud.com".into()]),
        changed(|rule| rule.hosts = vec!["login.mypurecloud.de:8443".into()]),
        changed(|rule| rule.methods = vec!["GET".into(), "PUT".into()]),
        changed(|rule| rule.paths = vec!["/oauth".into(), "/oauth/token/".into()]),
        changed(|rule| rule.paths = vec!["/oauth/token/*".into()]),
        changed(|rule| rule.headers = vec!["x-authorization".into()]),
    ] {
        let grant = Grant::new([lacking.clone()]).unwrap();
        let component = component.clone().with_grant(grant);
        let failure = failure_of(component.run(AUTHENTICATE, &arguments).await);
        assert_eq!(failure.code, "not-permitted", "{lacking:?}");
        assert_eq!(failure.detail("host"), Some(LOGIN), "{lacking:?}");
    }
    assert_eq!(client.statistics().connections_opened, 0);

    let granted = component.with_grant(Grant::new([rule()]).unwrap());
    granted.run(AUTHENTICATE, &arguments).await.unwrap();
    // The check of a borrowed token is another request.
    let failure = failure_of(granted.run(AUTHENTICATE, &with_token(URL, SECRET)).await);
    assert_eq!(failure.code, "not-permitted");
    drop((client, granted));
    assert_eq!(server.finish().await.connections, 1);
}

async fn a_grant_is_that_of_the_digest(build: Build) {
    let server = Server::start(answers("200 OK", "", TOKEN)).await;
    let bytes = build.bytes();
    let grant = Grant::new([rule()]).unwrap();
    // The same component with a custom section more: it does the same, and is another one.
    let other = [&bytes[..], &[0, 2, 1, b'x']].concat();
    let host_for = |granted: &[u8]| {
        let client = Client::new(towards(server.address())).unwrap();
        let host = Host::builder().client(client);
        let host = host.grant(digest(granted), grant.clone());
        host.build().unwrap()
    };
    let arguments = with_client_credentials(URL, "id", SECRET);

    let component = host_for(&other).load(&bytes).unwrap();
    assert_eq!(*component.digest(), digest(&bytes));
    let failure = failure_of(component.run(AUTHENTICATE, &arguments).await);
    assert_eq!(failure.code, "not-permitted");

    let component = host_for(&bytes).load(&other).unwrap();
    let failure = failure_of(component.run(AUTHENTICATE, &arguments).await);
    assert_eq!(failure.code, "not-permitted");

    let component = host_for(&bytes).load(&bytes).unwrap();
    component.run(AUTHENTICATE, &arguments).await.unwrap();
    drop(component);
    assert_eq!(server.finish().await.connections, 1);
}
