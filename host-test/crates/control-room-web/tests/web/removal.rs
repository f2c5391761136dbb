//! The page after the removal of a connection.

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
                "The refresh token could not be exchanged for a token to revoke. The provider refused: login.mypurecloud.de answered “",
                "Shared token",
                "disable or remove the OAuth client",
            ],
        ),
        (
            "de",
            [
                "1 von 1 Tokens können gültig bleiben",
                "Das Refresh-Token ließ sich nicht gegen ein Token tauschen, mit dem es sich widerrufen ließe. Der Anbieter hat abgelehnt: login.mypurecloud.de antwortete mit „",
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
