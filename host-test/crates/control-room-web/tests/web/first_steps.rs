//! The first steps of a designer, which tick themselves off.

use serde_json::{Value, json};

use crate::client::{Client, ControlRoom};
use crate::runs::{TOKEN, answer, follow, import, start_with_server, steps};

/// Which of the steps on the list of bots are done; `None` if they are not shown.
async fn done(client: &mut Client) -> Option<Vec<bool>> {
    let page = client.get("/bots").await.body;
    let (_, card) = page.split_once("id=\"first-steps\"")?;
    let (card, _) = card.split_once("</ol>").unwrap();
    let steps = card.split("<li").skip(1);
    Some(steps.map(|step| step.starts_with(" data-done")).collect())
}

fn ticked(steps: &[usize]) -> Vec<bool> {
    (1..=9).map(|step| steps.contains(&step)).collect()
}

#[tokio::test]
async fn first_steps_tick_themselves_off_until_a_bot_has_run() {
    let (room, _server) = start_with_server(|_| answer("200 OK", "", TOKEN)).await;
    let mut ada = room.signed_in("ada").await;
    assert_eq!(done(&mut ada).await, Some(ticked(&[1])));

    let created = ada.post("/bots/first", &[]).await;
    assert_eq!(created.status, 303);
    let first = created.header("location").unwrap().to_owned();
    assert_eq!(done(&mut ada).await, Some(ticked(&[1, 2, 3, 4, 8])));
    let file: Value = serde_json::from_str(&ada.get(&format!("{first}/file")).await.body).unwrap();
    let actions: Vec<_> = file["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["action"])
        .collect();
    let expected = [
        "genesys/oauth-authenticate",
        "genesys/api-request",
        "log",
        "genesys/disconnect",
    ];
    assert_eq!(actions, expected);
    ada.get(&format!("{first}/delete")).await;
    ada.post(&format!("{first}/delete"), &[]).await;
    assert_eq!(done(&mut ada).await, Some(ticked(&[1])));

    let bot = import(&mut ada, &steps(&[])).await;
    assert_eq!(done(&mut ada).await, Some(ticked(&[1, 2, 3, 4, 5, 8])));
    ada.get(&bot).await;
    let run = ada.post(&format!("{bot}/run"), &[]).await;
    follow(&mut ada, run.header("location").unwrap()).await;
    assert_eq!(done(&mut ada).await, None);
    // Those of others are their own.
    let mut bob = room.signed_in("bob").await;
    assert_eq!(done(&mut bob).await, Some(ticked(&[1])));
}

#[tokio::test]
async fn what_the_other_authentication_type_needs_is_not_asked_for() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let step = json!({ "action": "genesys/oauth-authenticate", "authentication-type": "control-room-connection",
        "connection": { "oauth-connection": "nothing" } });
    import(
        &mut ada,
        &json!({ "name": "Hello", "steps": [step] }).to_string(),
    )
    .await;
    assert_eq!(done(&mut ada).await, Some(ticked(&[1, 2, 3, 4, 8])));
    let page = ada.get("/bots").await.body;
    assert_eq!(page.matches("not needed for the chosen type").count(), 1);
    assert!(
        page.contains("<a href=\"/connections\">With an OAuth connection"),
        "{page}"
    );
}

#[tokio::test]
async fn the_message_of_the_first_bot_has_a_placeholder_in_both_languages() {
    for (language, message) in [
        ("en", "Hello, {organization.name}!"),
        ("de", "Hallo, {organization.name}!"),
    ] {
        let room = ControlRoom::start().await;
        let mut ada = room.signed_in("ada").await;
        ada.get("/bots").await;
        ada.post("/language", &[("language", language), ("place", "/bots")])
            .await;
        ada.get("/bots").await;
        let created = ada.post("/bots/first", &[]).await;
        let file = format!("{}/file", created.header("location").unwrap());
        let file = ada.get(&file).await.body;
        assert!(file.contains(message), "{file}");
    }
}
