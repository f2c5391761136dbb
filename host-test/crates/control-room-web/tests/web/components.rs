//! Several components: their actions in the editor, and the problems of bots that use them.

use action_host::{Grant, RequestRule};
use egress::{AllowList, Options};
use serde_json::{Value, json};

use crate::client::{Client, ControlRoom};
use crate::room::engine_with;

/// With the component `genesys`, and the same one again as `other`, which may send this.
async fn start(other: Grant) -> ControlRoom {
    let grants = [("genesys", Grant::genesys_oauth()), ("other", other)];
    let options = Options::new(AllowList::default());
    ControlRoom::start_with(engine_with(&grants, options)).await
}

fn set_language(client: &mut Client, language: &str) {
    let cookie = "control-room-language".into();
    client.cookies.insert(cookie, language.into());
}

/// The forms that the editor's page hands to its script.
fn forms(page: &str) -> Vec<Value> {
    let (_, forms) = page.split_once("data-forms=\"").unwrap();
    let (forms, _) = forms.split_once('"').unwrap();
    let forms = forms.replace("&quot;", "\"").replace("&lt;", "<");
    serde_json::from_str(&forms.replace("&gt;", ">").replace("&amp;", "&")).unwrap()
}

/// The step, field and message of each problem of a bot.
async fn problems(client: &mut Client, steps: &Value) -> Vec<(u64, String, String)> {
    let file = json!({ "name": "x", "steps": steps });
    let file = json!({ "file": file.to_string() });
    let problems = client.post_json("/bots/check", &file).await.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let problem = |it: &Value| {
        let step = it["step"].as_u64().unwrap();
        (step, text(&it["field"]), text(&it["message"]))
    };
    problems.as_array().unwrap().iter().map(problem).collect()
}

fn authenticate(component: &str, session: &str) -> Value {
    json!({
        "action": format!("{component}/oauth-authenticate"),
        "url": "eu-central-1",
        "client-id": "id",
        "client-secret": { "variable": "CLIENT_SECRET" },
        "session-name": session,
    })
}

fn disconnect(component: &str, session: &str) -> Value {
    json!({ "action": format!("{component}/disconnect"), "session-name": session })
}

#[tokio::test]
async fn labels_tell_actions_of_different_components_apart() {
    let room = start(Grant::genesys_oauth()).await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    for (language, authenticate, log) in [
        ("en", "OAuth authenticate", "Log message"),
        ("de", "OAuth-Authentifizierung", "Meldung protokollieren"),
    ] {
        set_language(&mut ada, language);
        let page = ada.get(&bot).await.body;
        let forms = forms(&page);
        for (action, label) in [
            ("genesys/oauth-authenticate", authenticate.into()),
            (
                "other/oauth-authenticate",
                format!("{authenticate} (other)"),
            ),
            ("log", log.into()),
        ] {
            let form = forms.iter().find(|form| form["name"] == action).unwrap();
            assert_eq!(form["label"], label);
            let (_, button) = page
                .split_once(&format!("data-action=\"{action}\""))
                .unwrap();
            let (button, _) = button.split_once("</button>").unwrap();
            assert!(button.ends_with(&format!(">{label}")), "{button}");
        }
        // Both open sessions, which the form offers to later steps.
        let opens = |form: &&Value| form["opensSession"] == true;
        let opens: Vec<_> = forms.iter().filter(opens).map(|it| &it["name"]).collect();
        assert_eq!(
            opens,
            ["genesys/oauth-authenticate", "other/oauth-authenticate"]
        );
    }
}

#[tokio::test]
async fn the_only_component_is_not_named_in_labels() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let bot = ada.create("Hello").await;
    let page = ada.get(&bot).await.body;
    assert_eq!(forms(&page)[0]["label"], "OAuth authenticate");
}

#[tokio::test]
async fn each_component_checks_its_own_fields() {
    let room = start(Grant::genesys_oauth()).await;
    let mut ada = room.signed_in("ada").await;
    let mut wrong = authenticate("other", "Default");
    wrong["url"] = json!("https://apps.example.com");
    let mut incomplete = authenticate("other", "Second");
    incomplete.as_object_mut().unwrap().remove("client-id");
    let steps = json!([wrong, incomplete, { "action": "unknown/oauth-authenticate" }]);
    for (language, words) in [
        (
            "en",
            [
                "URL of the Genesys Cloud environment: ",
                "Client ID: the field is empty.",
                "action",
            ],
        ),
        (
            "de",
            [
                "URL für die Genesys-Cloud-Umgebung: ",
                "Client-ID: Das Feld ist leer.",
                "Aktion",
            ],
        ),
    ] {
        set_language(&mut ada, language);
        let problems = problems(&mut ada, &steps).await;
        let at: Vec<_> = problems
            .iter()
            .map(|(step, field, _)| (*step, field.as_str()))
            .collect();
        assert_eq!(at, [(1, "url"), (2, "client-id"), (3, "action")]);
        for ((_, _, message), words) in problems.iter().zip(words) {
            assert!(message.contains(words), "{words:?}: {message}");
        }
    }
}

#[tokio::test]
async fn a_component_may_use_the_sessions_of_another_with_the_same_audience() {
    let room = start(Grant::genesys_oauth()).await;
    let mut ada = room.signed_in("ada").await;
    let steps = json!([
        authenticate("genesys", "Default"),
        disconnect("other", "Default"),
        authenticate("other", "Default"),
        disconnect("genesys", "Default"),
    ]);
    assert_eq!(problems(&mut ada, &steps).await, []);
    // It is closed now.
    let steps = json!([
        authenticate("genesys", "Default"),
        disconnect("other", "Default"),
        disconnect("genesys", "Default"),
    ]);
    for (language, message) in [
        (
            "en",
            "No earlier step opens the session “Default”. Add a step before this one that opens it, such as a \
             sign-in.",
        ),
        (
            "de",
            "Kein früherer Schritt öffnet die Sitzung „Default“. Fügen Sie davor einen Schritt ein, der sie öffnet, etwa \
             eine Anmeldung.",
        ),
    ] {
        set_language(&mut ada, language);
        assert_eq!(
            problems(&mut ada, &steps).await,
            [(3, "session-name".into(), message.into())]
        );
    }
}

#[tokio::test]
async fn a_component_that_reaches_other_hosts_gets_no_session() {
    let elsewhere = RequestRule {
        hosts: vec![
            "login.mypurecloud.de".into(),
            "collector.example.com".into(),
        ],
        methods: vec!["POST".into()],
        paths: vec!["/oauth/token".into()],
        headers: vec!["authorization".into()],
    };
    let room = start(Grant::new([elsewhere]).unwrap()).await;
    let mut ada = room.signed_in("ada").await;
    let steps = json!([
        authenticate("genesys", "Default"),
        disconnect("other", "Default"),
        authenticate("other", "Own"),
        disconnect("other", "Own"),
        disconnect("genesys", "Default"),
    ]);
    for (language, message) in [
        (
            "en",
            "The component other must not get the session “Default”, as it can reach hosts that the session is not \
             for. The operator can restrict what the component may reach.",
        ),
        (
            "de",
            "Die Komponente other darf die Sitzung „Default“ nicht bekommen, denn sie kann Hosts erreichen, für die \
             die Sitzung nicht gilt. Der Betreiber kann einschränken, was die Komponente erreichen darf.",
        ),
    ] {
        set_language(&mut ada, language);
        assert_eq!(
            problems(&mut ada, &steps).await,
            [(2, "session-name".into(), message.into())]
        );
    }
}
