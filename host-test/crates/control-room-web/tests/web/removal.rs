//! What a removal says: which bots use the item, and whether the tokens of a connection remain valid.

use crate::client::{Client, name};
use crate::connections::{finish, sign_in, with_code};
use crate::managing::room_with_cloud;

const REMOVE: &str = "/connections/remove?at=code";

#[tokio::test]
async fn tokens_that_remain_valid_are_reported_after_a_removal() {
    for (language, words) in [
        (
            "en",
            [
                "1 of its 1 tokens may remain valid",
                "The refresh token could not be exchanged for an access token with which to revoke it. The provider refused: login.mypurecloud.de answered “",
                "Shared token",
                "disable or remove the OAuth client",
            ],
        ),
        (
            "de",
            [
                "1 von 1 Tokens können gültig bleiben",
                "Für das Refresh-Token gab es kein Access-Token, mit dem es sich widerrufen ließe. Der Anbieter hat abgelehnt: login.mypurecloud.de antwortete mit „",
                "Gemeinsames Token",
                "deaktivieren oder entfernen Sie den OAuth-Client",
            ],
        ),
    ] {
        let (room, cloud) = room_with_cloud().await;
        let mut ada = with_code(&room, &cloud).await;
        let callback = sign_in(&mut ada, &cloud, "shared").await;
        finish(&mut ada, &room, &callback).await;
        cloud.expire_client_tokens("code");
        cloud.disable_client("code");
        ada.with("accept-language", language);
        ada.get(REMOVE).await;
        let answer = ada.post(REMOVE, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for word in words {
            assert!(answer.body.contains(word), "{word}: {}", answer.body);
        }
        let gone = ada.get("/connections/connection?at=code").await;
        assert_eq!(gone.status, 404);
    }
}

#[tokio::test]
async fn after_all_tokens_are_revoked_the_list_is_shown() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let callback = sign_in(&mut ada, &cloud, "shared").await;
    finish(&mut ada, &room, &callback).await;
    ada.get(REMOVE).await;
    let answer = ada.post(REMOVE, &[]).await;
    let leads_to = (answer.status, answer.header("location"));
    assert_eq!(leads_to, (303, Some("/connections")), "{}", answer.body);
    // One more asked who signed in.
    assert_eq!(cloud.statistics().api_requests, 2);
}

/// A bot with a step that uses a credential, and one that uses a connection.
async fn import_bot(client: &mut Client, bot: &str, field: &str) {
    let file = format!(r#"{{"name": "{bot}", "steps": [{{"action": "x", "field": {field}}}]}}"#);
    client.get("/bots").await;
    let imported = client.post("/bots/import", &[("file", &file)]).await;
    assert_eq!(imported.status, 303, "{}", imported.body);
}

#[tokio::test]
async fn the_question_before_a_removal_says_which_bots_use_it() {
    let (room, _cloud) = room_with_cloud().await;
    let (mut ada, mut bob) = (room.signed_in("ada").await, room.signed_in("bob").await);
    let path = r#"{"credential": "genesys/HELLO/secret"}"#;
    import_bot(&mut ada, "Report", path).await;
    import_bot(&mut bob, "Hotline", path).await;
    import_bot(
        &mut bob,
        "Other",
        r#"{"credential": "genesys/other/secret"}"#,
    )
    .await;
    import_bot(&mut bob, "Connected", r#"{"oauth-connection": "PROD"}"#).await;
    let report = "ada: <strong>Report</strong>";
    let hotline = "bob: <strong>Hotline</strong>";
    let other = "bob: <strong>Other</strong>";
    let connected = "bob: <strong>Connected</strong>";
    for (question, named) in [
        (
            "/credentials/remove-value?at=genesys/hello/secret",
            &[report, hotline][..],
        ),
        (
            "/credentials/remove-attribute?at=genesys/hello/secret",
            &[report, hotline],
        ),
        (
            "/credentials/remove-credential?at=genesys/hello",
            &[report, hotline],
        ),
        (
            "/credentials/remove-locker?at=genesys",
            &[report, hotline, other],
        ),
        ("/connections/remove?at=prod", &[connected]),
    ] {
        let page = ada.get(question).await.body;
        for bot in [report, hotline, other, connected] {
            assert_eq!(
                page.contains(bot),
                named.contains(&bot),
                "{question}: {page}"
            );
        }
    }
    // An owner of the locker is told of their own bots.
    let vault = room.store.vault();
    vault
        .add_owner(&name("genesys"), &name("bob"))
        .await
        .unwrap();
    let page = bob
        .get("/credentials/remove-value?at=genesys/hello/secret")
        .await
        .body;
    assert!(page.contains("<strong>Hotline</strong>"), "{page}");
    assert!(!page.contains("Report"), "{page}");
    // Not what they were once.
    for bot in ["Report", "Hotline"] {
        let client = if bot == "Report" { &mut ada } else { &mut bob };
        let list = client.get("/bots").await.body;
        let (link, _) = list.split_once(&format!("\">{bot}</a>")).unwrap();
        let (_, at) = link.rsplit_once('"').unwrap();
        let removed = client.post(&format!("{at}/delete"), &[]).await;
        assert_eq!(removed.status, 303);
    }
    let page = ada
        .get("/credentials/remove-credential?at=genesys/hello")
        .await
        .body;
    assert!(page.contains("No bot uses it"), "{page}");
}

#[tokio::test]
async fn at_most_twenty_bots_are_named() {
    let (room, _cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    for number in 0..23 {
        import_bot(
            &mut ada,
            &format!("Bot {number:02}"),
            r#"{"oauth-connection": "prod"}"#,
        )
        .await;
    }
    let page = ada.get("/connections/remove?at=prod").await.body;
    assert!(
        page.contains("Bot 19") && !page.contains("Bot 20"),
        "{page}"
    );
    assert!(page.contains("and 3 more"), "{page}");
}
