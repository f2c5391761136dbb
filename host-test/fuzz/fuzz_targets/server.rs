//! What the embedded Genesys Cloud answers to a connection on which anything may be sent.
//!
//! The connection is one of plain HTTP over loopback, as the server has no other door: it and its
//! client take turns on one thread. What is sent ends with the end of the client's side, so there is
//! nothing that the server could wait for.

#![no_main]

use std::net::Ipv4Addr;
use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genesys_sim::{Clock, GenesysCloud, ManualClock, OAuthClient, Options, Region};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{self, Runtime};
use tokio::time::timeout;

/// The seeds have them in their `Authorization`.
const CLIENT_ID: &str = "fuzz";
const CLIENT_SECRET: &str = "canary";

/// How long a connection may take. Nothing in it waits, so more is a hang.
const LIMIT: Duration = Duration::from_secs(10);

struct Server {
    runtime: Runtime,
    cloud: GenesysCloud,
}

// Its listeners are polled on the one thread that runs the runtime.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let options = Options {
            https: None,
            http: Some((Ipv4Addr::LOCALHOST, 0).into()),
            token_requests_per_minute: None,
            api_requests_per_minute: None,
            clock: Clock::from(ManualClock::default()),
        };
        let cloud = runtime
            .block_on(GenesysCloud::start(options))
            .expect("a server");
        let region = Region::with_domain("mypurecloud.de").expect("a region");
        let mut client = OAuthClient::new("Fuzz", region);
        client.id = CLIENT_ID.into();
        client.secret = SecretString::from(CLIENT_SECRET);
        cloud.add_client(client).expect("a client");
        Server { runtime, cloud }
    })
}

fuzz_target!(|input: &[u8]| {
    let server = server();
    let issued = server.cloud.statistics().tokens_issued;
    let exchange = async { timeout(LIMIT, exchange(&server.cloud, input)).await };
    let output = server
        .runtime
        .block_on(exchange)
        .expect("an end of the connection in time");

    let output = String::from_utf8_lossy(&output);
    assert!(
        output.is_empty() || output.starts_with("HTTP/1."),
        "{output}"
    );
    assert!(!output.contains(CLIENT_SECRET), "{output}");
    for line in output.lines().filter(|line| line.starts_with("HTTP/1.1 ")) {
        assert!(!line.starts_with("HTTP/1.1 5"), "{output}");
    }
    if server.cloud.statistics().tokens_issued > issued {
        assert!(proves_the_client(input), "a token for nothing: {output}");
    }
});

async fn exchange(cloud: &GenesysCloud, input: &[u8]) -> Vec<u8> {
    let address = cloud.http_addr().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let (mut from, mut to) = stream.split();
    let send = async {
        // The server may close before it has read all, which is an answer, too.
        let _ = to.write_all(input).await;
        let _ = to.shutdown().await;
    };
    let receive = async {
        let mut output = Vec::new();
        let _ = from.read_to_end(&mut output).await;
        output
    };
    tokio::join!(send, receive).1
}

/// Whether some header has the client's id and secret in it.
fn proves_the_client(input: &[u8]) -> bool {
    let input = String::from_utf8_lossy(input);
    input.lines().any(|line| {
        let words = line.split_ascii_whitespace();
        words
            .filter_map(|word| STANDARD.decode(word).ok())
            .any(|pair| {
                let pair = String::from_utf8_lossy(&pair);
                pair.contains('%') || pair == format!("{CLIENT_ID}:{CLIENT_SECRET}")
            })
    })
}
