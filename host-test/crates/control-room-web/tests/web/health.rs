//! What load balancers ask: `/healthz` and `/readyz`.

use std::fs;

use control_room::audit_events::EventFilter;
use control_room::{KeySource, Place, Store};
use egress::{AllowList, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, advance, pause, resume};

use crate::client::{Answer, Client, ControlRoom, engine};

const CHECKS: [&str; 2] = ["/healthz", "/readyz"];

/// The statuses of `/healthz` and `/readyz`.
async fn statuses(client: &mut Client) -> [u16; 2] {
    [
        client.get(CHECKS[0]).await.status,
        client.get(CHECKS[1]).await.status,
    ]
}

/// The result of a check is reused for a second.
async fn wait_for_next_check() {
    pause();
    advance(Duration::from_secs(1)).await;
    resume();
}

#[tokio::test]
async fn anybody_may_ask_under_any_host_and_gets_no_cookie() {
    let room = ControlRoom::start().await;
    let audit = room.store.audit();
    let before = audit.events(&EventFilter::default(), None, 10).await;
    let mut client = room.client();
    for host in ["10.0.0.7:8780", "control-room.example", "[2001:db8::1]"] {
        client.with("host", host);
        // Of a page, the host would be refused.
        assert_eq!(client.get("/sign-in").await.status, 403);
        client.with("sec-fetch-site", "cross-site");
        client.with("accept-language", "de");
        for check in CHECKS {
            let answer = client.get(check).await;
            assert_eq!((answer.status, &*answer.body), (200, "ok"), "{check}");
            assert_eq!(
                answer.header("content-type"),
                Some("text/plain; charset=utf-8")
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("set-cookie"), None);
            let head = client.send("HEAD", check, "", "").await;
            assert_eq!((head.status, &*head.body), (200, ""), "{check}");
            assert_eq!(client.send("POST", check, "", "").await.status, 405);
        }
        client.headers.clear();
    }
    let after = audit.events(&EventFilter::default(), None, 10).await;
    assert_eq!(after.unwrap(), before.unwrap());
}

fn assert_not_ready(answer: &Answer) {
    assert_eq!((answer.status, &*answer.body), (503, "not ready"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_database_that_cannot_be_read_is_not_ready_and_the_answer_does_not_say_why() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    room.store.clone().close().await;
    assert_eq!(statuses(&mut client).await, [200, 503]);
    assert_not_ready(&client.get("/readyz").await);
}

#[tokio::test]
async fn a_key_that_is_not_the_one_in_force_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let open = || Store::open(Place::Folder(data.clone()), KeySource::InFolder);
    let nowhere = || Options::new(AllowList::default());
    let room =
        ControlRoom::serve_store(open().await.unwrap(), engine(nowhere()), nowhere(), None).await;
    let mut client = room.client();
    assert_eq!(statuses(&mut client).await, [200, 200]);

    // Another process rotates the key, and what it leaves is replaced by the former one.
    let key_file = data.join("control-room.key");
    let former = fs::read(&key_file).unwrap();
    let other = open().await.unwrap();
    other.rotate_key().await.unwrap();
    other.close().await;
    let key = fs::read(&key_file).unwrap();
    fs::write(&key_file, former).unwrap();
    wait_for_next_check().await;
    assert_eq!(statuses(&mut client).await, [200, 503]);
    assert_not_ready(&client.get("/readyz").await);

    fs::write(&key_file, key).unwrap();
    wait_for_next_check().await;
    assert_eq!(statuses(&mut client).await, [200, 200]);
}

#[tokio::test]
async fn during_the_shutdown_requests_in_progress_are_finished_and_readyz_reports_not_ready() {
    let room = ControlRoom::start().await;
    let address = room.pages.address();
    let mut client = room.client();
    assert_eq!(statuses(&mut client).await, [200, 200]);
    let mut idle = TcpStream::connect(address).await.unwrap();
    let mut begun = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 10\r\n\r\n"
    );
    begun.write_all(head.as_bytes()).await.unwrap();
    // Sent when the handler starts to read the body.
    let mut continue_line = [0; 25];
    begun.read_exact(&mut continue_line).await.unwrap();

    let shutdown = tokio::spawn(room.pages.shutdown());
    // An idle connection is closed.
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(statuses(&mut client).await, [200, 503]);
    assert!(!shutdown.is_finished());

    begun.write_all(b"name=x&y=z").await.unwrap();
    let mut answer = String::new();
    begun.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.ends_with("</html>"), "{answer}");
    shutdown.await.unwrap();
    TcpStream::connect(address).await.unwrap_err();
}
