//! Errors are pages in the user's language.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Answer, ControlRoom};

fn assert_page(answer: &Answer, status: u16, title: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let title = format!("<h1 id=\"problem\">{title}</h1>");
    assert!(answer.body.contains(&title), "{title}: {}", answer.body);
}

#[tokio::test]
async fn a_broken_store_gives_a_localized_error_page() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    room.store.clone().close().await;
    for (language, title) in [
        ("en", "The Control Room is not available right now"),
        ("de", "Der Control Room ist gerade nicht verfügbar"),
    ] {
        ada.with("accept-language", language);
        assert_page(&ada.get("/bots").await, 500, title);
    }
}

#[tokio::test]
async fn malformed_urls_give_a_localized_error_page() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    ada.with("accept-language", "de");
    for (path, status, title) in [
        ("/bots?page=x", 400, "Das wurde nicht verstanden"),
        ("/runs?page=x", 400, "Das wurde nicht verstanden"),
        ("/credentials?page=-1", 400, "Das wurde nicht verstanden"),
        (
            "/connections/connection?at=a&at=b",
            400,
            "Das wurde nicht verstanden",
        ),
        ("/bots/%FF", 404, "Hier ist nichts"),
    ] {
        assert_page(&ada.get(path).await, status, title);
    }
}

#[tokio::test]
async fn a_timed_out_request_gives_an_error_page() {
    let room = ControlRoom::start().await;
    let address = room.pages.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\naccept-language: de\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 10\r\n\
         expect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Sent when the handler starts to read the body.
    let mut continue_line = [0; 25];
    stream.read_exact(&mut continue_line).await.unwrap();
    assert_eq!(&continue_line, b"HTTP/1.1 100 Continue\r\n\r\n");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("Das dauert zu lange"), "{answer}");
    assert!(answer.contains("content-security-policy"), "{answer}");
}
