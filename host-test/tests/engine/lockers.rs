//! Bots and the credentials that they use: access, permitted fields, and records of their use.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;
use test_support::https::Server;

use bot_engine::{Bot, Event, NoSecrets, RunError, Runner, SecretProvider, Watcher, interruption};
use control_room::Principal;
use control_room::audit::{Filter, Outcome};
use control_room::vault::{AttributeOptions, Kind};
use control_room::{AttributePath, KeySource, Name, Place, Secrets, Store};
use egress::{AllowList, Options};
use serde_json::json;
use tokio::runtime::Handle;

use super::{TOKEN, answer, kind, ok, parse, run_with, runner, serve, server};

const ID: &str = "genesys/hello-bot/client-id";
const SECRET: &str = "genesys/hello-bot/client-secret";
const OWN: &str = "genesys/hello-bot/own";

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A store with the locker `genesys`, which `ada` and `bob` may use and `eve` may not. The credential
/// `hello-bot` in it has an id, a secret that is password-only, and one that each user sets for themselves,
/// as `ada` and `bob` have done.
pub(crate) async fn store() -> Store {
    let store = Store::open(Place::Memory, KeySource::InFolder)
        .await
        .unwrap();
    let (users, vault) = (store.users(), store.vault());
    let role = name("bots");
    users.create_role(&Principal::System, &role).await.unwrap();
    for user in ["ada", "bob", "eve"].map(name) {
        users.create(&Principal::System, &user).await.unwrap();
    }
    for user in ["ada", "bob"].map(name) {
        users.grant(&user, &role).await.unwrap();
    }
    let (locker, nothing) = (name("genesys"), Default::default());
    vault.create_locker(&locker, &nothing).await.unwrap();
    vault.allow(&locker, &role).await.unwrap();
    let credential = "genesys/hello-bot".parse().unwrap();
    vault
        .create_credential(&credential, &nothing)
        .await
        .unwrap();
    for (attribute, kind, password_only) in [
        (ID, Kind::Standard, false),
        (SECRET, Kind::Standard, true),
        (OWN, Kind::UserProvided, true),
    ] {
        let options = AttributeOptions {
            kind,
            password_only,
            ..Default::default()
        };
        let attribute: AttributePath = attribute.parse().unwrap();
        vault.set_attribute(&attribute, &options).await.unwrap();
    }
    set(&store, ID, Principal::System, "id").await;
    set(&store, SECRET, Principal::System, "canary").await;
    set(&store, OWN, Principal::User(name("ada")), "canary-of-ada").await;
    set(&store, OWN, Principal::User(name("bob")), "canary-of-bob").await;
    store
}

async fn set(store: &Store, attribute: &str, actor: Principal, value: &str) {
    let attribute = attribute.parse().unwrap();
    let set = store.vault();
    set.set_value(&attribute, &actor, &value.into())
        .await
        .unwrap();
}

/// The secrets that bots may use on behalf of this user.
pub(crate) fn on_behalf_of(store: &Store, user: &str) -> Arc<dyn SecretProvider> {
    Arc::new(Secrets {
        store: store.clone(),
        connections: store.connections(Options::new(AllowList::default())),
        user: name(user),
        run: None,
    })
}

/// A bot that logs, authenticates with these credentials, and sends one API request.
fn bot(id: &str, secret: &str) -> Bot {
    let bot = json!({ "name": "Hello", "steps": [
        { "action": "log", "message": "ran" },
        {
            "action": "genesys/oauth-authenticate",
            "url": "eu-central-1",
            "client-id": { "credential": id },
            "client-secret": { "credential": secret },
        },
        { "action": "genesys/api-request", "path": "/api/v2/users/me" },
    ]});
    parse(bot.to_string().as_bytes())
}

/// A server that issues a token for every request, and accepts it.
async fn permissive_server() -> Server {
    serve(|request| {
        if request.starts_with("POST") {
            ok(TOKEN)
        } else {
            ok("{}")
        }
    })
    .await
}

/// Runs a bot on behalf of a user, and asserts that no secret is in its events.
async fn run(server: &Server, store: &Store, user: &str, bot: &Bot) -> Result<(), RunError> {
    let (_interrupter, interrupt) = interruption();
    let secrets = on_behalf_of(store, user);
    let (result, watched) = run_with(server, bot, secrets, &interrupt).await;
    let shown = format!("{result:?} {:?}", watched.notes);
    assert!(!shown.contains("canary"), "{shown}");
    result
}

/// The records of the audit log, oldest first: user, bot, step, attribute and outcome.
async fn uses(store: &Store) -> Vec<(String, String, String, String, Outcome)> {
    let audit = store.audit();
    let mut records = audit.uses(&Filter::default(), None, 100).await.unwrap();
    assert!(!format!("{records:?}").contains("canary"), "{records:?}");
    records.reverse();
    let record = records.into_iter().map(|it| {
        (
            it.user.to_string(),
            it.bot,
            it.step,
            it.path.to_string(),
            it.outcome,
        )
    });
    record.collect()
}

fn used(user: &str, step: &str, attribute: &str) -> (String, String, String, String, Outcome) {
    (
        user.into(),
        "Hello".into(),
        step.into(),
        attribute.into(),
        Outcome::Used,
    )
}

const STEP_2: &str = "step 2 (genesys/oauth-authenticate)";

/// Basic authentication as the server sees it.
fn basic(secret: &str) -> String {
    STANDARD.encode(format!("id:{secret}"))
}

fn mistake(result: Result<(), RunError>) -> String {
    match result {
        Err(RunError::Invalid(problems)) => problems.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn uses_are_recorded_with_user_bot_step_and_attribute() {
    let (store, server) = (store().await, permissive_server().await);
    run(&server, &store, "ada", &bot(ID, SECRET)).await.unwrap();
    assert!(server.requests()[0].contains(&basic("canary")));
    let expected = [used("ada", STEP_2, ID), used("ada", STEP_2, SECRET)];
    assert_eq!(uses(&store).await, expected);
}

#[tokio::test]
async fn a_denied_locker_fails_the_bot_before_its_first_step_and_discloses_nothing() {
    let (store, server) = (store().await, permissive_server().await);
    let denied = |field: &str, locker: &str| {
        format!(
            "step 2 (genesys/oauth-authenticate): {field}: There is no locker “{locker}” that you may use. \
             Ask an administrator, or choose another one."
        )
    };
    let both = |locker: &str| {
        let (id, secret) = (
            denied("client-id", locker),
            denied("client-secret", "genesys"),
        );
        format!("{id}\n{secret}")
    };
    // The error does not disclose the contents of the locker.
    for id in [ID, "genesys/nothing/x", "genesys/hello-bot/nothing"] {
        let mut steps = Steps::default();
        let (_interrupter, interrupt) = interruption();
        let secrets = on_behalf_of(&store, "eve");
        let runner = runner(server.address(), &server, secrets, &interrupt);
        let result = runner.run(&bot(id, SECRET), &mut steps).await;
        assert_eq!((mistake(result), steps.0), (both("genesys"), 0));
    }
    let result = run(&server, &store, "eve", &bot("missing/x/y", SECRET)).await;
    assert_eq!(mistake(result), both("missing"));
    // The caller who chooses the user learns of a misspelt one.
    let result = run(&server, &store, "nobody", &bot(ID, SECRET)).await;
    let said = mistake(result);
    assert!(said.contains("there is no user \"nobody\""), "{said}");
    assert_eq!((server.accepted(), uses(&store).await.len()), (0, 0));
}

/// Counts the steps that ran.
#[derive(Default)]
struct Steps(usize);

impl Watcher for Steps {
    fn on_event(&mut self, event: Event<'_>) {
        if let Event::StepSucceeded { .. } | Event::StepFailed { .. } = event {
            self.0 += 1;
        }
    }
}

#[tokio::test]
async fn a_password_in_a_plain_field_fails_the_bot_before_its_first_step() {
    let (store, server) = (store().await, permissive_server().await);
    let result = run(&server, &store, "ada", &bot(SECRET, SECRET)).await;
    let expected = "step 2 (genesys/oauth-authenticate): client-id: \
                    genesys/hello-bot/client-secret may only go into a secret field.";
    assert_eq!(mistake(result), expected);
    assert_eq!((server.accepted(), uses(&store).await.len()), (0, 0));
}

#[tokio::test]
async fn users_get_their_own_values() {
    let (store, server) = (store().await, permissive_server().await);
    for user in ["ada", "bob"] {
        run(&server, &store, user, &bot(ID, OWN)).await.unwrap();
    }
    let requests = server.requests();
    let tokens: Vec<_> = requests
        .iter()
        .filter(|it| it.starts_with("POST"))
        .collect();
    assert!(tokens[0].contains(&basic("canary-of-ada")));
    assert!(tokens[1].contains(&basic("canary-of-bob")));

    let carl = name("carl");
    store
        .users()
        .create(&Principal::System, &carl)
        .await
        .unwrap();
    store.users().grant(&carl, &name("bots")).await.unwrap();
    let result = run(&server, &store, "carl", &bot(ID, OWN)).await;
    let said = mistake(result);
    assert!(said.contains("carl has set no value for"), "{said}");
}

#[tokio::test]
async fn a_bot_without_a_principal_may_use_no_credential() {
    let server = permissive_server().await;
    let (_interrupter, interrupt) = interruption();
    let nobody = Arc::new(NoSecrets);
    let (result, _) = run_with(&server, &bot(ID, SECRET), nobody, &interrupt).await;
    let said = mistake(result);
    assert!(
        said.contains("client-id: ") && said.contains("--as USER"),
        "{said}"
    );
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn retries_are_one_use_and_reopening_a_session_is_another() {
    let store = store().await;
    let server = server(vec![
        answer("503 Service Unavailable", "", ""),
        answer("503 Service Unavailable", "", ""),
        ok(TOKEN),
        answer("401 Unauthorized", "", r#"{"code":"bad.credentials"}"#),
        ok(TOKEN),
        ok("{}"),
        ok(""),
    ])
    .await;
    run(&server, &store, "ada", &bot(ID, SECRET)).await.unwrap();
    assert_eq!(server.requests().len(), 7);
    let once = [used("ada", STEP_2, ID), used("ada", STEP_2, SECRET)];
    assert_eq!(uses(&store).await, [once.clone(), once].concat());
}

#[tokio::test]
async fn a_shared_session_is_recorded_as_a_use_by_each_user() {
    let store = store().await;
    let token = json!({ "access_token": "t", "token_type": "bearer", "expires_in": 600 });
    let server = serve(move |request| {
        if request.starts_with("POST") {
            ok(&token.to_string())
        } else {
            ok("{}")
        }
    })
    .await;
    let (_interrupter, interrupt) = interruption();
    let secrets = on_behalf_of(&store, "ada");
    let ada = runner(server.address(), &server, secrets, &interrupt);
    let of = |user| Runner {
        secrets: on_behalf_of(&store, user),
        ..ada.clone()
    };
    let bot = bot(ID, SECRET);
    ada.run(&bot, &mut ()).await.unwrap();
    of("bob").run(&bot, &mut ()).await.unwrap();
    // A user who may not use the credential does not get the kept session either.
    mistake(of("eve").run(&bot, &mut ()).await);
    let requests = server.requests();
    let asked = requests.iter().filter(|it| it.starts_with("POST")).count();
    assert_eq!(asked, 1);
    let expected = [
        used("ada", STEP_2, ID),
        used("ada", STEP_2, SECRET),
        used("bob", STEP_2, ID),
        used("bob", STEP_2, SECRET),
    ];
    assert_eq!(uses(&store).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_access_takes_effect_during_a_run() {
    let store = store().await;
    let server = permissive_server().await;
    let (_interrupter, interrupt) = interruption();
    let secrets = on_behalf_of(&store, "ada");
    let runner = runner(server.address(), &server, secrets, &interrupt);
    let mut forbidding = Forbidding(store.clone());
    let result = runner.run(&bot(ID, SECRET), &mut forbidding).await;
    assert_eq!(kind(&result), (2, "invalid-input"));
    assert_eq!(server.accepted(), 0);
    let uses = uses(&store).await;
    assert_eq!((uses.len(), uses[0].4), (1, Outcome::Refused));
}

/// Closes the locker once the first step is done.
struct Forbidding(Store);

impl Watcher for Forbidding {
    fn on_event(&mut self, event: Event<'_>) {
        if let Event::StepSucceeded { step: 1, .. } = event {
            let vault = self.0.vault();
            let forbidding = async move {
                vault.forbid(&name("genesys"), &name("bots")).await.unwrap();
            };
            tokio::task::block_in_place(|| Handle::current().block_on(forbidding));
        }
    }
}

#[tokio::test]
async fn an_unreadable_store_is_not_reported_as_a_problem_of_the_bot() {
    let (store, server) = (store().await, permissive_server().await);
    store.close().await;
    let result = run(&server, &store, "ada", &bot(ID, SECRET)).await;
    assert!(
        matches!(result, Err(RunError::SecretProvider(_))),
        "{result:?}"
    );
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_bot_without_credentials_does_not_touch_the_store() {
    let (store, server) = (store().await, permissive_server().await);
    store.close().await;
    run(&server, &store, "ada", &super::bot()).await.unwrap();
}
