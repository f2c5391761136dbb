//! What all pages of credentials, connections and the simulation keep to.

use std::sync::Arc;

use host_test::control_room::vault::Actor;
use host_test::genesys::{self, GenesysCloud, OAuthClient, Region};

use crate::client::{ControlRoom, name};

/// Pages for administrators.
const MANAGED: [&str; 15] = [
    "/credentials/settings?at=genesys",
    "/credentials/remove-locker?at=genesys",
    "/credentials/remove-credential?at=genesys/hello",
    "/credentials/remove-attribute?at=genesys/hello/secret",
    "/connections/new",
    "/connections/edit?at=prod",
    "/connections/remove?at=prod",
    "/genesys",
    "/genesys/new",
    "/genesys/client?id=client",
    "/genesys/remove?id=client",
    "/genesys/people",
    // Those of a locker and a connection that others do not see.
    "/credentials/locker?at=genesys",
    "/credentials/credential?at=genesys/hello",
    "/connections/connection?at=prod",
];

/// Forms for administrators.
const FORMS: [(&str, &[(&str, &str)]); 20] = [
    ("/credentials", &[("name", "x")]),
    ("/credentials/locker?at=genesys", &[("name", "x")]),
    ("/credentials/settings?at=genesys", &[("name", "x")]),
    ("/credentials/roles?at=genesys", &[("role", "bots")]),
    ("/credentials/owners?at=genesys", &[("owner", "bob")]),
    ("/credentials/remove-locker?at=genesys", &[]),
    ("/credentials/credential?at=genesys/hello", &[("name", "x")]),
    ("/credentials/remove-credential?at=genesys/hello", &[]),
    ("/credentials/attribute?at=genesys/hello/secret", &[]),
    ("/credentials/remove-attribute?at=genesys/hello/secret", &[]),
    (
        "/credentials/value?at=genesys/hello/secret",
        &[("kind", "standard"), ("value", "x")],
    ),
    ("/connections/new", &[("name", "x")]),
    ("/connections/edit?at=prod", &[("name", "x")]),
    ("/connections/roles?at=prod", &[("role", "bots")]),
    ("/connections/test?at=prod", &[("whose", "shared")]),
    ("/connections/sign-in?at=prod", &[("whose", "shared")]),
    ("/connections/paste?at=prod", &[("callback", "x")]),
    ("/connections/remove?at=prod", &[]),
    ("/genesys/people", &[("username", "x")]),
    ("/genesys/client?id=client", &[("change", "disable")]),
];

/// `ada` is an administrator, `bob` is not, and there is one of each thing.
pub(crate) async fn furnished() -> (ControlRoom, Arc<GenesysCloud>) {
    let cloud = GenesysCloud::start(genesys::Options {
        http: Some(([127, 0, 0, 1], 0).into()),
        ..genesys::Options::default()
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
        room.let_in(user).await;
    }
    room.grant("ada", "administrator").await;
    let users = room.store.users();
    users.create_role(&name("bots")).await.unwrap();
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
        .set_value(&secret, &Actor::Administrator, &value)
        .await
        .unwrap();
    let mut ada = room.signed_in("ada").await;
    ada.get("/connections/new").await;
    let fields = [
        ("name", "prod"),
        ("environment", "mypurecloud.de"),
        ("grant", "client-credentials"),
        ("client-id", "client"),
        ("client-secret", "canary-of-genesys"),
    ];
    let answer = ada.post("/connections/new", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    (room, cloud)
}

#[tokio::test]
async fn what_an_administrator_manages_is_not_there_for_others() {
    let (room, cloud) = furnished().await;
    let mut ada = room.signed_in("ada").await;
    let mut bob = room.signed_in("bob").await;
    for path in MANAGED {
        assert_eq!(ada.get(path).await.status, 200, "{path}");
        let answer = bob.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    for (path, fields) in FORMS {
        bob.get("/bots").await;
        let answer = bob.post(path, fields).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    for path in ["/credentials", "/connections"] {
        let shown = bob.get(path).await.body;
        for word in ["genesys<", "prod<", "href=\"/genesys"] {
            assert!(!shown.contains(word), "{path} has {word}: {shown}");
        }
    }
    assert_eq!(cloud.clients().len(), 1);
    assert!(cloud.clients()[0].enabled);
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_gets_there() {
    let (room, _cloud) = furnished().await;
    let mut nobody = room.visitor();
    let others = [
        "/credentials",
        "/connections",
        "/credentials/uses",
        "/connections/sign-in/outcome",
    ];
    for path in MANAGED.iter().chain(&others) {
        let answer = nobody.get(path).await;
        let leads_to = (answer.status, answer.header("location"));
        assert_eq!(leads_to, (303, Some("/sign-in")), "{path}");
    }
    nobody.get("/sign-in").await;
    for (path, fields) in FORMS {
        assert_eq!(nobody.post(path, fields).await.status, 303, "{path}");
    }
    assert!(room.store.vault().lockers().await.unwrap().len() == 1);
}

#[tokio::test]
async fn no_form_is_taken_without_its_token_or_from_another_site() {
    let (room, cloud) = furnished().await;
    let mut ada = room.signed_in("ada").await;
    for (path, fields) in FORMS {
        ada.form_token = "x".repeat(43);
        let answer = ada.post(path, fields).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
    }
    ada.get("/bots").await;
    ada.with("origin", "https://example.com");
    for (path, fields) in FORMS {
        assert_eq!(ada.post(path, fields).await.status, 403, "{path}");
    }
    assert_eq!(cloud.users().len(), 0);
    assert_eq!(room.store.vault().lockers().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_first_user_is_an_administrator() {
    let room = ControlRoom::empty().await;
    let password = "correct horse & battery".into();
    let passwords = room.store.passwords();
    passwords
        .make_first_user(&name("ada"), &password)
        .await
        .unwrap();
    room.let_in("bob").await;
    let users = room.store.users();
    assert!(users.is_administrator(&name("ada")).await.unwrap());
    assert!(!users.is_administrator(&name("bob")).await.unwrap());
    let mut ada = room.signed_in("ada").await;
    assert!(ada.get("/credentials").await.body.contains("Create locker"));
    // Where no simulation runs, there is none to manage.
    assert_eq!(ada.get("/genesys").await.status, 404);
    // Who is not one any longer is told so at once.
    let role = name("administrator");
    users.revoke(&name("ada"), &role).await.unwrap();
    assert_eq!(ada.get("/connections/new").await.status, 404);
}

#[tokio::test]
async fn names_of_all_kinds_are_text() {
    const EVIL: &str = "\"'><script>alert(1)<img src=x>";
    let (room, cloud) = furnished().await;
    room.grant("ada", "administrator").await;
    let mut ada = room.signed_in("ada").await;
    let at = |path: &str| form_urlencoded::Serializer::new(format!("{path}?"));
    let forms = [
        (
            "/credentials".to_owned(),
            vec![("name", EVIL), ("description", EVIL)],
        ),
        (
            at("/credentials/locker").append_pair("at", EVIL).finish(),
            vec![("name", EVIL), ("description", EVIL)],
        ),
        (
            at("/credentials/credential")
                .append_pair("at", &format!("{EVIL}/{EVIL}"))
                .finish(),
            vec![("name", EVIL), ("description", EVIL), ("kind", EVIL)],
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
            "/genesys/new".to_owned(),
            vec![
                ("app-name", EVIL),
                ("duration", EVIL),
                ("redirect-uris", "</textarea><script>alert(1)<img src=x>"),
                ("region", "mypurecloud.de"),
                ("code", "on"),
            ],
        ),
        ("/genesys/people".to_owned(), vec![("username", EVIL)]),
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
        // The same again, with what is there already or wrong.
        let answer = ada.post(&path, fields).await;
        bodies.push((path, answer.body));
    }
    let client = OAuthClient {
        id: EVIL.into(),
        ..OAuthClient::new(EVIL, Region::ALL[0])
    };
    cloud.add_client(client).unwrap();
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
        "/genesys".into(),
        format!("/genesys/client?id={evil}"),
        format!("/genesys/remove?id={evil}"),
    ] {
        let answer = ada.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        bodies.push((path, answer.body));
    }
    for (path, body) in bodies {
        assert!(!body.contains("<script>alert"), "{path}: {body}");
        assert!(!body.contains("<img"), "{path}: {body}");
        assert!(!body.contains("\"'>"), "{path}: {body}");
        // Nor is anything of the pages' own within, which their policy would not let run.
        for within in ["<style", " style=\"", "<script>", " onclick="] {
            assert!(!body.contains(within), "{path} has {within}: {body}");
        }
    }
}

#[tokio::test]
async fn five_thousand_credentials_are_searched_and_paged() {
    let (room, _cloud) = furnished().await;
    let vault = room.store.vault();
    for index in 0..5000 {
        let path = format!("genesys/credential-{index:04}").parse().unwrap();
        vault
            .create_credential(&path, &Default::default())
            .await
            .unwrap();
    }
    let mut ada = room.signed_in("ada").await;
    for (path, has) in [
        ("/credentials", "5001"),
        ("/credentials/locker?at=genesys", "1 to 50 of 5001"),
        (
            "/credentials/locker?at=genesys&page=101",
            "5001 to 5001 of 5001",
        ),
        (
            "/credentials/locker?at=genesys&page=4000000000",
            "5001 to 5001 of 5001",
        ),
        (
            "/credentials/locker?at=genesys&search=L-42",
            "1 to 50 of 100",
        ),
        ("/credentials/locker?at=genesys&search=4242", "1 in all"),
    ] {
        let answer = ada.get(path).await;
        assert!(answer.body.contains(has), "{path}: {}", answer.body);
        assert!(answer.body.len() < 100_000, "{path}: {}", answer.body.len());
    }
}
