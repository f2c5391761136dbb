//! The engine with a fake [`ActionRunner`] and a fake [`SecretProvider`], without WebAssembly and without the
//! Control Room.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bot_engine::action::{
    ActionRef, ActionRunner, Argument, ComponentInfo, Failure, ListError, Retry, SessionChange,
    SessionFault, Success, Value, form,
};
use bot_engine::check::{Checker, WarningKind};
use bot_engine::outputs::MAX_OUTPUT;
use bot_engine::report::{Note, SessionOutcome};
use bot_engine::template::MAX_FILLED;
use bot_engine::{
    AttributePath, BorrowedToken, Bot, CallError, Catalogue, ConnectionRef, Event, Interrupt,
    Interrupter, Language, Problems, ProviderError, Purpose, ResolveError, ResolveErrorKind,
    RetryPolicy, RunError, Runner, SecretProvider, Session, SharedSessions, StepError, Variable,
    Variables, Watcher, interruption,
};
use egress::{AllowList, Client, Options, Proxies};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::forms::{self, catalogue};

/// Runs the actions of [`forms`](crate::forms), and records the calls with their arguments.
#[derive(Default)]
pub(crate) struct FakeActions {
    calls: Mutex<Vec<String>>,
    /// The results of the calls of actions that use a session, in order; then success.
    results: Mutex<VecDeque<Result<Success, Failure>>>,
    /// What `disconnect` says of the session, if it is not that it was closed.
    closes: Option<SessionChange>,
    /// Notified when a session is opened for the second time, which then never ends.
    hangs: Option<Arc<Notify>>,
}

impl FakeActions {
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn will(self, result: Result<Success, Failure>) -> Self {
        self.results.lock().unwrap().push_back(result);
        self
    }
}

fn shown(argument: &Argument) -> String {
    match &argument.value {
        Value::Text(text) => text.clone(),
        Value::Secret(secret) => secret.expose_secret().into(),
        Value::Token(token) => token.access_token.expose_secret().into(),
        Value::Session(session) => session.token.expose_secret().into(),
    }
}

fn success(session: SessionChange) -> Success {
    let outputs = Vec::new();
    Success { outputs, session }
}

pub(crate) fn failure(retry: Retry) -> Failure {
    Failure {
        code: "broken".into(),
        field: None,
        retry,
        message: "it is broken".into(),
        details: Vec::new(),
    }
}

#[async_trait]
impl ActionRunner for FakeActions {
    async fn components(
        &self,
        _: &str,
    ) -> Result<Vec<(ComponentInfo, Vec<form::Action>)>, ListError> {
        Ok(vec![forms::genesys(), forms::acme()])
    }

    async fn run(&self, action: &ActionRef, arguments: &[Argument]) -> Result<Success, CallError> {
        let arguments: Vec<_> = arguments.iter().map(shown).collect();
        let opened = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(format!("{action} {}", arguments.join(" ")));
            calls.iter().filter(|it| it.contains("oauth-")).count()
        };
        if let (Some(hangs), "oauth-authenticate", 2) = (&self.hangs, &*action.action, opened) {
            hangs.notify_one();
            std::future::pending::<()>().await;
        }
        match &*action.action {
            "oauth-authenticate" => Ok(success(SessionChange::Opened(Session {
                token: format!("token-{opened}").into(),
                token_type: "Bearer".into(),
                base_url: "https://api.mypurecloud.de".into(),
                expires_in: Some(60),
            }))),
            "disconnect" => Ok(success(
                self.closes.clone().unwrap_or(SessionChange::Closed),
            )),
            _ => match self.results.lock().unwrap().pop_front() {
                Some(result) => result.map_err(CallError::Failed),
                None => Ok(success(SessionChange::Unchanged)),
            },
        }
    }

    async fn check(&self, _: &ActionRef, _: &[Argument]) -> Result<Vec<Failure>, CallError> {
        Ok(Vec::new())
    }

    async fn explain(
        &self,
        _: &ActionRef,
        failure: &Failure,
        _: &str,
    ) -> Result<String, CallError> {
        Ok(failure.message.clone())
    }
}

/// Has one value for every credential in the locker `open`, and two tokens for every connection.
pub(crate) struct FakeSecrets;

#[derive(Debug, thiserror::Error)]
#[error("not here")]
struct NotHere;

impl ProviderError for NotHere {
    fn message(&self, _: Language) -> String {
        self.to_string()
    }
}

fn not_found() -> ResolveError {
    ResolveError::new(ResolveErrorKind::NotFound, NotHere)
}

#[async_trait]
impl SecretProvider for FakeSecrets {
    async fn check_credential(&self, path: &AttributePath, _: bool) -> Result<(), ResolveError> {
        let is_open = path.credential.locker.as_str() == "open";
        is_open.then_some(()).ok_or_else(not_found)
    }

    async fn credential(
        &self,
        _: &AttributePath,
        _: Purpose<'_>,
    ) -> Result<SecretString, ResolveError> {
        Ok("from the fake".into())
    }

    async fn check_connection(&self, _: &ConnectionRef) -> Result<(), ResolveError> {
        Ok(())
    }

    async fn token(
        &self,
        _: &ConnectionRef,
        refused: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError> {
        Ok(BorrowedToken {
            url: "eu-central-1".into(),
            access_token: refused.map_or("borrowed-1", |_| "borrowed-2").into(),
            token_type: "Bearer".into(),
            expires_in: None,
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Steps(pub(crate) Vec<String>, pub(crate) Vec<Note>, Vec<Json>);

impl Watcher for Steps {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::StepSucceeded { outcome, .. } => self.0.push(outcome.to_string()),
            Event::Noted { note } => self.1.push(note.clone()),
            Event::Waiting { reason, .. } => self.0.push(reason.to_string()),
            Event::Returned { output, .. } => self.2.push(output.clone()),
            _ => {}
        }
    }
}

fn parse(steps: &Json) -> Result<Bot, Problems> {
    let bot = json!({ "name": "Test", "steps": steps });
    Bot::parse(bot.to_string().as_bytes(), catalogue())
}

pub(crate) fn authenticate(locker: &str) -> Json {
    json!({
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": "id",
        "client-secret": { "credential": format!("{locker}/client/secret") },
    })
}

/// A bot that authenticates, followed by a step.
fn then(step: &Json) -> Bot {
    parse(&json!([authenticate("open"), step])).unwrap()
}

fn create_user() -> Json {
    json!({ "action": "acme/create-user", "name": "Ada", "output": "new" })
}

fn delete_user() -> Json {
    json!({ "action": "acme/delete-user", "user-id": "u-1" })
}

pub(crate) async fn run(
    actions: FakeActions,
    bot: &Bot,
) -> (Vec<String>, Steps, Result<(), RunError>) {
    run_until(actions, bot, interruption().1).await
}

async fn run_until(
    actions: FakeActions,
    bot: &Bot,
    interrupt: Interrupt,
) -> (Vec<String>, Steps, Result<(), RunError>) {
    run_with(Variables::default(), actions, bot, interrupt).await
}

pub(crate) async fn run_with(
    variables: Variables,
    actions: FakeActions,
    bot: &Bot,
    interrupt: Interrupt,
) -> (Vec<String>, Steps, Result<(), RunError>) {
    let actions = Arc::new(actions);
    let runner = runner(variables, &actions, interrupt);
    let mut steps = Steps::default();
    let result = runner.run(bot, &mut steps).await;
    (actions.calls(), steps, result)
}

pub(crate) fn runner(
    variables: Variables,
    actions: &Arc<FakeActions>,
    interrupt: Interrupt,
) -> Runner {
    let nowhere = Options {
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    };
    Runner {
        actions: Arc::clone(actions) as Arc<dyn ActionRunner>,
        client: Client::new(nowhere).unwrap(),
        secrets: Arc::new(FakeSecrets),
        variables: variables.into(),
        sessions: Arc::new(SharedSessions::new().unwrap()),
        locale: "en".into(),
        retry: RetryPolicy::default(),
        interrupt,
    }
}

#[tokio::test]
async fn a_bot_runs_with_fake_actions_and_secrets() {
    let mut own = authenticate("open");
    own["session"] = "own".into();
    let log = json!({ "action": "log", "message": "open" });
    let steps = json!([own, log, { "action": "genesys/disconnect" }]);
    let (calls, steps, result) = run(FakeActions::default(), &parse(&steps).unwrap()).await;
    result.unwrap();
    assert_eq!(steps.0.len(), 3, "{:?}", steps.0);
    assert_eq!(
        calls,
        [
            "genesys/oauth-authenticate client-credentials eu-central-1 id from the fake Default",
            "genesys/disconnect token-1",
        ]
    );
}

#[tokio::test]
async fn names_of_sessions_are_compared_without_case_and_shown_as_first_typed() {
    let mut open = authenticate("open");
    open["session-name"] = "Sales Bot".into();
    let close = json!({ "action": "genesys/disconnect", "session-name": " sales BOT" });
    let bot = parse(&json!([open, close])).unwrap();
    let (_, steps, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    assert!(steps.0[0].contains("“Sales Bot”"), "{:?}", steps.0);
    assert!(steps.0[1].contains("“Sales Bot”"), "{:?}", steps.0);

    // Another one of the same name replaces it.
    let mut again = open.clone();
    again["session-name"] = "SALES BOT".into();
    let bot = parse(&json!([open, again, close])).unwrap();
    let (_, steps, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    assert!(
        matches!(&steps.1[..], [Note::Replaced { .. }]),
        "{:?}",
        steps.1
    );
}

#[tokio::test]
async fn a_session_keeps_an_address_whose_url_comes_from_a_credential_variable() {
    let mut variables = Variables::default();
    let url = Variable::Credential("mypurecloud.de".into());
    variables.set("URL", url);
    let mut own = authenticate("open");
    own["url"] = json!({ "variable": "URL" });
    let bot = parse(&json!([own, create_user()])).unwrap();
    let (calls, _, result) =
        run_with(variables, FakeActions::default(), &bot, interruption().1).await;
    result.unwrap();
    assert_eq!(calls[1], "acme/create-user Ada token-1");
}

#[tokio::test]
async fn a_disabled_step_is_left_out_and_may_be_unfinished() {
    let mut unfinished = delete_user();
    unfinished["disabled"] = true.into();
    unfinished["user-id"] = Json::Null;
    let unknown = json!({ "action": "no/such", "disabled": true, "other": 1 });
    let log = json!({ "action": "log", "message": "end", "disabled": false });
    let bot = parse(&json!([unfinished, unknown, log])).unwrap();
    let (calls, steps, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    assert!(calls.is_empty());
    let skipped = "Skipped: the step is disabled.";
    assert_eq!(steps.0, [skipped, skipped, "end"]);
}

#[tokio::test]
async fn the_session_of_a_disabled_step_is_not_open() {
    let mut disabled = authenticate("open");
    disabled["disabled"] = true.into();
    let bot = parse(&json!([disabled, create_user()])).unwrap();
    let (_, _, refused) = run(FakeActions::default(), &bot).await;
    let Err(RunError::Invalid(problems)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.first().pointer(), "/steps/1/session-name");
}

#[tokio::test]
async fn a_bot_does_not_run_if_the_provider_refuses_a_credential() {
    let bot = parse(&json!([authenticate("closed")])).unwrap();
    let (calls, steps, refused) = run(FakeActions::default(), &bot).await;
    let Err(RunError::Invalid(problems)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.first().pointer(), "/steps/0/client-secret");
    assert!(steps.0.is_empty() && calls.is_empty());
}

#[tokio::test]
async fn an_action_of_another_component_gets_the_session() {
    let (calls, _, result) = run(FakeActions::default(), &then(&create_user())).await;
    result.unwrap();
    assert_eq!(calls[1], "acme/create-user Ada token-1");
}

#[tokio::test]
async fn a_component_that_can_reach_other_hosts_does_not_get_the_session() {
    let (mut other, actions) = forms::acme();
    other.hosts = AllowList::parse(["api.mypurecloud.de", "evil.example.com"]).unwrap();
    let catalogue = forms::load(vec![forms::genesys(), (other, actions)]).unwrap();
    let file = json!({ "name": "Test", "steps": [authenticate("open"), create_user()] });
    let bot = Bot::parse(file.to_string().as_bytes(), &catalogue).unwrap();
    let (calls, _, refused) = run(FakeActions::default(), &bot).await;
    let Err(RunError::Invalid(problems)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.first().pointer(), "/steps/1/session-name");
    assert!(calls.is_empty());
}

#[tokio::test]
async fn later_steps_use_outputs_and_texts_never_show_secret_ones() {
    let created = Success {
        outputs: vec![
            ("id".into(), "u-1".into()),
            ("user".into(), r#"{"name":"Ada","tags":["x","y"]}"#.into()),
            ("password".into(), "canary".into()),
        ],
        session: SessionChange::Unchanged,
    };
    let delete = json!({
        "action": "acme/delete-user",
        "user-id": { "variable": "new.id" },
        "pin": { "variable": "new.password" },
    });
    let log = json!({ "action": "log", "message": "{new.user.name} {new.user.tags.1}" });
    let steps = json!([authenticate("open"), create_user(), delete, log]);
    let actions = FakeActions::default().will(Ok(created.clone()));
    let (calls, steps, result) = run(actions, &parse(&steps).unwrap()).await;
    result.unwrap();
    assert_eq!(calls[2], "acme/delete-user u-1 canary token-1");
    assert_eq!(steps.0[3], "Ada y");
    assert!(!steps.0.concat().contains("canary"), "{steps:?}");

    let log = json!({ "action": "log", "message": "{new.password}" });
    let steps = json!([authenticate("open"), create_user(), log]);
    let actions = FakeActions::default().will(Ok(created));
    let (_, _, refused) = run(actions, &parse(&steps).unwrap()).await;
    let said = refused.unwrap_err().to_string();
    assert!(
        said.contains("is a secret") && !said.contains("canary"),
        "{said}"
    );
}

#[tokio::test]
async fn what_a_step_returns_is_reported_without_secret_outputs_also_if_it_has_no_name() {
    let created = || Success {
        outputs: vec![
            ("id".into(), "u-1".into()),
            (
                "user".into(),
                r#"{"name":"Ada","secret":"from the fake"}"#.into(),
            ),
            ("password".into(), "canary".into()),
        ],
        session: SessionChange::Unchanged,
    };
    let mut nameless = create_user();
    nameless.as_object_mut().unwrap().remove("output");
    for create in [create_user(), nameless] {
        let actions = FakeActions::default().will(Ok(created()));
        let (_, steps, result) = run(actions, &then(&create)).await;
        result.unwrap();
        let user = json!({ "name": "Ada", "secret": "***" });
        assert_eq!(steps.2, [json!({ "id": "u-1", "user": user })]);
    }
    // These return nothing.
    let (_, steps, _) = run(FakeActions::default(), &then(&delete_user())).await;
    assert_eq!(steps.2, [Json::Null; 0]);
}

#[tokio::test]
async fn sessions_of_its_own_are_opened_anew_and_closed_with_the_bot() {
    let bot = parse(&json!([authenticate("open")])).unwrap();
    let left_open = |outcome| Note::LeftOpen {
        session: "Default".into(),
        outcome,
    };
    let (calls, steps, _) = run(FakeActions::default(), &bot).await;
    assert_eq!(
        (calls.len(), &steps.1[..]),
        (1, &[left_open(SessionOutcome::StillShared)][..])
    );
    let bot = bot.with_own_sessions();
    let (calls, steps, _) = run(FakeActions::default(), &bot).await;
    assert_eq!(calls[1], "genesys/disconnect token-1");
    assert_eq!(steps.1, [left_open(SessionOutcome::Revoked)]);
}

#[tokio::test]
async fn an_output_that_the_form_does_not_have_fails_the_step() {
    for (output, value) in [("other", "x"), ("user", "not JSON")] {
        let success = Success {
            outputs: vec![(output.into(), value.into())],
            session: SessionChange::Unchanged,
        };
        let actions = FakeActions::default().will(Ok(success));
        let (_, _, failed) = run(actions, &then(&create_user())).await;
        let Err(RunError::Step { error, .. }) = failed else {
            panic!("{failed:?}");
        };
        assert_eq!(error.kind(), "invalid-output");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_server_rejects_is_reopened_once() {
    let rejected = || Err(failure(Retry::NewToken));
    let bot = then(&delete_user());
    let (calls, ..) = run(FakeActions::default().will(rejected()), &bot).await;
    assert_eq!(calls[1], "acme/delete-user u-1 token-1");
    assert!(calls[2].starts_with("genesys/oauth-"), "{calls:?}");
    assert_eq!(calls[3], "acme/delete-user u-1 token-2");

    let actions = FakeActions::default().will(rejected()).will(rejected());
    let (calls, _, failed) = run(actions, &bot).await;
    assert!(failed.is_err());
    assert_eq!(calls.iter().filter(|it| it.contains("delete")).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_action_is_retried_if_it_says_so() {
    for (action, retry, expected) in [
        (delete_user(), Retry::Backoff, 2),
        (create_user(), Retry::After(3), 2),
        (create_user(), Retry::Never, 1),
    ] {
        let actions = FakeActions::default().will(Err(failure(retry)));
        let (calls, ..) = run(actions, &then(&action)).await;
        let count = calls.iter().filter(|it| it.starts_with("acme/")).count();
        assert_eq!(count, expected, "{retry:?} {calls:?}");
    }
}

#[tokio::test]
async fn a_replaced_session_is_the_bots_own_and_no_other_bot_gets_the_old_one() {
    let replaced = |base_url: &str| {
        Ok(success(SessionChange::Replaced(Session {
            token: "new".into(),
            token_type: "Bearer".into(),
            base_url: base_url.into(),
            expires_in: None,
        })))
    };
    let disconnect = json!({ "action": "genesys/disconnect" });
    let steps = json!([
        authenticate("open"),
        delete_user(),
        delete_user(),
        disconnect
    ]);
    let bot = parse(&steps).unwrap();
    let actions = FakeActions::default().will(replaced("https://api.mypurecloud.de"));
    let (calls, _, result) = run(actions, &bot).await;
    result.unwrap();
    assert_eq!(calls[1], "acme/delete-user u-1 token-1");
    assert_eq!(calls[2], "acme/delete-user u-1 new");
    assert_eq!(calls[3], "genesys/disconnect new");

    let actions = FakeActions::default().will(replaced("https://evil.example.com"));
    let (_, _, failed) = run(actions, &then(&delete_user())).await;
    let Err(RunError::Step { error, .. }) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(error.kind(), "invalid-session");
}

#[tokio::test]
async fn a_secret_does_not_go_into_a_text_that_an_action_may_return() {
    let created = Success {
        outputs: vec![("password".into(), "canary".into())],
        session: SessionChange::Unchanged,
    };
    let again = json!({ "action": "acme/create-user", "name": { "variable": "new.password" } });
    let steps = json!([authenticate("open"), create_user(), again]);
    let actions = FakeActions::default().will(Ok(created));
    let (calls, _, refused) = run(actions, &parse(&steps).unwrap()).await;
    assert!(refused.unwrap_err().to_string().contains("is a secret"));
    assert!(!calls.concat().contains("canary"), "{calls:?}");
}

#[tokio::test]
async fn an_output_that_is_too_large_fails_its_step_with_the_limit() {
    let created = |bytes: usize| {
        let id = "x".repeat(bytes).into();
        let outputs = vec![("id".into(), id)];
        let session = SessionChange::Unchanged;
        Ok(Success { outputs, session })
    };
    // One of them is too large, or all together.
    for (sizes, step, limit) in [
        (vec![MAX_OUTPUT], 2, "1024 KiB"),
        (vec![MAX_OUTPUT - 100; 9], 10, "8192 KiB"),
    ] {
        let mut steps = vec![authenticate("open")];
        let mut actions = FakeActions::default();
        for (number, bytes) in sizes.into_iter().enumerate() {
            let mut create = create_user();
            create["output"] = format!("new-{number}").into();
            steps.push(create);
            actions = actions.will(created(bytes));
        }
        let bot = parse(&steps.into()).unwrap();
        let (_, _, failed) = run(actions, &bot).await;
        let error = failed.unwrap_err();
        let RunError::Step { error: kind, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(kind.kind(), "output-too-large");
        let said = error.to_string();
        let place = format!("step {step} (acme/create-user): new-{}: ", step - 2);
        assert!(said.starts_with(&place) && said.contains(limit), "{said}");
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_fails_its_step_with_the_limit() {
    let outputs = vec![("id".into(), "x".repeat(MAX_FILLED / 2 + 1).into())];
    let session = SessionChange::Unchanged;
    let actions = FakeActions::default().will(Ok(Success { outputs, session }));
    let log = json!({ "action": "log", "message": "{new.id}{new.id}" });
    let bot = parse(&json!([authenticate("open"), create_user(), log])).unwrap();
    let (_, _, failed) = run(actions, &bot).await;
    let said = failed.unwrap_err().to_string();
    assert!(said.starts_with("step 3 (log): message: "), "{said}");
    assert!(said.contains("64 KiB"), "{said}");
}

fn session(base_url: &str) -> Session {
    Session {
        token: "new".into(),
        token_type: "Bearer".into(),
        base_url: base_url.into(),
        expires_in: None,
    }
}

fn fault(result: Result<(), RunError>) -> SessionFault {
    match result {
        Err(RunError::Step {
            error: StepError::Action { error, .. },
            ..
        }) => match *error {
            CallError::InvalidSession(fault) => fault,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_action_that_uses_a_session_must_not_open_or_close_it() {
    let opened = SessionChange::Opened(session("https://api.mypurecloud.de"));
    for (change, expected) in [
        (opened, SessionFault::Opened),
        (SessionChange::Closed, SessionFault::Closed),
    ] {
        let actions = FakeActions::default().will(Ok(success(change)));
        let (_, steps, result) = run(actions, &then(&delete_user())).await;
        assert_eq!(fault(result), expected);
        // The session is still the bot's.
        assert_eq!(steps.1.len(), 1, "{:?}", steps.1);
    }
}

#[tokio::test]
async fn an_action_without_a_session_must_not_say_anything_of_one() {
    let catalogue = forms::load(vec![forms::genesys(), forms::borrower()]).unwrap();
    let sync = json!({ "action": "borrower/sync", "connection": { "oauth-connection": "prod" } });
    let bot = json!({ "name": "Test", "steps": [sync] }).to_string();
    let bot = Bot::parse(bot.as_bytes(), &catalogue).unwrap();
    let session = || session("https://api.mypurecloud.de");
    for (change, expected) in [
        (SessionChange::Opened(session()), SessionFault::Opened),
        (SessionChange::Replaced(session()), SessionFault::Replaced),
        (SessionChange::Closed, SessionFault::Closed),
    ] {
        let actions = FakeActions::default().will(Ok(success(change)));
        let (_, _, result) = run(actions, &bot).await;
        assert_eq!(fault(result), expected);
    }
}

#[tokio::test]
async fn a_session_that_an_action_left_open_is_not_reported_as_closed() {
    let disconnect = json!({ "action": "genesys/disconnect" });
    let mut own = authenticate("open");
    own["session"] = "own".into();
    let actions = || FakeActions {
        closes: Some(SessionChange::Unchanged),
        ..FakeActions::default()
    };
    for steps in [json!([own, disconnect]), json!([own])] {
        let bot = parse(&steps).unwrap();
        let is_closed_by_a_step = bot.steps.len() == 2;
        let (_, steps, result) = run(actions(), &bot).await;
        if is_closed_by_a_step {
            assert_eq!(fault(result), SessionFault::NotClosed);
        }
        let left_open = Note::LeftOpen {
            session: "Default".into(),
            outcome: SessionOutcome::NotRevoked,
        };
        assert_eq!(steps.1, [left_open]);
    }
}

#[test]
fn faults_of_components_are_localized() {
    for fault in [
        SessionFault::NotOpened,
        SessionFault::NotClosed,
        SessionFault::Opened,
        SessionFault::Replaced,
        SessionFault::Closed,
        SessionFault::OpenedElsewhere,
        SessionFault::ReplacedElsewhere,
    ] {
        let error = CallError::InvalidSession(fault);
        assert_eq!(error.kind(), "invalid-session");
        let said = error.message(Language::English);
        assert!(
            said.starts_with("The component is at fault: the action "),
            "{said}"
        );
        let said = error.message(Language::German);
        assert!(
            said.starts_with("Die Komponente ist fehlerhaft: die Aktion "),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_borrowed_token_that_the_server_rejects_is_replaced_once() {
    let catalogue = forms::load(vec![forms::genesys(), forms::borrower()]).unwrap();
    let sync = json!({ "action": "borrower/sync", "connection": { "oauth-connection": "prod" } });
    let bot = json!({ "name": "Test", "steps": [sync] }).to_string();
    let bot = Bot::parse(bot.as_bytes(), &catalogue).unwrap();
    let rejected = || Err(failure(Retry::NewToken));
    let (calls, _, result) = run(FakeActions::default().will(rejected()), &bot).await;
    result.unwrap();
    assert_eq!(
        calls,
        ["borrower/sync borrowed-1", "borrower/sync borrowed-2"]
    );

    let actions = FakeActions::default().will(rejected()).will(rejected());
    let (calls, _, failed) = run(actions, &bot).await;
    assert!(failed.is_err());
    assert_eq!(calls.len(), 2, "{calls:?}");
}

/// Interrupts its bot when that waits for the next attempt.
pub(crate) struct StopsWaits(pub(crate) Interrupter);

impl Watcher for StopsWaits {
    fn on_event(&mut self, event: Event<'_>) {
        if let Event::Waiting { .. } = event {
            self.0.interrupt();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_waits_for_the_next_attempt_is_interrupted_at_once() {
    let actions = FakeActions::default().will(Err(failure(Retry::After(30))));
    let (interrupter, interrupt) = interruption();
    let actions = Arc::new(actions);
    let runner = runner(Variables::default(), &actions, interrupt);
    let started = Instant::now();
    let result = runner
        .run(&then(&create_user()), &mut StopsWaits(interrupter))
        .await;
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 2 })),
        "{result:?}"
    );
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(actions.calls().len(), 2, "{:?}", actions.calls());
}

#[tokio::test(start_paused = true)]
async fn a_reopen_that_is_interrupted_may_leave_a_token() {
    let hangs = Arc::new(Notify::new());
    let actions = FakeActions {
        hangs: Some(Arc::clone(&hangs)),
        ..FakeActions::default()
    };
    let actions = actions.will(Err(failure(Retry::NewToken)));
    let (interrupter, interrupt) = interruption();
    let bot = then(&delete_user());
    let stop = async {
        hangs.notified().await;
        interrupter.interrupt();
    };
    let ((_, steps, result), ()) = tokio::join!(run_until(actions, &bot, interrupt), stop);
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 2 })),
        "{result:?}"
    );
    assert_eq!(steps.1, [Note::TokenMayRemain]);
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_loaded_names_the_component() {
    struct Broken;

    #[async_trait]
    impl ActionRunner for Broken {
        async fn components(
            &self,
            _: &str,
        ) -> Result<Vec<(ComponentInfo, Vec<form::Action>)>, ListError> {
            Err(ListError {
                component: "acme".into(),
                error: CallError::DeadlineExceeded(Duration::from_secs(1)),
            })
        }

        async fn run(&self, _: &ActionRef, _: &[Argument]) -> Result<Success, CallError> {
            panic!("nothing runs")
        }

        async fn check(&self, _: &ActionRef, _: &[Argument]) -> Result<Vec<Failure>, CallError> {
            panic!("nothing runs")
        }

        async fn explain(&self, _: &ActionRef, _: &Failure, _: &str) -> Result<String, CallError> {
            panic!("nothing runs")
        }
    }

    let error = Catalogue::load(&Broken).await.unwrap_err().to_string();
    assert!(
        error.starts_with("the actions of the component acme cannot be listed: "),
        "{error}"
    );
}

/// A server repeats the secret of a bot, or a component does on purpose: in outputs, errors, and what it says of a session.
#[tokio::test(start_paused = true)]
async fn what_steps_were_given_does_not_come_back_from_them() {
    const CANARY: &str = "from the fake";
    let echoes = [
        CANARY.to_owned(),
        "from%20the%20fake".into(),
        "from+the+fake".into(),
        // Base64, alone and after `id:`.
        "ZnJvbSB0aGUgZmFrZQ==".into(),
        "aWQ6ZnJvbSB0aGUgZmFrZQ==".into(),
        // Of the session.
        "token-1".into(),
    ];
    let log = json!({ "action": "log", "message": "{new.id} {new.user.name} {new.user.tags[0]}" });
    let bot = parse(&json!([authenticate("open"), create_user(), log])).unwrap();
    for echo in echoes {
        let user = json!({ "name": echo, "tags": [format!("<{echo}>")] });
        let outputs = vec![
            ("id".into(), echo.as_str().into()),
            ("user".into(), user.to_string().into()),
        ];
        let session = SessionChange::Unchanged;
        let actions = FakeActions::default().will(Ok(Success { outputs, session }));
        let (_, steps, result) = run(actions, &bot).await;
        result.unwrap();
        assert_eq!(steps.0[2], "*** *** <***>", "{echo}");
        assert!(!format!("{steps:?}").contains(&echo), "{steps:?}");

        let failed = Failure {
            code: echo.clone(),
            field: Some(echo.clone()),
            retry: Retry::Never,
            message: format!("error_description: {echo}"),
            details: vec![(echo.clone(), echo.clone())],
        };
        for retry in [Retry::Never, Retry::Backoff] {
            let failed = Failure {
                retry,
                ..failed.clone()
            };
            let actions = FakeActions::default().will(Err(failed.clone()));
            let actions = (1..6).fold(actions, |actions, _| actions.will(Err(failed.clone())));
            let (_, steps, result) = run(actions, &bot).await;
            let error = result.unwrap_err();
            let shown = format!("{error} {error:?} {steps:?}");
            assert!(shown.contains("error_description: ***"), "{shown}");
            assert!(!shown.contains(&echo), "{shown}");
        }

        let undeclared = Success {
            outputs: vec![(echo.clone(), "x".into())],
            session: SessionChange::Unchanged,
        };
        let actions = FakeActions::default().will(Ok(undeclared));
        let (_, _, result) = run(actions, &bot).await;
        let shown = format!("{:?}", result.unwrap_err());
        assert!(!shown.contains(&echo), "{shown}");
    }
}

#[tokio::test]
async fn a_secret_from_a_variable_that_may_be_shown_is_a_warning() {
    let mut variables = Variables::default();
    variables.set("PLAIN", Variable::Text("canary".into()));
    variables.set("HIDDEN", Variable::Credential("canary".into()));
    for (name, expected) in [
        ("PLAIN", vec![WarningKind::PlainVariable]),
        ("HIDDEN", vec![]),
    ] {
        let mut step = authenticate("open");
        step["client-secret"] = json!({ "variable": name });
        step["client-id"] = json!({ "variable": "PLAIN" });
        let checker = Checker {
            secrets: &FakeSecrets,
            variables: &variables,
            actions: None,
            locale: "en",
        };
        let checked = checker.check(&parse(&json!([step])).unwrap()).await;
        assert_eq!(checked.problems, []);
        let warnings = checked.warnings.iter().map(|it| it.kind);
        assert_eq!(warnings.collect::<Vec<_>>(), expected);
        for language in Language::ALL {
            for warning in &checked.warnings {
                assert!(warning.kind.advice(language).contains("--env NAME"));
            }
        }
    }
}
