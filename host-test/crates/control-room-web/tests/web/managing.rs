//! What administrators manage: credentials, connections and the simulation.

use std::sync::Arc;

use control_room::Principal;
use genesys_sim::{GenesysCloud, OAuthClient, Region};

use crate::client::{ControlRoom, name};

/// `ada` is an administrator, `bob` is not, and there is one item of each kind.
pub(crate) async fn room_with_cloud() -> (ControlRoom, Arc<GenesysCloud>) {
    let cloud = GenesysCloud::start(genesys_sim::Options {
        http: Some(([127, 0, 0, 1], 0).into()),
        ..genesys_sim::Options::default()
    });
    let cloud = Arc::new(cloud.await.unwrap());
    let client = OAuthClient {
        id: "client".into(),
        secret: "canary-of-genesys".into(),
        ..OAuthClient::new("App", Region::with_domain("mypurecloud.de").unwrap())
    };
    cloud.add_client(client).unwrap();
    let room = ControlRoom::beside(Some(cloud.clone())).await;
    for user in ["ada", "bob"] {
        room.create_user(user).await;
    }
    room.grant("ada", "administrator").await;
    let users = room.store.users();
    users
        .create_role(&Principal::System, &name("bots"))
        .await
        .unwrap();
    let vault = room.store.vault();
    let nothing = Default::default();
    vault
        .create_locker(&name("genesys"), &nothing)
        .await
        .unwrap();
    let hello = "genesys/hello".parse().unwrap();
    vault.create_credential(&hello, &nothing).await.unwrap();
    let secret = "genesys/hello/secret".parse().unwrap();
    vault
        .set_attribute(&secret, &Default::default())
        .await
        .unwrap();
    let value = "canary-of-the-vault".into();
    vault
        .set_value(&secret, &Principal::System, &value)
        .await
        .unwrap();
    let mut ada = room.signed_in("ada").await;
    ada.create_connection(&[
        ("name", "prod"),
        ("environment", "mypurecloud.de"),
        ("grant", "client-credentials"),
        ("client-id", "client"),
        ("client-secret", "canary-of-genesys"),
    ])
    .await;
    (room, cloud)
}

#[tokio::test]
async fn items_without_access_are_not_listed() {
    let (room, _cloud) = room_with_cloud().await;
    for (user, listed) in [("ada", true), ("bob", false)] {
        let mut client = room.signed_in(user).await;
        for (path, word) in [
            ("/credentials", "genesys</a>"),
            ("/connections", "prod</a>"),
            ("/credentials", "href=\"/genesys\""),
            ("/credentials", "href=\"/users\""),
        ] {
            let shown = client.get(path).await.body;
            assert_eq!(shown.contains(word), listed, "{user}: {path}: {shown}");
        }
    }
}

#[tokio::test]
async fn the_simulation_link_redirects_to_its_admin_pages() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    let answer = ada.get("/genesys").await;
    let admin_pages = format!(
        "http://{}/admin/integrations/oauth",
        cloud.http_addr().unwrap()
    );
    let redirect = (answer.status, answer.header("location"));
    assert_eq!(redirect, (303, Some(admin_pages.as_str())));
}

#[tokio::test]
async fn the_first_user_is_an_administrator() {
    let room = ControlRoom::empty().await;
    let password = "correct horse & battery".into();
    let passwords = room.store.passwords();
    passwords
        .create_first_user(&name("ada"), &password)
        .await
        .unwrap();
    room.create_user("bob").await;
    let users = room.store.users();
    assert!(users.is_administrator(&name("ada")).await.unwrap());
    assert!(!users.is_administrator(&name("bob")).await.unwrap());
    let mut ada = room.signed_in("ada").await;
    assert!(ada.get("/credentials").await.body.contains("Create locker"));
    // Without a simulation, there is no link to it.
    assert_eq!(ada.get("/genesys").await.status, 404);
    // Losing the role takes effect at once.
    let role = name("administrator");
    users.revoke(&name("ada"), &role).await.unwrap();
    assert_eq!(ada.get("/connections/new").await.status, 404);
}

#[tokio::test]
async fn names_are_shown_as_they_were_typed_and_found_in_any_case() {
    let room = ControlRoom::start().await;
    room.grant("ada", "administrator").await;
    room.grant("ada", "bots").await;
    let mut ada = room.signed_in("ada").await;
    ada.get("/credentials").await;
    for (path, typed) in [
        ("/credentials", "Sales Bot"),
        ("/credentials/new?at=sales+bot", "Hello Bot"),
        (
            "/credentials/credential?at=sales+bot/hello+bot",
            "Client ID",
        ),
        ("/users/roles", "Sales Team"),
    ] {
        let answer = ada
            .post(path, &[("name", typed), ("credential", typed)])
            .await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    }
    let taken = ada.post("/credentials", &[("name", "SALES BOT")]).await;
    assert_eq!(taken.status, 422);
    let answer = ada.post("/credentials/roles?at=SALES+bot", &[("role", "BOTS")]);
    assert_eq!(answer.await.status, 303);
    for (path, heading) in [
        ("/credentials/locker?at=sales+bot", "Sales Bot"),
        (
            "/credentials/credential?at=sales+bot/hello+bot",
            "Hello Bot",
        ),
        (
            "/credentials/attribute?at=sales+bot/hello+bot/client+id",
            "Client ID",
        ),
        ("/users/role?at=sales+team", "Sales Team"),
    ] {
        let page = ada.get(path).await.body;
        let expected = format!("<h1>{heading}</h1>");
        assert!(page.contains(&expected), "{path}: {page}");
        assert!(!page.contains(&format!(">{}<", heading.to_lowercase())));
    }
    assert_eq!(
        ada.get("/vault/lockers").await.json(),
        serde_json::json!(["Sales Bot"])
    );
    let offered = ada.get("/vault/credentials?locker=sales+bot").await.json();
    assert_eq!(offered[0]["name"], "Hello Bot");
    assert_eq!(offered[0]["attributes"][0]["name"], "Client ID");

    // Only the capitals are changed.
    let settings = "/credentials/settings?at=sales+bot";
    let answer = ada.post(settings, &[("name", "SALES Bot")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = ada.get(settings).await.body;
    assert!(page.contains("value=\"SALES Bot\""), "{page}");
    let question = ada
        .get("/credentials/remove-locker?at=sales+bot")
        .await
        .body;
    assert!(question.contains("“SALES Bot”"), "{question}");
}

#[tokio::test]
async fn names_are_escaped_everywhere() {
    const EVIL: &str = "\"'><script>alert(1)<img src=x>";
    let (room, _cloud) = room_with_cloud().await;
    room.grant("ada", "administrator").await;
    let mut ada = room.signed_in("ada").await;
    let at = |path: &str| form_urlencoded::Serializer::new(format!("{path}?"));
    let forms = [
        (
            "/credentials".to_owned(),
            vec![("name", EVIL), ("description", EVIL)],
        ),
        (
            at("/credentials/new").append_pair("at", EVIL).finish(),
            vec![("credential", EVIL), ("attribute-1-name", EVIL)],
        ),
        (
            at("/credentials/credential")
                .append_pair("at", &format!("{EVIL}/{EVIL}"))
                .finish(),
            vec![("name", "other"), ("description", EVIL), ("kind", EVIL)],
        ),
        (
            "/connections/new".to_owned(),
            vec![
                ("name", EVIL),
                ("provider", "custom"),
                ("authorization-url", "https://example.com/a"),
                ("token-url", "https://example.com/t"),
                (
                    "issuer",
                    "https://example.com/\"'><script>alert(1)<img/src=x>",
                ),
                ("client-id", EVIL),
                ("client-secret", "x"),
                ("save-login", "on"),
            ],
        ),
        (
            "/users/new".to_owned(),
            vec![
                ("name", EVIL),
                ("password", "correct horse & battery"),
                ("again", "correct horse & battery"),
            ],
        ),
        ("/users/roles".to_owned(), vec![("name", EVIL)]),
    ];
    let mut bodies = Vec::new();
    for (path, fields) in &forms {
        ada.get("/bots").await;
        let path = path.replace("?&", "?");
        let answer = ada.post(&path, fields).await;
        assert!(
            matches!(answer.status, 303 | 422),
            "{path}: {}",
            answer.status
        );
        bodies.push((path.clone(), answer.body));
        // Again, now with a name that is taken.
        let answer = ada.post(&path, fields).await;
        bodies.push((path, answer.body));
    }
    let evil: String = form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for path in [
        "/credentials".into(),
        format!("/credentials?search={evil}"),
        format!("/credentials/locker?at={evil}&search={evil}"),
        format!("/credentials/settings?at={evil}"),
        format!("/credentials/remove-locker?at={evil}"),
        format!("/credentials/credential?at={evil}/{evil}"),
        format!("/credentials/attribute?at={evil}/{evil}/{evil}"),
        format!("/credentials/remove-attribute?at={evil}/{evil}/{evil}"),
        format!("/credentials/uses?locker={evil}&user={evil}&bot={evil}"),
        "/connections".into(),
        format!("/connections?search={evil}"),
        format!("/connections/connection?at={evil}"),
        format!("/connections/edit?at={evil}"),
        format!("/connections/remove?at={evil}"),
        "/users".into(),
        format!("/users?search={evil}&role={evil}"),
        format!("/users/user?at={evil}"),
        format!("/users/remove?at={evil}"),
        "/users/roles".into(),
        format!("/users/role?at={evil}&search={evil}"),
        format!("/users/remove-role?at={evil}"),
    ] {
        let answer = ada.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        bodies.push((path, answer.body));
    }
    for (path, body) in bodies {
        assert!(!body.contains("<script>alert"), "{path}: {body}");
        assert!(!body.contains("<img"), "{path}: {body}");
        assert!(!body.contains("\"'>"), "{path}: {body}");
        // Pages must have no inline scripts or styles, which their policy would block.
        for within in ["<style", " style=\"", "<script>", " onclick="] {
            assert!(!body.contains(within), "{path} has {within}: {body}");
        }
    }
}

#[tokio::test]
async fn a_thousand_credentials_are_searched_and_paged() {
    let (room, _cloud) = room_with_cloud().await;
    let vault = room.store.vault();
    for index in 0..1000 {
        let path = format!("genesys/credential-{index:04}").parse().unwrap();
        vault
            .create_credential(&path, &Default::default())
            .await
            .unwrap();
    }
    let mut ada = room.signed_in("ada").await;
    for (path, has) in [
        ("/credentials", "1001"),
        ("/credentials/locker?at=genesys", "1 to 50 of 1001"),
        (
            "/credentials/locker?at=genesys&page=21",
            "1001 to 1001 of 1001",
        ),
        (
            "/credentials/locker?at=genesys&page=4000000000",
            "1001 to 1001 of 1001",
        ),
        (
            "/credentials/locker?at=genesys&search=L-04",
            "1 to 50 of 100",
        ),
        ("/credentials/locker?at=genesys&search=0424", "1 in all"),
    ] {
        let answer = ada.get(path).await;
        assert!(answer.body.contains(has), "{path}: {}", answer.body);
        assert!(answer.body.len() < 100_000, "{path}: {}", answer.body.len());
    }
}

#[tokio::test]
async fn check_boxes_are_saved_atomically() {
    let (room, _cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    let vault = room.store.vault();
    for (form, settings, field, right, wrong) in [
        (
            "/credentials/roles?at=genesys",
            "/credentials/settings?at=genesys",
            "role",
            ["administrator", "bots"],
            ["bots", "gone"],
        ),
        (
            "/credentials/owners?at=genesys",
            "/credentials/settings?at=genesys",
            "owner",
            ["ada", "bob"],
            ["ada", "gone"],
        ),
        (
            "/connections/roles?at=prod",
            "/connections/connection?at=prod",
            "role",
            ["administrator", "bots"],
            ["bots", "gone"],
        ),
    ] {
        let ticked = |page: &str, name: &str| {
            page.contains(&format!("name=\"{field}\" value=\"{name}\" checked"))
        };
        ada.get(settings).await;
        let saved = ada.post(form, &right.map(|name| (field, name))).await;
        assert_eq!(saved.status, 303, "{form}: {}", saved.body);
        let shown = ada.get(saved.header("location").unwrap()).await.body;
        assert!(shown.contains("role=\"status\">Saved.<"), "{form}: {shown}");
        assert!(right.iter().all(|name| ticked(&shown, name)), "{shown}");
        // One of the names no longer exists.
        let refused = ada.post(form, &wrong.map(|name| (field, name))).await;
        assert_eq!(refused.status, 404, "{form}");
        let shown = ada.get(settings).await.body;
        assert!(right.iter().all(|name| ticked(&shown, name)), "{shown}");
        let twice = ada.post(form, &[(field, right[0]); 2]).await;
        assert_eq!(twice.status, 303, "{form}: {}", twice.body);
        let shown = ada.get(settings).await.body;
        assert!(
            ticked(&shown, right[0]) && !ticked(&shown, right[1]),
            "{shown}"
        );
    }
    let locker = &vault.lockers().await.unwrap()[0];
    assert_eq!((locker.roles.len(), locker.owners.len()), (1, 1));
}
