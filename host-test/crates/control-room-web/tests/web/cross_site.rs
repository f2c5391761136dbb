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
        "[::1].example.com",
        &format!("127.0.0.1:{port}.example.com"),
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

/// The browser keeps back the session's cookie, and would replace it by one that this answer sets.
#[tokio::test]
async fn a_link_on_another_site_neither_sets_a_cookie_nor_signs_out() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    for path in [
        "/runs",
        "/sign-in",
        "/",
        "/nowhere",
        "/bots?page=2&search=%22",
    ] {
        let mut link = room.client();
        link.with("sec-fetch-site", "cross-site");
        let answer = link.get(path).await;
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        assert_eq!(answer.status, 200, "{path}");
        // The page requests the same address, with the cookie.
        let again = path.replace('&', "&amp;");
        let refresh = format!("content=\"0; url={again}\"");
        assert!(answer.body.contains(&refresh), "{path}: {}", answer.body);
        let form = link.post(path, &[]).await;
        assert_eq!((form.status, form.header("set-cookie")), (403, None));
    }
    let answer = ada.get("/runs").await;
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    // The browser brings the cookie where it is not `SameSite=Strict`, and then the page is shown.
    ada.with("sec-fetch-site", "cross-site");
    assert_eq!(ada.get("/runs").await.status, 200);
}

/// A mail program opens the link without another site, so the browser brings the cookie. Old browsers do not say where a link
/// was.
#[tokio::test]
async fn a_session_survives_a_link_from_a_mail() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let headers = ada.headers.clone();
    for site in [Some("none"), None] {
        ada.headers = headers.clone();
        if let Some(site) = site {
            ada.with("sec-fetch-site", site);
        }
        for path in ["/runs", "/bots", "/sign-in"] {
            let answer = ada.get(path).await;
            assert_eq!(answer.header("set-cookie"), None, "{site:?} {path}");
            assert!(matches!(answer.status, 200 | 303), "{site:?} {path}");
        }
    }
    ada.headers = headers;
    assert_eq!(ada.get("/runs").await.status, 200);
}

#[tokio::test]
async fn a_link_on_another_site_leads_to_this_site_only() {
    let room = ControlRoom::start().await;
    let mut link = room.client();
    link.with("sec-fetch-site", "cross-site");
    for path in ["//example.com", "/\\example.com"] {
        let answer = link.get(path).await;
        assert!(!answer.body.contains("example.com"), "{}", answer.body);
    }
}
