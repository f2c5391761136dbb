//! Pages speak the language of whoever reads them.

use crate::client::ControlRoom;

#[tokio::test]
async fn the_browser_chooses_until_somebody_does() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    client.with("accept-language", "de-AT,de;q=0.9,en;q=0.5");
    let page = client.get("/sign-in").await.body;
    assert!(
        page.contains("<html lang=\"de\">") && page.contains("Beim Control Room anmelden"),
        "{page}"
    );
    let fields = [("language", "en"), ("place", "/sign-in")];
    let chosen = client.post("/language", &fields).await;
    assert_eq!(
        (chosen.status, chosen.header("location")),
        (303, Some("/sign-in"))
    );
    let page = client.get("/sign-in").await.body;
    assert!(
        page.contains("<html lang=\"en\">") && page.contains("Sign in to the Control Room"),
        "{page}"
    );
    let answer = client
        .post("/language", &[("language", "xx"), ("place", "/")])
        .await;
    assert_eq!(answer.status, 400);
}
