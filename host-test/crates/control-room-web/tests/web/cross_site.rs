//! Cross-site requests beyond what every route rejects (`rules`).

use crate::client::ControlRoom;

/// A foreign name that resolves to loopback (DNS rebinding).
#[tokio::test]
async fn foreign_host_names_are_rejected() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let port = room.pages.address().port();
    for host in [
        "example.com",
        &format!("example.com:{port}"),
        "127.0.0.1.example.com",
        "",
    ] {
        ada.with("host", host);
        assert_eq!(ada.get("/bots").await.status, 403, "{host}");
    }
    ada.with("host", &format!("localhost:{port}"));
    assert_eq!(ada.get("/bots").await.status, 200);
}

#[tokio::test]
async fn the_language_switch_does_not_redirect_to_other_sites() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    client.get("/sign-in").await;
    for (place, leads_to) in [
        ("/bots?page=2", "/bots?page=2"),
        ("//example.com", "/"),
        ("/\\example.com", "/"),
        ("https://example.com", "/"),
        ("/\r\nset-cookie: a=b", "/"),
        ("/\u{e9}", "/"),
        ("", "/"),
    ] {
        let answer = client
            .post("/language", &[("language", "de"), ("place", place)])
            .await;
        assert_eq!(answer.header("location"), Some(leads_to), "{place}");
    }
}
