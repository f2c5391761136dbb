//! OAuth connections: creation, sign-in, tests, and permissions.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use control_room::audit::Outcome;
use control_room::audit_events::{Action, EventFilter};
use egress::{AllowList, Options, Proxies, ProxySettings};
use genesys_sim::{GenesysCloud, OAuthClient, Region, User};
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use crate::client::{Answer, Client, ControlRoom, engine, name};
use crate::log::Log;
use crate::managing::room_with_cloud;

const USERNAME: &str = "jane@example.com";
const PASSWORD: &str = "correct horse & battery";
const SECRET: &str = "canary-of-the-client";

/// A connection with sign-in for the role `bots`, which `bob` has.
pub(crate) async fn with_code(room: &ControlRoom, cloud: &GenesysCloud) -> Client {
    cloud
        .add_user(User::new(USERNAME, PASSWORD.into()))
        .unwrap();
    let mut ada = room.signed_in("ada").await;
    let page = ada.get("/connections/new").await.body;
    let callback_url = value_of(&page, "callback-url");
    let client = OAuthClient {
        id: "code".into(),
        secret: SECRET.into(),
        ..OAuthClient::new("Code", Region::with_domain("mypurecloud.de").unwrap())
    };
    cloud
        .add_client(client.with_redirect_uri(callback_url))
        .unwrap();
    ada.create_connection(&[
        ("name", "code"),
        ("environment", "https://apps.mypurecloud.de"),
        ("grant", "code-pkce"),
        ("client-id", "code"),
        ("client-secret", SECRET),
        ("save-login", "on"),
    ])
    .await;
    room.grant("bob", "bots").await;
    let roles = "/connections/roles?at=code";
    ada.get("/connections/connection?at=code").await;
    assert_eq!(ada.post(roles, &[("role", "bots")]).await.status, 303);
    ada
}

/// The value of the field with an id.
fn value_of(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap();
    let (_, value) = rest.split_once("value=\"").unwrap();
    value.split('"').next().unwrap().replace("&amp;", "&")
}

/// Begins a sign-in and signs in on the provider's page. Returns the callback that the browser is redirected to.
pub(crate) async fn sign_in(client: &mut Client, cloud: &GenesysCloud, whose: &str) -> String {
    choose(client, cloud, whose, "sign-in").await
}

async fn choose(client: &mut Client, cloud: &GenesysCloud, whose: &str, choice: &str) -> String {
    client.get("/connections/connection?at=code").await;
    let begun = client
        .post("/connections/sign-in?at=code", &[("whose", whose)])
        .await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let page = client.get("/connections/sign-in?at=code").await.body;
    let (_, link) = page
        .split_once("id=\"open\" href=\"")
        .unwrap_or_else(|| panic!("{page}"));
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    // The simulation's own address replaces Genesys' host names.
    let address = cloud.http_addr().unwrap();
    let path = link.strip_prefix(&format!("http://{address}")).unwrap();
    let mut browser = Client::at(address);
    let form = browser.get(path).await.body;
    let (_, token) = form.split_once("name=\"sign-in\" value=\"").unwrap();
    let token = token.split('"').next().unwrap();
    let fields = [
        ("sign-in", token),
        ("username", USERNAME),
        ("password", PASSWORD),
        ("choice", choice),
    ];
    let answer = browser.post("/oauth/sign-in", &fields).await;
    answer.header("location").unwrap().to_owned()
}

/// Requests the callback, as the browser does. Returns the path at the Control Room where it goes on.
pub(crate) async fn follow(room: &ControlRoom, callback: &str) -> String {
    let rest = callback.strip_prefix("http://").unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    let mut browser = Client::at(address.parse().unwrap());
    let answer = browser.get(&format!("/{path}")).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let there = answer.header("location").unwrap();
    let base = format!("http://{}/", room.pages.address());
    format!("/{}", there.strip_prefix(&base).expect(there))
}

/// Requests the callback and confirms, in the browser of `client`. Returns the page that asks.
pub(crate) async fn finish(client: &mut Client, room: &ControlRoom, callback: &str) -> Answer {
    let page = follow(room, callback).await;
    let question = client.get(&page).await;
    assert_eq!(question.status, 200, "{}", question.body);
    let answer = client.post(&page, &[("store", "yes")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    question
}

#[tokio::test]
async fn an_administrator_signs_in_for_the_shared_token_and_sees_the_outcome() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let shown = ada.get("/connections").await.body;
    assert!(shown.contains("Not signed in"), "{shown}");
    let callback = sign_in(&mut ada, &cloud, "shared").await;
    let page = follow(&room, &callback).await;
    let shown = ada.get("/connections/sign-in?at=code").await.body;
    assert!(shown.contains("Waiting for you"), "{shown}");
    let shown = ada.get(&page).await.body;
    assert!(shown.contains("Finish the sign-in to “code”?"), "{shown}");
    let text = "You are ada. The token will be stored for all users";
    assert!(shown.contains(text), "{shown}");
    let shown = ada.get("/connections").await.body;
    assert!(shown.contains("Not signed in"), "{shown}");
    let stored = ada.post(&page, &[("store", "yes")]).await;
    let at = Some("/connections/sign-in?at=code");
    assert_eq!((stored.status, stored.header("location")), (303, at));
    let over = ada.get("/connections/sign-in/outcome").await;
    assert_eq!(over.json(), serde_json::json!({ "over": true }));
    // The browser requests the callback once more.
    assert_eq!(follow(&room, &callback).await, page);
    assert_eq!(ada.get(&page).await.header("location"), at);
    let shown = ada.get("/connections/sign-in?at=code").await.body;
    assert!(shown.contains("Signed in to"), "{shown}");
    assert!(shown.contains("The token is that of "), "{shown}");
    let shown = ada.get("/connections/connection?at=code").await.body;
    assert!(shown.contains("refreshed automatically"), "{shown}");
    let tested = ada
        .post("/connections/test?at=code", &[("whose", "shared")])
        .await;
    assert_eq!(tested.status, 200);
    assert!(tested.body.contains("got a new token"), "{}", tested.body);
    // For a disabled client, the page says what to do, in the user's language.
    cloud.disable_client("code");
    ada.with("accept-language", "de");
    ada.get("/connections/connection?at=code").await;
    let tested = ada
        .post("/connections/test?at=code", &[("whose", "shared")])
        .await;
    assert_eq!(tested.status, 422);
    for text in [
        "Die Verbindung hat kein Token bekommen",
        "Der Anbieter hat abgelehnt: login.mypurecloud.de antwortete mit „",
        "Correlation-ID",
    ] {
        assert!(tested.body.contains(text), "{text}: {}", tested.body);
    }
}

#[tokio::test]
async fn users_can_paste_the_callback_of_their_own_sign_in_only() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    // Another user's sign-in is waiting for its callback.
    sign_in(&mut ada, &cloud, "shared").await;
    let mut bob = room.signed_in("bob").await;
    for path in ["/connections/sign-in?at=code", "/connections/test?at=code"] {
        bob.get("/connections/connection?at=code").await;
        assert_eq!(
            bob.post(path, &[("whose", "shared")]).await.status,
            404,
            "{path}"
        );
    }
    let callback = sign_in(&mut bob, &cloud, "own").await;
    for (pasted, reason) in [
        ("nonsense", "not the address"),
        (&callback.replace("state=", "state=x"), "another sign-in"),
    ] {
        let answer = bob
            .post("/connections/paste?at=code", &[("callback", pasted)])
            .await;
        assert_eq!(answer.status, 422, "{pasted}");
        assert!(answer.body.contains(reason), "{}", answer.body);
        assert!(!answer.body.contains("code="), "{}", answer.body);
    }
    let answer = bob
        .post("/connections/paste?at=code", &[("callback", &callback)])
        .await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let shown = bob.get("/connections/sign-in?at=code").await.body;
    assert!(shown.contains("for you alone"), "{shown}");
    let shown = bob.get("/connections/connection?at=code").await.body;
    assert!(shown.contains("Signed in"), "{shown}");
    // The client and the sign-ins of others are not shown to a user.
    assert!(
        !shown.contains("Callback URL") && !shown.contains("Edit"),
        "{shown}"
    );
    let shown = ada.get("/connections/connection?at=code").await.body;
    assert!(shown.contains("have signed in for themselves"), "{shown}");
    // Ada's sign-in is still waiting, on her own page.
    let shown = ada.get("/connections/sign-in?at=code").await.body;
    assert!(shown.contains("Waiting for you"), "{shown}");
}

/// Whichever of them is handled first, and whether or not the page shows that the other was useless.
#[tokio::test]
async fn a_refusal_is_shown_whatever_is_pasted_when_it_arrives() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    for round in 0..12 {
        let callback = choose(&mut ada, &cloud, "shared", "refuse").await;
        // A browser leaves connections half-open.
        let address = callback.split('/').nth(2).unwrap();
        let mut half = TcpStream::connect(address).unwrap();
        half.write_all(b"GET /favicon.ico HTTP/1.1\r\n").unwrap();
        let useless = [
            "nonsense".to_owned(),
            callback.replace("state=", "state=x"),
            callback.replace("error=", "code=c&error="),
            "https://example.com/".to_owned(),
        ];
        let fields = [("callback", useless[round % useless.len()].as_str())];
        let paste = ada.post("/connections/paste?at=code", &fields);
        let (_, pasted) = tokio::join!(follow(&room, &callback), paste);
        assert!([422, 303].contains(&pasted.status), "{}", pasted.body);
        let over = ada.get("/connections/sign-in/outcome").await;
        assert_eq!(over.json(), serde_json::json!({ "over": true }));
        let shown = ada.get("/connections/sign-in?at=code").await.body;
        assert!(shown.contains("was refused on the provider"), "{shown}");
        assert!(shown.contains("access_denied"), "{shown}");
    }
    // Each is recorded, whether or not a request of the user ended it.
    let filter = EventFilter {
        actor: None,
        action: Some(Action::ConnectionSignIn),
    };
    let events = room.store.audit().events(&filter, None, 20).await.unwrap();
    assert_eq!(events.len(), 12);
    for event in events {
        let shown = (event.subject.as_str(), event.outcome);
        assert_eq!(shown, ("code: shared", Outcome::Refused));
    }
}

/// Requests for the end of a user's sign-in, at the same time.
fn polls(room: &ControlRoom, user: &Client, count: usize) -> JoinSet<Answer> {
    let mut polls = JoinSet::new();
    for _ in 0..count {
        let mut poll = room.client();
        poll.cookies.clone_from(&user.cookies);
        polls.spawn(async move { poll.get("/connections/sign-in/outcome").await });
    }
    polls
}

/// Otherwise a user could take all connections of an address.
#[tokio::test]
async fn only_some_requests_wait_for_the_end_of_a_sign_in() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let callback = choose(&mut ada, &cloud, "shared", "refuse").await;
    let mut polls = polls(&room, &ada, 40);
    for _ in 0..24 {
        assert_eq!(polls.join_next().await.unwrap().unwrap().status, 503);
    }
    follow(&room, &callback).await;
    while let Some(waited) = polls.join_next().await {
        assert_eq!(waited.unwrap().json(), serde_json::json!({ "over": true }));
    }
}

#[tokio::test]
async fn requests_that_wait_for_the_end_of_a_sign_in_are_answered_at_a_shutdown() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    choose(&mut ada, &cloud, "shared", "refuse").await;
    let mut polls = polls(&room, &ada, 17);
    // One is too many, so the others wait.
    assert_eq!(polls.join_next().await.unwrap().unwrap().status, 503);
    room.pages.shutdown().await;
    for answer in polls.join_all().await {
        assert_eq!(answer.status, 503);
    }
}

#[tokio::test]
async fn a_sign_in_that_cannot_begin_is_recorded() {
    let engine = engine(Options::new(AllowList::default()));
    let settings = ProxySettings {
        https: Some("http://bob:can@ry@127.0.0.1:1".into()),
        ..ProxySettings::default()
    };
    let network = Options {
        proxies: Proxies::Explicit(settings),
        ..Options::new(AllowList::default())
    };
    let room = ControlRoom::serve(engine, network, None).await;
    room.create_user("ada").await;
    room.grant("ada", "administrator").await;
    let mut ada = room.signed_in("ada").await;
    ada.create_connection(&[
        ("name", "code"),
        ("environment", "mypurecloud.de"),
        ("grant", "code-pkce"),
        ("client-id", "code"),
        ("save-login", "on"),
    ])
    .await;
    let refused = ada
        .post("/connections/sign-in?at=code", &[("whose", "shared")])
        .await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let reason = "HTTPS_PROXY is not a valid proxy setting";
    assert!(refused.body.contains(reason), "{}", refused.body);
    assert!(!refused.body.contains("can@ry"), "{}", refused.body);
    let filter = EventFilter {
        actor: Some(name("ada")),
        action: Some(Action::ConnectionSignIn),
    };
    let events = room.store.audit().events(&filter, None, 9).await.unwrap();
    let events: Vec<_> = events
        .iter()
        .map(|it| (it.subject.as_str(), it.outcome))
        .collect();
    assert_eq!(events, [("code: shared", Outcome::Refused)]);
}

/// Otherwise a user could hide a sign-in by beginning others.
#[tokio::test]
async fn a_sign_in_that_newer_ones_displace_is_recorded() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    for _ in 0..9 {
        let fields = [("whose", "shared")];
        let begun = ada.post("/connections/sign-in?at=code", &fields).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
    }
    let filter = EventFilter {
        actor: None,
        action: Some(Action::ConnectionSignIn),
    };
    let recorded = timeout(Duration::from_mins(1), async {
        loop {
            let events = room.store.audit().events(&filter, None, 20).await.unwrap();
            if !events.is_empty() {
                return events;
            }
            yield_now().await;
        }
    });
    let [event] = &recorded.await.unwrap()[..] else {
        panic!("only the oldest one was displaced");
    };
    assert_eq!(event.outcome, Outcome::Refused);
}

/// Otherwise one user could send another the link of the provider's page, and get their token.
#[tokio::test]
async fn a_sign_in_goes_on_only_in_the_browser_session_that_began() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let mut bob = room.signed_in("bob").await;
    let callback = sign_in(&mut bob, &cloud, "own").await;
    let page = follow(&room, &callback).await;
    let mut nobody = room.client();
    nobody.get("/sign-in").await;
    let mut bob_elsewhere = room.signed_in("bob").await;
    for client in [&mut ada, &mut bob_elsewhere] {
        client.get("/bots").await;
        for answer in [
            client.get(&page).await,
            client.post(&page, &[("store", "yes")]).await,
        ] {
            assert_eq!(answer.status, 403, "{}", answer.body);
            assert!(answer.body.contains("started elsewhere"), "{}", answer.body);
            assert!(!answer.body.contains("bob alone"), "{}", answer.body);
        }
    }
    assert_eq!(nobody.get(&page).await.status, 403);
    // A browser that keeps back its cookie without saying so is asked to go on, and not given another one.
    let mut silent = room.client();
    let answer = silent.get(&page).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    assert!(
        answer.body.contains("Go on to the Control Room"),
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("bob"), "{}", answer.body);
    nobody.get("/sign-in").await;
    let answer = nobody.post(&page, &[("store", "yes")]).await;
    assert_eq!(answer.header("location"), Some("/sign-in"));
    let shown = bob.get("/connections/connection?at=code").await.body;
    assert!(shown.contains("Not signed in"), "{shown}");
    let question = bob.get(&page).await.body;
    assert!(question.contains("stored for bob alone"), "{question}");
    let discarded = bob.post(&page, &[("store", "no")]).await;
    assert_eq!(discarded.status, 303);
    let shown = bob.get("/connections/sign-in?at=code").await.body;
    assert!(shown.contains("nothing was stored"), "{shown}");
    // A discarded one stays so.
    bob.post(&page, &[("store", "yes")]).await;
    let shown = bob.get("/connections/connection?at=code").await.body;
    assert!(shown.contains("Not signed in"), "{shown}");
}

/// The user who began waits for somebody else to sign in, and knows the state.
#[tokio::test]
async fn the_user_who_began_cannot_use_a_callback_of_another_browser() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let callback = sign_in(&mut ada, &cloud, "shared").await;
    // The victim's browser brings the callback.
    let page = follow(&room, &callback).await;
    let (without_ticket, _) = page.split_once("&ticket=").unwrap();
    let (before, rest) = callback.split_once("code=").unwrap();
    let (_, after) = rest.split_once('&').unwrap();
    let forged = follow(&room, &format!("{before}code=other&{after}")).await;
    assert_ne!(forged, page);
    assert!(forged.starts_with(without_ticket), "{forged}");
    for path in [
        without_ticket,
        &format!("{without_ticket}&ticket="),
        &forged,
    ] {
        ada.get("/bots").await;
        for answer in [
            ada.get(path).await,
            ada.post(path, &[("store", "yes")]).await,
        ] {
            assert_eq!(answer.status, 403, "{path}: {}", answer.body);
        }
    }
    // Nor is the ticket in any page of the user who began.
    let shown = ada.get("/connections/sign-in?at=code").await.body;
    assert!(
        !shown.contains("ticket") && shown.contains("Waiting for you"),
        "{shown}"
    );
    let shown = ada.get("/connections/connection?at=code").await.body;
    assert!(shown.contains("Not signed in"), "{shown}");
}

#[tokio::test]
async fn of_two_users_who_sign_in_at_once_each_gets_their_own_token() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let mut bob = room.signed_in("bob").await;
    let first = sign_in(&mut ada, &cloud, "shared").await;
    let second = sign_in(&mut bob, &cloud, "own").await;
    for (client, callback, whose) in [
        (&mut bob, &second, "bob alone"),
        (&mut ada, &first, "all users of the connection"),
    ] {
        let question = finish(client, &room, callback).await.body;
        assert!(question.contains(whose), "{question}");
        let shown = client.get("/connections/sign-in?at=code").await.body;
        assert!(shown.contains("Signed in to"), "{shown}");
        assert!(shown.contains("The token is that of "), "{shown}");
    }
}

#[tokio::test]
async fn a_replaced_sign_in_leads_to_the_page_that_was_opened_last() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let first = sign_in(&mut ada, &cloud, "shared").await;
    ada.get("/connections/connection?at=code").await;
    let again = "/connections/sign-in?at=code";
    let second = ada.post(again, &[("whose", "shared")]).await;
    let page = follow(&room, &first).await;
    let answer = ada.get(&page).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("opened last"), "{}", answer.body);
    let answer = ada.post(&page, &[("store", "yes")]).await;
    assert_eq!(answer.status, 422);
    let shown = ada.get("/connections/connection?at=code").await.body;
    assert!(shown.contains("Not signed in"), "{shown}");
    // The new one is still waiting.
    assert_eq!(second.status, 303);
    let shown = ada.get("/connections/sign-in?at=code").await.body;
    assert!(shown.contains("Waiting for you"), "{shown}");
}

#[tokio::test]
async fn save_and_test_begins_a_sign_in_only_if_one_is_needed() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let fields = [
        ("name", "code"),
        ("environment", "mypurecloud.de"),
        ("grant", "code"),
        ("client-id", "code"),
        ("client-secret", ""),
        ("save-login", "on"),
        ("then", "test"),
    ];
    ada.get("/connections/edit?at=code").await;
    let answer = ada.post("/connections/edit?at=code", &fields).await;
    let at = answer.header("location").unwrap();
    assert_eq!(at, "/connections/sign-in?at=code&done=saved");
    let page = ada.get(at).await.body;
    assert!(page.contains("A test needs a token"), "{page}");
    ada.get("/connections/edit?at=prod").await;
    let fields = [
        ("name", "prod"),
        ("environment", "mypurecloud.de"),
        ("grant", "client-credentials"),
        ("client-id", "client"),
        ("client-secret", ""),
        ("then", "test"),
    ];
    let answer = ada.post("/connections/edit?at=prod", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("got a new token"), "{}", answer.body);
}

/// Otherwise its page is needed: the callback is pasted there.
#[tokio::test]
async fn a_sign_in_from_the_editor_goes_on_at_the_provider_if_the_callback_can_arrive() {
    for (then, port_is_free, expected) in [
        ("open", true, true),
        ("open", false, false),
        ("", true, false),
    ] {
        let (room, cloud) = room_with_cloud().await;
        let mut ada = with_code(&room, &cloud).await;
        let callback_url = value_of(&ada.get("/connections/new").await.body, "callback-url");
        let address = callback_url.split('/').nth(2).unwrap();
        let _taken = (!port_is_free).then(|| TcpListener::bind(address).unwrap());
        ada.get("/connections/connection?at=code").await;
        let fields = [("whose", "shared"), ("then", then)];
        let begun = ada.post("/connections/sign-in?at=code", &fields).await;
        let page = ada.get(begun.header("location").unwrap()).await.body;
        assert!(page.contains("id=\"open\""), "{page}");
        assert_eq!(
            page.contains("data-follow"),
            expected,
            "{then} {port_is_free}"
        );
    }
}

#[tokio::test]
async fn errors_are_shown_at_their_fields_and_the_secret_is_not_sent_back() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let right = [
        ("name", "new"),
        ("environment", "mypurecloud.de"),
        ("grant", "code"),
        ("client-id", "x"),
        ("client-secret", SECRET),
        ("provider", "genesys"),
        ("authorization-url", "https://example.com/authorize"),
        ("token-url", "https://example.com/token"),
    ];
    for (field, typed, id) in [
        ("name", "", "name"),
        ("name", "code", "name"),
        ("environment", "example.com", "environment"),
        ("client-id", " ", "client-id"),
        ("client-secret", " ", "client-secret"),
        ("scopes", "\u{e4}", "scopes"),
        ("token-url", "http://example.com/token", "token-url"),
        (
            "authorization-url",
            "https://example.com/?state=x",
            "authorization-url",
        ),
    ] {
        let custom = field.ends_with("-url");
        let mut fields: Vec<(&str, &str)> = right
            .into_iter()
            .filter(|(name, _)| *name != field && (*name != "provider" || !custom))
            .collect();
        fields.push((field, typed));
        if custom {
            fields.push(("provider", "custom"));
        }
        ada.get("/connections/new").await;
        let answer = ada.post("/connections/new", &fields).await;
        assert_eq!(answer.status, 422, "{field}: {typed}");
        let error = format!("id=\"{id}-error\"");
        assert!(answer.body.contains(&error), "{field}: {}", answer.body);
        assert!(!answer.body.contains("canary"), "{field}: {}", answer.body);
    }
    // A stored secret is not sent to another host.
    ada.get("/connections/edit?at=code").await;
    let fields = [
        ("name", "code"),
        ("environment", "mypurecloud.ie"),
        ("grant", "code"),
        ("client-id", "code"),
        ("client-secret", ""),
    ];
    let answer = ada.post("/connections/edit?at=code", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.body.contains("belongs to another token host"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn pages_do_not_contain_client_secrets_or_tokens() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let callback = sign_in(&mut ada, &cloud, "shared").await;
    finish(&mut ada, &room, &callback).await;
    ada.get("/connections/sign-in/outcome").await;
    let token = room
        .store
        .connections(egress::Options::new(Default::default()))
        .token(
            &name("code"),
            &name("bob"),
            control_room::TokenOwner::Shared,
        )
        .await
        .unwrap();
    let token = secrecy::ExposeSecret::expose_secret(&token.access_token).to_owned();
    for path in [
        "/connections",
        "/connections/connection?at=code",
        "/connections/edit?at=code",
        "/connections/sign-in?at=code",
        "/connections/remove?at=code",
    ] {
        let body = ada.get(path).await.body;
        assert!(
            !body.contains("canary") && !body.contains(&token),
            "{path}: {body}"
        );
    }
}

#[tokio::test]
async fn secrets_are_not_logged() {
    let log = Log::default();
    // For this thread only, which runs the whole runtime.
    let _guard = tracing::subscriber::set_default(log.subscriber());
    tracing::info!("the log is written");
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    let value = [("kind", "standard"), ("value", "canary-of-the-form")];
    let set = ada
        .post("/credentials/value?at=genesys/hello/secret", &value)
        .await;
    assert_eq!(set.status, 303);
    let callback = sign_in(&mut ada, &cloud, "shared").await;
    let wrong = callback.replace("state=", "state=x");
    let paste = "/connections/paste?at=code";
    ada.post(paste, &[("callback", &wrong)]).await;
    finish(&mut ada, &room, &callback).await;
    ada.get("/connections/sign-in/outcome").await;
    let (_, code) = callback.split_once("code=").unwrap();
    let code = code.split('&').next().unwrap();
    let log = log.text();
    assert!(log.contains("the log is written"));
    for secret in ["canary", PASSWORD, code] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// A new connection of `ada` with a sign-in.
const NEW: [(&str, &str); 5] = [
    ("name", "new"),
    ("environment", "mypurecloud.de"),
    ("grant", "code"),
    ("client-id", "x"),
    ("client-secret", SECRET),
];

#[tokio::test]
async fn all_mistakes_are_shown_at_once_and_the_secret_is_not_asked_for_again() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = with_code(&room, &cloud).await;
    for (path, more) in [
        ("/connections/new", &["name"][..]),
        // The stored secret is not sent to another provider, but one that was typed is.
        ("/connections/edit?at=prod", &["name", "client-secret"]),
    ] {
        let typed = [
            ("name", "CODE"),
            ("provider", "custom"),
            ("authorization-url", "http://example.com"),
            ("token-url", "example.com"),
            ("issuer", "https://example.com/#x"),
            ("client-id", "x"),
            ("scopes", "\u{e4}"),
        ];
        ada.get(path).await;
        let answer = ada.post(path, &typed).await;
        assert_eq!(answer.status, 422);
        let urls = ["authorization-url", "token-url", "issuer", "scopes"];
        for field in urls.iter().chain(more) {
            let error = format!("id=\"{field}-error\"");
            assert!(answer.body.contains(&error), "{field}: {}", answer.body);
        }

        let wrong = NEW.map(|(field, text)| match field {
            "environment" => (field, "example.com"),
            _ => (field, text),
        });
        let answer = ada.post(path, &wrong).await;
        assert_eq!(answer.status, 422);
        assert!(!answer.body.contains("canary"), "{}", answer.body);
        assert!(answer.body.contains("is kept"), "{}", answer.body);
        let right = NEW.map(|(field, text)| match field {
            "name" if path.ends_with("prod") => (field, "newer"),
            "client-secret" => (field, ""),
            _ => (field, text),
        });
        let (_, kept) = answer.body.split_once("name=\"kept\" value=\"").unwrap();
        let kept = ("kept", kept.split('"').next().unwrap());
        let fields: Vec<_> = right.into_iter().chain([kept]).collect();
        assert_eq!(ada.post(path, &fields).await.status, 303, "{path}");
        let connections = room
            .store
            .connections(egress::Options::new(Default::default()));
        let name = name(fields[0].1);
        assert!(connections.get(&name).await.unwrap().has_client_secret);
    }
}

#[tokio::test]
async fn save_and_test_says_what_is_missing_and_a_new_connection_has_a_shared_token() {
    let (room, _cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    let page = ada.get("/connections/new").await.body;
    assert!(page.contains("name=\"save-login\" checked"), "{page}");
    let fields: Vec<_> = NEW.into_iter().chain([("then", "test")]).collect();
    let answer = ada.post("/connections/new", &fields).await;
    let at = answer.header("location").unwrap().to_owned();
    assert_eq!(at, "/connections/connection?at=new&done=not-tested");
    let page = ada.get(&at).await.body;
    assert!(page.contains("Saved, but not tested"), "{page}");
    let without_role = "No role may use it yet";
    assert!(page.contains(without_role), "{page}");
    // With a role, the sign-in comes next.
    let roles = "/connections/roles?at=new";
    let role = [("role", "administrator")];
    assert_eq!(ada.post(roles, &role).await.status, 303);
    let page = ada.get("/connections/connection?at=new").await.body;
    assert!(!page.contains(without_role), "{page}");
    let answer = ada.post("/connections/edit?at=new", &fields).await;
    let at = answer.header("location");
    assert_eq!(at, Some("/connections/sign-in?at=new&done=saved"));
}

#[tokio::test]
async fn the_state_is_the_truth_of_the_last_use() {
    let (room, cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    let failed = "data-bad>The last use failed";
    let pages = ["/connections", "/connections/connection?at=prod"];
    for path in pages {
        assert!(!ada.get(path).await.body.contains(failed), "{path}");
    }
    cloud.disable_client("client");
    let test = [("whose", "shared")];
    let tested = ada.post("/connections/test?at=prod", &test).await;
    assert_eq!(tested.status, 422);
    for path in pages {
        let page = ada.get(path).await.body;
        assert!(page.contains(failed), "{path}: {page}");
        assert!(page.contains("login.mypurecloud.de"), "{path}: {page}");
    }
    let roles = [("role", "administrator")];
    ada.post("/connections/roles?at=prod", &roles).await;
    let offers = ada.get("/connections/offers").await.json();
    assert_eq!(offers[0]["shared"], "The last use failed");
    // An edited connection has not been used yet.
    let fields = [
        ("name", "prod"),
        ("environment", "mypurecloud.de"),
        ("grant", "client-credentials"),
        ("client-id", "client"),
        ("client-secret", "canary-of-genesys"),
    ];
    ada.post("/connections/edit?at=prod", &fields).await;
    for path in pages {
        assert!(!ada.get(path).await.body.contains(failed), "{path}");
    }
}

/// A connection to another provider with this token URL.
fn to_other_provider(token_url: &str) -> [(&str, &str); 7] {
    [
        ("name", "other"),
        ("provider", "custom"),
        ("authorization-url", "https://example.com/authorize"),
        ("token-url", token_url),
        ("grant", "client-credentials"),
        ("client-id", "x"),
        ("client-secret", SECRET),
    ]
}

#[tokio::test]
async fn a_connection_to_another_provider_is_not_offered_to_genesys_actions() {
    let (room, _cloud) = room_with_cloud().await;
    let mut ada = room.signed_in("ada").await;
    let page = ada.get("/connections/new").await.body;
    assert!(
        page.contains("actions cannot use a connection to another provider"),
        "{page}"
    );
    let fields = to_other_provider("https://example.com/token");
    assert_eq!(ada.post("/connections/new", &fields).await.status, 303);
    for connection in ["other", "prod"] {
        let roles = format!("/connections/roles?at={connection}");
        let role = [("role", "administrator")];
        assert_eq!(ada.post(&roles, &role).await.status, 303);
    }
    let page = ada.get("/connections/connection?at=other").await.body;
    assert!(
        page.contains("actions cannot use a connection to another provider"),
        "{page}"
    );
    for (query, expected) in [
        ("", &["prod"][..]),
        ("?action=genesys/oauth-authenticate", &["prod"]),
        ("?action=crm/sign-in", &["other", "prod"]),
    ] {
        let offers = ada.get(&format!("/connections/offers{query}")).await.json();
        let offers = offers.as_array().unwrap().iter();
        let names: Vec<_> = offers.map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
    }
}

#[tokio::test]
async fn only_another_provider_gets_the_secret_in_the_form() {
    let room = ControlRoom::start().await;
    room.grant("ada", "administrator").await;
    let mut ada = room.signed_in("ada").await;
    let mut fields = to_other_provider("https://example.com/token").to_vec();
    fields.push(("secret-in-form", "on"));
    ada.get("/connections/new").await;
    assert_eq!(ada.post("/connections/new", &fields).await.status, 303);
    let edit = "/connections/edit?at=other";
    let is_checked = |page: &str| {
        let (_, field) = page.split_once("id=\"secret-in-form\"").unwrap();
        field.split('>').next().unwrap().contains("checked")
    };
    assert!(is_checked(&ada.get(edit).await.body));
    fields.extend([("provider", "genesys"), ("environment", "mypurecloud.de")]);
    fields.retain(|field| *field != ("provider", "custom"));
    assert_eq!(ada.post(edit, &fields).await.status, 303);
    assert!(!is_checked(&ada.get(edit).await.body));
}

#[tokio::test]
async fn a_token_url_in_a_private_network_is_refused_with_the_reason() {
    let room = ControlRoom::start().await;
    room.grant("ada", "administrator").await;
    let mut ada = room.signed_in("ada").await;
    for (language, reason) in [
        ("en", "is in a private network"),
        ("de", "liegt in einem privaten Netz"),
    ] {
        ada.with("accept-language", language);
        ada.get("/connections/new").await;
        for url in [
            "https://10.1.2.3/token",
            "https://169.254.169.254/",
            "https://[::1]:8443/token",
            "https://localhost/token",
        ] {
            let answer = ada.post("/connections/new", &to_other_provider(url)).await;
            assert_eq!(answer.status, 422, "{url}");
            let (_, error) = answer.body.split_once("id=\"token-url-error\"").unwrap();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }
}
