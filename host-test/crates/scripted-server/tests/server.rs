//! What a client sees of each act, and what the record has.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use scripted_server::{Act, Authority, Record, Script, Server, response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const HOST: &str = "api.example.com";
const REQUEST: &[u8] = b"POST /a HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 2\r\n\r\nhi";

/// More than an exchange takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a client waits for a server that does not go on.
const SHORT: Duration = Duration::from_secs(2);

/// What a client received, and how it ended.
async fn exchange(script: Script, trusted: bool) -> (Vec<u8>, Result<(), ErrorKind>, Record) {
    exchange_within(PATIENCE, script, trusted).await
}

async fn exchange_within(
    patience: Duration,
    script: Script,
    trusted: bool,
) -> (Vec<u8>, Result<(), ErrorKind>, Record) {
    let authority = Authority::new("Tests").unwrap();
    let other = Authority::new("Others").unwrap();
    let server = Server::start(authority.server(&[HOST]).unwrap(), script)
        .await
        .unwrap();
    let mut roots = RootCertStore::empty();
    let root = if trusted { &authority } else { &other };
    roots.add(root.certificate()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut received = Vec::new();
    let talk = async {
        let tcp = TcpStream::connect(server.address()).await?;
        let name = ServerName::try_from(HOST).unwrap();
        let mut tls = TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await?;
        tls.write_all(REQUEST).await?;
        while tls.read_buf(&mut received).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    let outcome = tokio::time::timeout(patience, talk).await;
    let outcome = match outcome {
        Ok(outcome) => outcome.map_err(|error| error.kind()),
        Err(_) => Err(ErrorKind::TimedOut),
    };
    (received, outcome, server.finish().await)
}

fn then(act: Act) -> Script {
    Script::after_request([Act::send("HTTP/1.1 200"), act])
}

#[tokio::test]
async fn an_answer_arrives_and_the_request_is_recorded() {
    let script = Script::after_request([Act::Send(response("200 OK", "", "yes")), Act::Close]);
    let (received, outcome, record) = exchange(script, true).await;
    assert_eq!(received, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
    assert_eq!(outcome, Ok(()));
    let request = record.requests().next().unwrap();
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/a")
    );
    assert_eq!(request.body, b"hi");
    assert_eq!(record.server_names().collect::<Vec<_>>(), [HOST]);
    assert_eq!(record.bytes(), REQUEST.len());
}

#[tokio::test]
async fn a_connection_ends_as_the_script_says() {
    for (act, expected) in [
        (Act::Close, Ok(())),
        // rustls: the peer closed the connection without its closing alert.
        (Act::Cut, Err(ErrorKind::UnexpectedEof)),
        (Act::Reset, Err(ErrorKind::ConnectionReset)),
    ] {
        let (received, outcome, _) = exchange(then(act.clone()), true).await;
        assert_eq!(
            (received.as_slice(), outcome),
            (b"HTTP/1.1 200".as_slice(), expected),
            "{act:?}"
        );
    }
}

#[tokio::test]
async fn a_handshake_ends_as_the_script_says() {
    for (acts, expected) in [
        (vec![Act::Close], Err(ErrorKind::UnexpectedEof)),
        (
            vec![Act::AwaitBytes, Act::Reset],
            Err(ErrorKind::ConnectionReset),
        ),
        (
            vec![Act::AwaitBytes, Act::alert(40), Act::Close],
            Err(ErrorKind::InvalidData),
        ),
    ] {
        let (_, outcome, record) = exchange(Script::each(acts.clone()), true).await;
        assert_eq!(outcome, expected, "{acts:?}");
        assert_eq!(record.connections.len(), 1);
        assert!(!record.connections[0].is_encrypted);
    }
}

#[tokio::test]
async fn a_server_that_stalls_keeps_its_client_waiting() {
    for script in [Script::each([Act::Stall]), then(Act::Stall)] {
        let (_, outcome, _) = exchange_within(SHORT, script, true).await;
        assert_eq!(outcome, Err(ErrorKind::TimedOut));
    }
}

#[tokio::test]
async fn nothing_arrives_from_a_client_that_does_not_trust_the_server() {
    let (_, outcome, record) =
        exchange(Script::answers(|_| response("200 OK", "", "")), false).await;
    assert_eq!(outcome, Err(ErrorKind::InvalidData));
    assert_eq!(record.server_names().collect::<Vec<_>>(), [HOST]);
    assert_eq!((record.bytes(), record.requests().count()), (0, 0));
}

#[tokio::test]
async fn bytes_repeat_until_the_client_leaves() {
    let repeated = Act::Repeat(b" ".to_vec(), Duration::from_millis(1));
    let (received, outcome, _) = exchange_within(SHORT, then(repeated), true).await;
    assert_eq!(outcome, Err(ErrorKind::TimedOut));
    assert!(received.len() > 15, "{}", received.len());
}
