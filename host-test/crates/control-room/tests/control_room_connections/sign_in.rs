//! Signing in: callbacks, refusals, and the state after them.

use std::time::Duration;

use control_room::audit_events::{Action, EventFilter};
use control_room::connections::{Changes, ConnectionError, Person, SignInOwner, SignInState};
use control_room::oauth::{CallbackError, CallbackHost, CallbackUrl, Grant};
use control_room::{Principal, TokenOwner};
use egress::{Options, Proxies, ProxySettings};
use genesys_sim::OAuthClient;

use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::browser::Browser;
use crate::fixture::{Fixture, ada, connection, name, open, options};
use crate::scripted::{Scripted, callback, held_tokens, tokens};

async fn state(fixture: &Fixture) -> SignInState {
    let summary = fixture.connections.get(&connection()).await.unwrap();
    summary.shared.unwrap()
}

#[tokio::test]
async fn the_browser_sees_success_only_after_the_tokens_are_stored() {
    for grant in [Grant::AuthorizationCode, Grant::AuthorizationCodePkce] {
        let fixture = Fixture::new(grant).await;
        let mut started = fixture.start().await;
        started.listening().unwrap();
        let url = started.authorization_url();
        let visit = async {
            let browser = Browser::new(&fixture.cloud);
            let callback = browser.sign_in(&url).await;
            let page = browser.visit(&callback).await;
            (page, fixture.token().await)
        };
        let (signed_in, (page, token)) = tokio::join!(started.wait(), visit);
        let signed_in = signed_in.unwrap();
        assert!(signed_in.refreshable);
        let Some(Person::Known(person)) = &signed_in.person else {
            panic!("{signed_in:?}");
        };
        assert!(person.contains(" (") && person.contains('@'), "{person}");
        assert!(page.contains("<h1>Signed in</h1>"), "{page}");
        assert!(fixture.works(&token.unwrap()).await);
    }
}

#[tokio::test]
async fn a_proxy_setting_that_is_not_valid_is_refused_before_anybody_signs_in() {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    let settings = ProxySettings {
        https: Some("http://bob:can@ry@127.0.0.1:1".into()),
        ..ProxySettings::default()
    };
    let connections = fixture.store.connections(Options {
        gateway: None,
        proxies: Proxies::Explicit(settings),
        ..options(&fixture.cloud)
    });
    let (genesys, owner) = (connection(), SignInOwner::Shared);
    let started = connections.sign_in(&genesys, &owner).await;
    let refused = started.err().unwrap();
    let ConnectionError::NoToken { error, .. } = &refused else {
        panic!("{refused:?}");
    };
    assert!(error.to_string().contains("proxy setting"), "{error}");
    assert!(!format!("{refused:?}").contains("can@ry"));
}

/// The callback arrives after this change: no code is exchanged, and nothing is stored.
async fn is_refused_after(
    fixture: &Fixture,
    owner: &SignInOwner,
    by: Principal,
    change: impl Future<Output = ()>,
) {
    let before = fixture.requests();
    let connections = fixture.connections.changed_by(&by);
    let started = connections.sign_in(&connection(), owner).await;
    let mut started = started.unwrap();
    let browser = Browser::new(&fixture.cloud);
    let callback = browser.sign_in(&started.authorization_url()).await;
    change.await;
    let refused = started.paste(&callback).await.unwrap_err();
    let is_hidden =
        matches!(&refused, ConnectionError::NoConnection(name) if *name == connection());
    assert!(is_hidden, "{refused:?}");
    assert_eq!(fixture.requests(), before);
    let summary = fixture.connections.get(&connection()).await.unwrap();
    assert_eq!(summary.shared, Some(SignInState::NotSignedIn));
    assert!(summary.users.is_empty());
}

#[tokio::test]
async fn a_right_revoked_during_a_sign_in_does_not_count() {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    let users = fixture.store.users();
    let (dan, bots, administrator) = (name("dan"), name("bots"), name("administrator"));
    users.create(&Principal::System, &dan).await.unwrap();

    users.grant(&dan, &administrator).await.unwrap();
    let by = Principal::Administrator(dan.clone());
    let change = Box::pin(async { users.revoke(&dan, &administrator).await.unwrap() });
    is_refused_after(&fixture, &SignInOwner::Shared, by, change).await;

    let (owner, by) = (SignInOwner::User(dan.clone()), Principal::User(dan.clone()));
    users.grant(&dan, &bots).await.unwrap();
    let change = Box::pin(async { users.revoke(&dan, &bots).await.unwrap() });
    is_refused_after(&fixture, &owner, by.clone(), change).await;

    // Another user has the name now, and may use the connection.
    users.grant(&dan, &bots).await.unwrap();
    let change = Box::pin(async {
        users.remove(&Principal::System, &dan).await.unwrap();
        users.create(&Principal::System, &dan).await.unwrap();
        users.grant(&dan, &bots).await.unwrap();
    });
    is_refused_after(&fixture, &owner, by, change).await;
}

#[tokio::test]
async fn a_sign_in_is_recorded_with_its_token() {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    let audit = fixture.store.audit();
    let filter = EventFilter {
        actor: None,
        action: Some(Action::ConnectionSignIn),
    };
    let owners = [SignInOwner::Shared, SignInOwner::User(ada())];
    for (owner, subject) in owners.iter().zip(["genesys: shared", "genesys: ada"]) {
        let before = audit.events(&filter, None, 9).await.unwrap();
        fixture.sign_in(owner).await.unwrap();
        let after = audit.events(&filter, None, 9).await.unwrap();
        assert_eq!(after[1..], before);
        assert_eq!(after[0].subject, subject);
    }
}

#[tokio::test]
async fn a_sign_in_succeeds_if_nobody_says_whose_it_is() {
    let cloud = genesys_sim::Options {
        api_requests_per_minute: Some(0),
        ..genesys_sim::Options::default()
    };
    let client = |region| OAuthClient::new("Control Room", region);
    let fixture = Fixture::in_cloud(cloud, Grant::AuthorizationCodePkce, client).await;
    let signed_in = fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let Some(Person::Unknown(reason)) = signed_in.person else {
        panic!("{signed_in:?}");
    };
    assert_eq!(reason.to_string(), "api.mypurecloud.de answered 429");
    fixture.token().await.unwrap();
}

#[tokio::test]
async fn a_refused_sign_in_is_reported_and_changes_nothing() {
    let fixture = Fixture::new(Grant::AuthorizationCodePkce).await;
    for signed_in_before in [false, true] {
        if signed_in_before {
            fixture.sign_in(&SignInOwner::Shared).await.unwrap();
        }
        let before = (state(&fixture).await, fixture.requests());
        let mut started = fixture.start().await;
        let url = started.authorization_url();
        let visit = async {
            let browser = Browser::new(&fixture.cloud);
            let callback = browser.refuse(&url).await;
            browser.visit(&callback).await
        };
        let (refused, page) = tokio::join!(started.wait(), visit);
        let error = refused.unwrap_err();
        assert!(
            matches!(error, ConnectionError::Callback(CallbackError::Refused(_))),
            "{error:?}"
        );
        assert!(error.to_string().contains("access_denied"), "{error}");
        assert!(page.contains("Sign-in refused"), "{page}");
        assert_eq!((state(&fixture).await, fixture.requests()), before);
    }
}

#[tokio::test]
async fn an_abandoned_sign_in_expires_and_stores_nothing() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let mut started = fixture.start().await;
    // The paused clock jumps to the time-out, as nothing else is scheduled.
    tokio::time::pause();
    let error = started.wait().await.unwrap_err();
    tokio::time::resume();
    assert!(
        matches!(error, ConnectionError::Callback(CallbackError::Expired)),
        "{error:?}"
    );
    assert_eq!(state(&fixture).await, SignInState::NotSignedIn);
    drop(fixture.start().await);
    assert_eq!(state(&fixture).await, SignInState::NotSignedIn);
}

#[tokio::test]
async fn pasting_something_else_does_not_end_the_sign_in() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let mut started = fixture.start().await;
    let url = started.authorization_url();
    let other = format!("{}?code=c&state=other", started.callback_url());
    for wrong in ["", "hello", &url, &other] {
        started.paste(wrong).await.unwrap_err();
        assert!(!started.is_over());
    }
    let callback = Browser::new(&fixture.cloud).sign_in(&url).await;
    started.paste(&callback).await.unwrap();
    assert!(started.is_over());
    assert!(started.paste(&callback).await.is_err(), "it works once");
    assert_eq!(fixture.requests(), (1, 0, 0));
}

#[tokio::test]
async fn the_callback_can_be_pasted_if_its_port_is_in_use() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let url = fixture.connections.callback_url().await.unwrap();
    let _other = std::net::TcpListener::bind(("127.0.0.1", url.port())).unwrap();
    let mut started = fixture.start().await;
    started.listening().unwrap_err();
    let browser = Browser::new(&fixture.cloud);
    let callback = browser.sign_in(&started.authorization_url()).await;
    started.paste(&callback).await.unwrap();
}

/// The callback arrives while the person presses Enter, or while standard input ends.
#[tokio::test]
async fn a_refusal_is_reported_although_the_wait_was_cancelled_when_it_arrived() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let mut started = fixture.start().await;
    let browser = Browser::new(&fixture.cloud);
    let callback = browser.refuse(&started.authorization_url()).await;
    timeout(Duration::ZERO, started.wait()).await.unwrap_err();
    let page = browser.visit(&callback).await;
    assert!(page.contains("Sign-in refused"), "{page}");
    let error = started.paste("hello").await.unwrap_err();
    assert!(!error.ends_sign_in(), "{error}");
    let error = started.wait().await.unwrap_err();
    assert!(
        error.ends_sign_in() && error.to_string().contains("access_denied"),
        "{error}"
    );
}

#[tokio::test]
async fn of_two_sign_ins_at_once_each_gets_its_own_token() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let mut shared = fixture.start().await;
    let own = SignInOwner::User(ada());
    let mut own = fixture
        .connections
        .sign_in(&connection(), &own)
        .await
        .unwrap();
    let browser = Browser::new(&fixture.cloud);
    // The second one's browser is the first to come back.
    for (started, text) in [
        (&mut own, "a token for ada"),
        (&mut shared, "its shared token"),
    ] {
        let callback = browser.sign_in(&started.authorization_url()).await;
        let (ended, page) = tokio::join!(started.wait(), browser.visit(&callback));
        ended.unwrap();
        assert!(page.contains(text), "{page}");
        // Asked twice, it says twice how it ended.
        let page = browser.visit(&callback).await;
        assert!(page.contains(text), "{page}");
    }
    assert_eq!(fixture.requests().0, 2);
}

#[tokio::test]
async fn the_callback_url_is_stable_until_it_is_changed() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let first = fixture.connections.callback_url().await.unwrap();
    let reopened = open(fixture.folder.path()).await;
    let connections = reopened.connections(options(&fixture.cloud));
    assert_eq!(connections.callback_url().await.unwrap(), first);
    let started = connections
        .sign_in(&connection(), &SignInOwner::Shared)
        .await;
    assert_eq!(started.unwrap().callback_url(), first);
    for (host, expected) in [
        (
            CallbackHost::Address,
            "http://127.0.0.1:20001/oauth/callback",
        ),
        (
            CallbackHost::Localhost,
            "http://localhost:20001/oauth/callback",
        ),
    ] {
        let url = CallbackUrl::on_loopback(host, 20_001);
        connections.set_callback_url(&url).await.unwrap();
        let chosen = fixture.connections.callback_url().await.unwrap();
        assert_eq!(chosen.as_str(), expected);
    }
}

#[tokio::test]
async fn a_sign_in_is_not_stored_if_the_connection_changed_meanwhile() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let mut started = fixture.start().await;
    let changes = Changes {
        scopes: Some("users".parse().unwrap()),
        ..Changes::default()
    };
    fixture
        .connections
        .edit(&connection(), &changes)
        .await
        .unwrap();
    let url = started.authorization_url();
    let visit = async {
        let browser = Browser::new(&fixture.cloud);
        let callback = browser.sign_in(&url).await;
        browser.visit(&callback).await
    };
    let (ended, page) = tokio::join!(started.wait(), visit);
    assert!(
        matches!(ended, Err(ConnectionError::Changed(_))),
        "{ended:?}"
    );
    assert!(page.contains("Not signed in"), "{page}");
    let token = fixture.token().await;
    assert!(matches!(token, Err(ConnectionError::NotSignedIn { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_right_revoked_during_the_exchange_of_the_code_does_not_count() {
    let answers = vec![tokens("first"), held_tokens("late")];
    let mut provider = Scripted::new(answers).await;
    let owner = SignInOwner::User(ada());
    let mut started = provider
        .connections
        .sign_in(&connection(), &owner)
        .await
        .unwrap();
    let callback = callback(&started.authorization_url());
    let waiting = tokio::spawn(async move { started.paste(&callback).await });
    provider.arrival().await;
    let users = provider.store.users();
    users.revoke(&ada(), &name("bots")).await.unwrap();
    provider.release();
    let refused = waiting.await.unwrap().unwrap_err();
    assert!(
        matches!(refused, ConnectionError::NoConnection(_)),
        "{refused:?}"
    );
    let summary = provider.connections.get(&connection()).await.unwrap();
    assert!(summary.users.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_detached_sign_in_is_stored_before_the_store_closes() {
    let answers = vec![tokens("first"), held_tokens("second")];
    let mut provider = Scripted::new(answers).await;
    let connections = provider.connections.clone();
    let started = connections
        .sign_in(&connection(), &SignInOwner::Shared)
        .await;
    let mut started = started.unwrap();
    let callback = callback(&started.authorization_url());
    let browser = tokio::spawn(async move {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(callback).send().await.unwrap().text().await
    });
    let arrived = started.callback().await.unwrap();
    let waiting = tokio::spawn(arrived.finish());
    provider.arrival().await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());

    let finish = connections.finish();
    tokio::pin!(finish);
    let early = timeout(Duration::ZERO, &mut finish).await;
    assert!(early.is_err(), "it does not wait");
    provider.release();
    finish.await;
    provider.store.close().await;
    let page = browser.await.unwrap().unwrap();
    assert!(page.contains("<h1>Signed in</h1>"), "{page}");
    let reopened = open(provider.folder.path()).await;
    let connections = reopened.connections(test_support::options(&provider.server));
    let shared = TokenOwner::Shared;
    let token = connections.token(&connection(), &ada(), shared).await;
    assert_eq!(token.unwrap().access_token.expose_secret(), "a-second");
}
