//! The language of pages.

use crate::client::ControlRoom;

#[tokio::test]
async fn the_browsers_language_is_used_until_the_user_chooses_one() {
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
