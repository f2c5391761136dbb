//! Start, counters, shutdown, timeouts, and which clients are valid.

use std::time::Duration;

use genesys_sim::{
    AddClientError, GenesysCloud, HANDSHAKE_TIMEOUT, HEAD_TIMEOUT, OAuthClient, Options,
    REQUEST_TIMEOUT, Region, StartError,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::{Request, Server};

#[tokio::test]
async fn it_does_not_start_without_an_address() {
    let nowhere = Options {
        https: None,
        ..Options::default()
    };
    let started = GenesysCloud::start(nowhere).await;
    assert!(matches!(started, Err(StartError::NoAddress)));
}

#[tokio::test]
async fn it_does_not_start_on_an_address_that_is_taken() {
    let server = Server::start().await;
    let taken = server.https();
    let started = GenesysCloud::start(Options {
        https: Some(taken),
        ..Options::default()
    })
    .await;
    assert!(matches!(started, Err(StartError::Bind { address, .. }) if address == taken));
}

#[tokio::test]
async fn connections_and_requests_are_counted() {
    let server = Server::start().await;
    let token = server.token().await;
    let wrong = Request::token(&server.client).basic(&server.client.id, "wrong");
    server.send(wrong).await;
    server.send_to_gateway(Request::token(&server.client)).await;
    let mut connection = server.connect("api.mypurecloud.de").await;
    for _ in 0..3 {
        let request = Request::api("GET", "/api/v2/organizations/me", &token);
        connection.send(request).await;
    }
    connection
        .send(Request::api("GET", "/nothing", &token))
        .await;

    let statistics = server.cloud.statistics();
    assert_eq!(statistics.https_connections, 3);
    assert_eq!(statistics.token_requests, 3);
    assert_eq!(statistics.tokens_issued, 2);
    assert_eq!(statistics.api_requests, 3);
}

#[tokio::test]
async fn shutdown_closes_connections_and_ports() {
    let server = Server::start().await;
    let (https, http) = (server.https(), server.cloud.http_addr().unwrap());
    let mut idle = TcpStream::connect(http).await.unwrap();
    let mut in_use = server.connect("login.mypurecloud.de").await;
    in_use.send(Request::token(&server.client)).await;

    server.cloud.shutdown().await;
    assert!(matches!(idle.read(&mut [0]).await, Ok(0) | Err(_)));
    assert!(matches!(in_use.0.read(&mut [0]).await, Ok(0) | Err(_)));
    for address in [https, http] {
        assert!(TcpStream::connect(address).await.is_err());
    }
}

#[tokio::test]
async fn dropping_it_closes_connections() {
    let server = Server::start().await;
    let mut connection = server.connect("login.mypurecloud.de").await;
    connection.send(Request::token(&server.client)).await;
    drop(server);
    assert!(matches!(connection.0.read(&mut [0]).await, Ok(0) | Err(_)));
}

/// While nothing happens, tokio's paused time jumps to the next timeout.
#[tokio::test(start_paused = true)]
async fn a_client_that_stalls_is_disconnected() {
    let server = Server::start().await;
    let (https, http) = (server.https(), server.cloud.http_addr().unwrap());
    let cases = [
        (https, "", HANDSHAKE_TIMEOUT),
        (http, "", HEAD_TIMEOUT),
        (
            http,
            "POST /oauth/token HTTP/1.1\r\nHost: x\r\n",
            HEAD_TIMEOUT,
        ),
        (
            http,
            "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ngrant",
            REQUEST_TIMEOUT,
        ),
    ];
    for (address, sent, limit) in cases {
        let begin = Instant::now();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let lasted = begin.elapsed();
        assert!(
            (limit..limit + Duration::from_secs(1)).contains(&lasted),
            "{sent:?}: {lasted:?}"
        );
    }
}

#[tokio::test]
async fn a_client_must_be_valid() {
    let server = Server::start().await;
    let client = || OAuthClient::new("test", Region::ALL[0]);
    let add = |client| server.cloud.add_client(client).map(|_| ());
    for (seconds, expected) in [
        (299, Err(AddClientError::TokenDuration(299))),
        (300, Ok(())),
        (172_800, Ok(())),
        (172_801, Err(AddClientError::TokenDuration(172_801))),
    ] {
        let token_duration = seconds;
        assert_eq!(
            add(OAuthClient {
                token_duration,
                ..client()
            }),
            expected
        );
    }
    let nameless = OAuthClient {
        id: String::new(),
        ..client()
    };
    assert_eq!(add(nameless), Err(AddClientError::EmptyId));
    let open = OAuthClient {
        secret: "".into(),
        ..client()
    };
    assert_eq!(add(open), Err(AddClientError::EmptySecret));
    let id = server.client.id.clone();
    let twin = OAuthClient {
        id: id.clone(),
        ..client()
    };
    assert_eq!(add(twin), Err(AddClientError::IdTaken(id)));
}

#[tokio::test]
async fn disabling_an_unknown_client_returns_false() {
    let server = Server::start().await;
    assert!(!server.cloud.disable_client("unknown"));
}

#[tokio::test]
async fn pem_and_der_of_the_ca_are_the_same() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let server = Server::start().await;
    let ca = server.cloud.ca_certificate();
    let lines = ca.pem().lines().filter(|line| !line.starts_with("-----"));
    let decoded = STANDARD.decode(lines.collect::<String>()).unwrap();
    assert_eq!(decoded, ca.der());
}
