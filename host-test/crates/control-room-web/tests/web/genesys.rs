//! The simulation's pages: a client is added as at Genesys Cloud, and works.

use crate::managing::furnished;

#[tokio::test]
async fn a_client_is_added_as_step_six_says() {
    let (room, cloud) = furnished().await;
    let mut ada = room.signed_in("ada").await;
    let shown = ada.get("/genesys/new").await.body;
    assert!(shown.contains("value=\"86400\""), "{shown}");
    assert!(shown.contains("This is a simulation"), "{shown}");
    let fields = [
        ("app-name", "Control Room"),
        ("duration", "86400"),
        ("code", "on"),
        (
            "redirect-uris",
            "http://127.0.0.1:20000/callback\r\n\r\n https://example.com/b ",
        ),
        ("region", "mypurecloud.de"),
    ];
    let added = ada.post("/genesys/new", &fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let page = ada.get(added.header("location").unwrap()).await.body;
    let clients = cloud.clients();
    let client = clients.iter().find(|it| it.app_name == "Control Room");
    let client = client.unwrap();
    let secret = secrecy::ExposeSecret::expose_secret(&client.secret);
    assert!(page.contains(&client.id) && page.contains(secret), "{page}");
    assert_eq!(client.token_duration, 86_400);
    assert_eq!(
        client.redirect_uris,
        ["http://127.0.0.1:20000/callback", "https://example.com/b"]
    );
}

#[tokio::test]
async fn each_mistake_is_said_at_its_field() {
    let (room, cloud) = furnished().await;
    let mut ada = room.signed_in("ada").await;
    let right = [
        ("app-name", "x"),
        ("duration", "300"),
        ("code", "on"),
        ("redirect-uris", "https://example.com/"),
        ("region", "mypurecloud.de"),
    ];
    for (field, typed, id) in [
        ("app-name", " ", "app-name"),
        ("duration", "299", "duration"),
        ("duration", "a day", "duration"),
        ("code", "", "grant-types"),
        ("redirect-uris", "", "redirect-uris"),
        ("redirect-uris", "http://example.com/", "redirect-uris"),
    ] {
        let mut fields = right.to_vec();
        fields.retain(|(name, _)| *name != field);
        if field != "code" {
            fields.push((field, typed));
        }
        ada.get("/genesys/new").await;
        let answer = ada.post("/genesys/new", &fields).await;
        assert_eq!(answer.status, 422, "{field}: {typed}");
        let error = format!("id=\"{id}-error\"");
        assert!(answer.body.contains(&error), "{field}: {}", answer.body);
    }
    assert_eq!(cloud.clients().len(), 1);
}
