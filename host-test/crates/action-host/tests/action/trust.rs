//! Servers that cannot be reached, are not trusted or not allowed. None of them receives a byte of a request.

use std::time::{Duration, Instant};

use action_host::oauth::{Oauth, OauthError};
use action_host::{CallError, Grant, Host, Limits};
use egress::{AllowList, Client, Options};
use test_support::Ca;
use test_support::scripted::{Act, Script, Server, answers};
use test_support::scripted::{CA_NAME, GENESYS, ca};
use tokio::net::TcpSocket;
use tokio_rustls::rustls::ServerConfig;

use crate::component::{Build, host, test_both_builds};
use crate::outcome::{error_of, host_of, of_error};
use crate::scripted::{LOGIN, SECRET, Scripted, URL, credentials, towards};

test_both_builds![
    a_server_with_an_expired_certificate_receives_nothing,
    a_server_with_a_certificate_that_is_not_valid_yet_receives_nothing,
    a_server_with_a_certificate_for_another_name_receives_nothing,
    a_server_with_a_certificate_of_an_unknown_authority_receives_nothing,
    a_server_with_a_certificate_of_an_impostor_receives_nothing,
    a_server_without_tls_receives_nothing,
    a_refused_connection_is_unavailable,
    a_gateway_whose_name_is_not_found_is_unavailable,
    a_host_that_is_not_allowed_receives_nothing,
    a_call_ends_at_its_deadline_whatever_the_server_does,
];

const TOKEN: &str = r#"{"access_token":"t0ken","token_type":"bearer"}"#;

/// Authenticates at a server with this TLS configuration, and expects that it is not trusted.
async fn assert_untrusted(build: Build, tls: ServerConfig) {
    let server = Server::start_with(tls, answers("200 OK", "", TOKEN)).await;
    let fixture = Scripted::with(build, host(), server);
    let error = error_of(fixture.authenticate().await);
    let OauthError::UntrustedServer(failure) = &error else {
        panic!("{}", of_error(&error));
    };
    assert_eq!(
        (&*failure.host, &*failure.code, &*failure.reason),
        (
            LOGIN,
            "certificate-invalid",
            "its certificate is not trusted"
        )
    );
    assert_eq!(fixture.client.statistics().requests_sent, 0);
    let seen = fixture.finish().await;
    assert_eq!(seen.connections, 1);
    assert_eq!(seen.received.concat(), "");
}

async fn a_server_with_an_expired_certificate_receives_nothing(build: Build) {
    let tls = ca().server_in_years(&GENESYS, 2020..=2024);
    assert_untrusted(build, tls).await;
}

async fn a_server_with_a_certificate_that_is_not_valid_yet_receives_nothing(build: Build) {
    let tls = ca().server_in_years(&GENESYS, 2098..=2099);
    assert_untrusted(build, tls).await;
}

async fn a_server_with_a_certificate_for_another_name_receives_nothing(build: Build) {
    for names in [
        &["login.mypurecloud.com"][..],
        &["mypurecloud.de"],
        &["*.login.mypurecloud.de"],
        &["login.mypurecloud.de.evil.example"],
        &["127.0.0.1"],
    ] {
        assert_untrusted(build, ca().server_for(names)).await;
    }
}

async fn a_server_with_a_certificate_of_an_unknown_authority_receives_nothing(build: Build) {
    let tls = Ca::new("Somebody else").server_for(&GENESYS);
    assert_untrusted(build, tls).await;
}

async fn a_server_with_a_certificate_of_an_impostor_receives_nothing(build: Build) {
    let tls = Ca::new(CA_NAME).server_for(&GENESYS);
    assert_untrusted(build, tls).await;
}

async fn a_server_without_tls_receives_nothing(build: Build) {
    let script = Script::InsteadOfTls(vec![]);
    let fixture = Scripted::start(build, script).await;
    let error = error_of(fixture.authenticate().await);
    assert_eq!(
        of_error(&error),
        "unavailable no secure connection could be made"
    );
    assert_eq!(host_of(&error), Some(LOGIN));
    let seen = fixture.finish().await;
    // Only the start of a TLS handshake was received (RFC 8446, section 5.1).
    assert_eq!((seen.connections, seen.handshakes), (1, 0));
    let [received] = &seen.received[..] else {
        panic!("{seen:?}");
    };
    assert!(received.starts_with('\u{16}'), "{received:?}");
    assert!(!received.contains(SECRET) && !received.contains("POST"));
}

async fn a_refused_connection_is_unavailable(build: Build) {
    // Bound but not listening: the port is taken, and refuses connections.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let client = Client::new(towards(socket.local_addr().unwrap())).unwrap();
    let credentials = credentials(URL, "id", SECRET);
    let action = build.load_typed(&client);
    let error = error_of(action.authenticate(&credentials, "Default").await);
    assert_eq!(of_error(&error), "unavailable the connection was refused");
    assert_eq!(host_of(&error), Some(LOGIN));
}

async fn a_gateway_whose_name_is_not_found_is_unavailable(build: Build) {
    // A label has at most 63 bytes (RFC 1035, section 2.3.4), so no name server is queried.
    let nowhere = format!("{}.invalid:443", "x".repeat(64));
    let client = Client::new(Options {
        gateway: Some(nowhere.parse().unwrap()),
        ..towards(([127, 0, 0, 1], 1).into())
    });
    let client = client.unwrap();
    let credentials = credentials(URL, "id", SECRET);
    let action = build.load_typed(&client);
    let error = error_of(action.authenticate(&credentials, "Default").await);
    assert_eq!(of_error(&error), "unavailable no connection could be made");
    assert_eq!(host_of(&error), Some(LOGIN));
}

async fn a_host_that_is_not_allowed_receives_nothing(build: Build) {
    let server = Server::start(answers("200 OK", "", TOKEN)).await;
    for allow in [
        AllowList::default(),
        AllowList::parse(["api.mypurecloud.de", "login.mypurecloud.com"]).unwrap(),
        AllowList::parse(["login.mypurecloud.de:8443"]).unwrap(),
    ] {
        let client = Client::new(towards(server.address())).unwrap();
        let grant = Grant::any_request_to(allow);
        let action = Oauth::new(build.load(&client).with_grant(grant)).unwrap();
        let credentials = credentials(URL, "id", SECRET);
        let error = error_of(action.authenticate(&credentials, "Default").await);
        assert_eq!(of_error(&error), "not-permitted the request is not allowed");
        assert_eq!(host_of(&error), Some(LOGIN));
    }
    assert_eq!(server.finish().await.connections, 0);
}

async fn a_call_ends_at_its_deadline_whatever_the_server_does(build: Build) {
    let deadline = Duration::from_millis(500);
    let limits = Limits {
        deadline,
        ..Limits::default()
    };
    let host = Host::builder().limits(limits).build().unwrap();
    let half_a_body = "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n{\"access_token\":";
    for script in [
        Script::InsteadOfTls(vec![Act::KeepOpen]),
        Script::Answer(vec![Act::KeepOpen]),
        Script::Answer(vec![Act::Send(half_a_body.into()), Act::KeepOpen]),
        Script::Answer(vec![Act::Flood(b"HTTP/1.1 100 Continue\r\n\r\n".into())]),
    ] {
        let server = Server::start(script.clone()).await;
        let fixture = Scripted::with(build, &host, server);
        let begin = Instant::now();
        let stopped = fixture.authenticate().await;
        let lasted = begin.elapsed();
        assert!(
            matches!(stopped, Err(CallError::DeadlineExceeded(it)) if it == deadline),
            "{script:?}: {stopped:?}"
        );
        assert!(lasted >= deadline, "{script:?}: {lasted:?}");
        assert_eq!(fixture.finish().await.connections, 1);
    }
}
