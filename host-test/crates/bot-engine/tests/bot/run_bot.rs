//! `run-bot`: a bot that runs another one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bot_engine::action::Retry;
use bot_engine::check::Checker;
use bot_engine::{
    Bot, BotSource, BotSourceError, Catalogue, Event, RunError, Variables, Watcher, interruption,
};
use egress::AllowList;
use serde_json::{Value as Json, json};
use tokio::time::Instant;

use crate::fakes::{FakeActions, FakeSecrets, StopsWaits, authenticate, failure, run, runner};
use crate::forms::{self, catalogue};

/// Bots by name.
struct Bots(BTreeMap<&'static str, Json>);

#[async_trait]
impl BotSource for Bots {
    async fn file(&self, name: &str) -> Result<Vec<u8>, BotSourceError> {
        let found = self.0.get(name).ok_or(BotSourceError::None)?;
        Ok(found.to_string().into_bytes())
    }
}

fn bots<const N: usize>(named: [(&'static str, Json); N]) -> Bots {
    Bots(BTreeMap::from(named))
}

fn bot(steps: &[Json]) -> Json {
    json!({ "name": "Main", "steps": steps })
}

fn run_bot(name: &str) -> Json {
    json!({ "action": "run-bot", "bot": name })
}

fn log(message: &str) -> Json {
    json!({ "action": "log", "message": message })
}

async fn linked(file: &Json, bots: &Bots) -> Bot {
    let mut bot = Bot::parse(file.to_string().as_bytes(), catalogue()).unwrap();
    assert_eq!(bot.link(bots, catalogue()).await, []);
    bot
}

/// All problems.
async fn problems(file: &Json, bots: &Bots) -> Vec<String> {
    problems_with(catalogue(), file, bots).await
}

async fn problems_with(catalogue: &Catalogue, file: &Json, bots: &Bots) -> Vec<String> {
    let variables = Variables::default();
    let checker = Checker {
        secrets: &FakeSecrets,
        variables: &variables,
        actions: None,
        locale: "en",
    };
    let file = file.to_string();
    let checked = checker.check_file(file.as_bytes(), catalogue, bots).await;
    checked.problems.iter().map(ToString::to_string).collect()
}

/// Problems that begin like this, one for each.
fn assert_problems(found: &[String], expected: &[&str]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

#[tokio::test]
async fn a_bot_runs_another_one_with_inputs_and_hands_it_a_session_that_goes_on() {
    let other = json!({
        "name": "Other",
        "variables": [
            { "name": "count", "type": "number", "input": true },
            { "name": "user", "input": true },
        ],
        "steps": [
            { "action": "acme/create-user", "name": "{user}", "output": "new" },
            { "action": "acme/create-user", "name": { "variable": "user" } },
            log("{count}"),
        ],
    });
    let mut handed = run_bot("Other");
    handed["session-name"] = "default".into();
    handed["inputs"] = json!({ "count": 25, "user": "{name}" });
    let delete = json!({ "action": "acme/delete-user", "user-id": "u-1" });
    let mut file = bot(&[authenticate("open"), handed, delete]);
    file["variables"] = json!([{ "name": "name", "default": "Ada" }]);
    let bots = bots([("Other", other)]);
    assert_eq!(problems(&file, &bots).await, [] as [String; 0]);
    let bot = linked(&file, &bots).await;
    assert!(bot.steps[1].kind.changes_something());
    let (calls, steps, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    assert_eq!(calls[2], "acme/create-user Ada token-1", "{calls:?}");
    assert_eq!(calls[3], "acme/delete-user u-1 token-1");
    assert_eq!(steps.0[1], "Bot “Other” has run: 3 steps.");
    let notes: Vec<_> = steps.1.iter().map(ToString::to_string).collect();
    assert!(
        notes.contains(&"Bot “Other”, step 3: 25".into()),
        "{notes:?}"
    );
}

#[tokio::test]
async fn a_session_that_was_handed_over_is_for_the_same_hosts() {
    let (mut acme, actions) = forms::acme();
    acme.hosts = AllowList::parse(["api.mypurecloud.de", "evil.example.com"]).unwrap();
    let catalogue = forms::load(vec![forms::genesys(), (acme, actions)]).unwrap();
    let other = json!({
        "name": "Other",
        "steps": [{ "action": "acme/delete-user", "user-id": "u-1" }],
    });
    let mut handed = run_bot("Other");
    handed["session-name"] = "default".into();
    let file = bot(&[authenticate("open"), handed]);
    let found = problems_with(&catalogue, &file, &bots([("Other", other)])).await;
    assert_problems(
        &found,
        &[
            "step 2 (run-bot): bot: The bot “Other” has a mistake: step 1 (acme/delete-user): session-name: The component \
           acme must not get the session “Default”",
        ],
    );
}

#[tokio::test]
async fn a_session_that_the_other_bot_closes_is_closed() {
    let other = json!({ "name": "Other", "steps": [{ "action": "genesys/disconnect" }] });
    let mut handed = run_bot("Other");
    handed["session-name"] = "Default".into();
    let again = json!({ "action": "genesys/disconnect" });
    let bots = bots([("Other", other)]);
    let file = bot(&[authenticate("open"), handed.clone(), again]);
    let found = problems(&file, &bots).await;
    assert_problems(
        &found,
        &["step 3 (genesys/disconnect): session-name: No earlier step"],
    );
    let bot = linked(&bot(&[authenticate("open"), handed]), &bots).await;
    let (calls, _, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    assert_eq!(calls.last().unwrap(), "genesys/disconnect token-1");
}

#[tokio::test]
async fn sessions_that_the_other_bot_leaves_open_are_closed_and_not_seen() {
    let other = json!({ "name": "Other", "steps": [authenticate("open")] });
    let bots = bots([("Other", other)]);
    let delete = json!({ "action": "acme/delete-user", "user-id": "u-1" });
    let found = problems(&bot(&[run_bot("Other"), delete]), &bots).await;
    assert_problems(
        &found,
        &["step 2 (acme/delete-user): session-name: No earlier step"],
    );
    let bot = linked(&bot(&[run_bot("Other"), authenticate("open")]), &bots)
        .await
        .with_own_sessions();
    let (calls, _, result) = run(FakeActions::default(), &bot).await;
    result.unwrap();
    // At once, not when all is over.
    assert_eq!(calls[1], "genesys/disconnect token-1", "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_both_bots_at_once_and_closes_the_sessions_of_both() {
    let mut own = authenticate("open");
    own["session"] = "own".into();
    let create = json!({ "action": "acme/create-user", "name": "Ada" });
    let other = json!({ "name": "Other", "steps": [own.clone(), create] });
    let bot = linked(&bot(&[own, run_bot("Other")]), &bots([("Other", other)])).await;
    let actions = Arc::new(FakeActions::default().will(Err(failure(Retry::After(30)))));
    let (interrupter, interrupt) = interruption();
    let runner = runner(Variables::default(), &actions, interrupt);
    let started = Instant::now();
    let result = runner.run(&bot, &mut StopsWaits(interrupter)).await;
    assert!(
        matches!(result, Err(RunError::Interrupted { step: 2 })),
        "{result:?}"
    );
    assert_eq!(started.elapsed(), Duration::ZERO);
    let calls = actions.calls();
    let closed = calls
        .iter()
        .filter(|call| call.starts_with("genesys/disconnect"));
    assert_eq!(closed.count(), 2, "{calls:?}");
}

#[tokio::test]
async fn mistakes_of_the_other_bot_are_reported_before_anything_runs() {
    let broken = json!({ "name": "Broken", "steps": [log("{nothing}")] });
    let needs = json!({ "name": "Needs", "variables": [{ "name": "x", "input": true }],
        "steps": [log("{x}")] });
    let bots = bots([
        ("Broken", broken),
        ("Needs", needs),
        ("Text", json!("no bot")),
    ]);
    let mut given = run_bot("Needs");
    given["inputs"] = json!({ "x": "1", "y": "2" });
    let mut no_session = given.clone();
    no_session["inputs"] = json!({ "x": "1" });
    no_session["session-name"] = "Default".into();
    let mut list = run_bot("Needs");
    list["inputs"] = json!(["x"]);
    let file = bot(&[
        run_bot("Broken"),
        run_bot("Nobody"),
        run_bot("Needs"),
        given,
        no_session,
        list,
        run_bot("Text"),
    ]);
    let found = problems(&file, &bots).await;
    assert_problems(
        &found,
        &[
            "step 1 (run-bot): bot: The bot “Broken” has a mistake: step 1 (log): message: {nothing} is neither",
            "step 2 (run-bot): bot: There is no bot “Nobody”.",
            "step 3 (run-bot): inputs: The input “x” has no value.",
            "step 4 (run-bot): inputs: “y” is not an input of the bot.",
            "step 5 (run-bot): session-name: No earlier step opens",
            "step 6 (run-bot): inputs: Expected an object",
            "step 7 (run-bot): bot: The bot “Text” has a mistake: Expected an object, found a text.",
        ],
    );
}

#[tokio::test]
async fn a_bot_that_runs_itself_is_refused() {
    let itself = bot(&[run_bot("Main")]);
    let bots = bots([("Main", itself.clone())]);
    let found = problems(&itself, &bots).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("would run itself"), "{found:?}");

    // Also through others.
    let through = Bots(BTreeMap::from([
        ("Main", bot(&[run_bot("Other")])),
        ("Other", bot(&[run_bot("Main")])),
    ]));
    let found = problems(&itself, &through).await;
    assert!(found[0].contains("would run itself"), "{found:?}");
}

#[tokio::test]
async fn the_depth_and_the_number_of_different_bots_are_limited() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut chain: BTreeMap<_, _> = names
        .windows(2)
        .map(|pair| (pair[0], bot(&[run_bot(pair[1])])))
        .collect();
    chain.insert("f", bot(&[log("x")]));
    let chain = Bots(chain);
    assert_eq!(
        problems(&bot(&[run_bot("b")]), &chain).await,
        [] as [String; 0]
    );
    let found = problems(&bot(&[run_bot("a")]), &chain).await;
    assert!(found[0].contains("at most 5 levels deep"), "{found:?}");

    let steps: Vec<_> = (0..60).map(|at| run_bot(&at.to_string())).collect();
    let found = problems(&bot(&steps), &chain).await;
    let too_many = |it: &&String| it.contains("more than 50 different bots");
    assert_eq!(found.iter().filter(too_many).count(), 10, "{found:?}");
}

#[tokio::test]
async fn a_bot_that_many_steps_run_is_kept_once() {
    let bots = bots([("Other", bot(&[authenticate("open")]))]);
    let linked = linked(&bot(&vec![run_bot("Other"); 3]), &bots).await;
    let hash = linked.linked_hash();
    let own = linked.with_own_sessions();
    assert_eq!(own.linked_hash(), hash);
    let mut all = own.linked();
    let first = all.next().unwrap();
    assert!(all.all(|other| std::ptr::eq(first, other)));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_handed_over_is_not_opened_again_with_the_fields_of_another_step() {
    let create = json!({ "action": "acme/create-user", "name": "Ada" });
    let rejected = || Err(failure(Retry::NewToken));
    let mut handed = run_bot("Other");
    handed["session-name"] = "Default".into();

    // Neither by the other bot, which has no step that opened it, …
    let bots = bots([
        ("Other", bot(std::slice::from_ref(&create))),
        ("Again", bot(&[authenticate("open")])),
        (
            "Between",
            bot(&[{
                let mut again = run_bot("Again");
                again["session-name"] = "Default".into();
                again
            }]),
        ),
    ]);
    let main = linked(&bot(&[authenticate("open"), handed.clone()]), &bots).await;
    let (calls, _, result) = run(FakeActions::default().will(rejected()), &main).await;
    let error = result.unwrap_err().to_string();
    assert!(error.contains("only the bot that opened"), "{error}");
    let opened = |calls: &[String]| {
        let opened = calls.iter().filter(|it| it.contains("oauth-authenticate"));
        opened.count()
    };
    assert_eq!(opened(&calls), 1, "{calls:?}");

    // … nor by this one, if the other bot opened another session of that name, itself or through one more bot.
    let mut own = authenticate("open");
    own["session"] = "own".into();
    for name in ["Again", "Between"] {
        handed["bot"] = name.into();
        let main = linked(&bot(&[own.clone(), handed.clone(), create.clone()]), &bots).await;
        let (calls, _, result) = run(FakeActions::default().will(rejected()), &main).await;
        let error = result.unwrap_err().to_string();
        assert!(error.contains("only the bot that opened"), "{error}");
        assert_eq!(opened(&calls), 2, "{calls:?}");
    }
}

#[tokio::test]
async fn the_steps_of_all_bots_together_are_limited() {
    let many = |name: &str| bot(&vec![run_bot(name); 1000]);
    let last = bot(&[log("x")]);
    let bots = bots([("a", many("b")), ("b", many("c")), ("c", last)]);
    let found = problems(&bot(&[run_bot("a")]), &bots).await;
    assert!(found[0].contains("more than 10000 steps"), "{found:?}");
}

#[tokio::test]
async fn the_error_of_the_other_bot_names_it_and_ends_this_one() {
    let other = json!({ "name": "Other", "variables": [{ "name": "n", "type": "number", "input": true }],
        "steps": [log("{n}")] });
    let mut given = run_bot("Other");
    given["inputs"] = json!({ "n": "many" });
    let bot = linked(&bot(&[given, log("never")]), &bots([("Other", other)])).await;
    let (_, steps, result) = run(FakeActions::default(), &bot).await;
    let error = result.unwrap_err().to_string();
    let expected = "step 1 (run-bot): Bot “Other”: variable 1: The input “n” must be a number";
    assert!(error.starts_with(expected), "{error}");
    assert!(steps.0.is_empty());
}

#[tokio::test]
async fn secret_inputs_and_warnings_of_the_other_bot_are_reported() {
    let mut open = authenticate("open");
    open["client-secret"] = json!({ "insecure-string": "canary" });
    let other = json!({ "name": "Other", "variables": [{ "name": "key", "type": "credential", "input": true }],
        "steps": [open.clone(), open] });
    let named = bots([("Other", other)]);
    let mut given = run_bot("Other");
    given["inputs"] = json!({ "key": "canary" });
    let found = problems(&bot(&[run_bot("Other"), given]), &named).await;
    let expected = "A step cannot give the secret input “key” a value.";
    assert_eq!(found.len(), 2, "{found:?}");
    for (found, step) in found.iter().zip(1..) {
        let place = format!("step {step} (run-bot): inputs: {expected}");
        assert!(found.starts_with(&place), "{found}");
    }

    let mut open = authenticate("open");
    open["client-secret"] = json!({ "insecure-string": "canary" });
    let named = bots([("Other", bot(&[open.clone(), open]))]);
    let variables = Variables::default();
    let checker = Checker {
        secrets: &FakeSecrets,
        variables: &variables,
        actions: None,
        locale: "en",
    };
    let main = bot(&[run_bot("Other")]).to_string();
    let checked = checker
        .check_file(main.as_bytes(), catalogue(), &named)
        .await;
    let warnings: Vec<_> = checked
        .warnings
        .iter()
        .map(|it| (it.step, it.field.as_str()))
        .collect();
    assert_eq!(warnings, [(1, "bot")]);
}

/// Notes the steps that ask whether they may change something, and refuses some of them.
#[derive(Default)]
struct Gate {
    asked: Vec<usize>,
    refused: Option<usize>,
}

#[async_trait]
impl Watcher for Gate {
    fn on_event(&mut self, _: Event<'_>) {}

    async fn may_change(&mut self, step: usize) -> bool {
        self.asked.push(step);
        self.refused != Some(step)
    }
}

#[tokio::test]
async fn a_step_that_changes_something_begins_only_if_it_may() {
    let create = json!({ "action": "acme/create-user", "name": "Ada" });
    let other = json!({ "name": "Other", "steps": [authenticate("open"), create] });
    let only_reads = json!({ "name": "Reads", "steps": [authenticate("open"), log("x")] });
    let bots = bots([("Other", other), ("Reads", only_reads)]);
    let file = bot(&[
        authenticate("open"),
        log("x"),
        run_bot("Reads"),
        create,
        run_bot("Other"),
        log("y"),
    ]);
    let bot = linked(&file, &bots).await;
    for (refused, asked, calls) in [
        (None, vec![4, 5], 2),
        (Some(4), vec![4], 0),
        // A step of another bot, in which the bot waits for nothing else.
        (Some(5), vec![4, 5], 1),
    ] {
        let actions = Arc::new(FakeActions::default());
        let (_interrupter, interrupt) = interruption();
        let runner = runner(Variables::default(), &actions, interrupt);
        let mut gate = Gate {
            refused,
            ..Gate::default()
        };
        let result = runner.run(&bot, &mut gate).await;
        match (refused, result) {
            (None, Ok(())) => {}
            (Some(refused), Err(RunError::Interrupted { step })) => assert_eq!(step, refused),
            (_, result) => panic!("{refused:?}: {result:?}"),
        }
        assert_eq!(gate.asked, asked);
        let made = actions.calls();
        let created = made.iter().filter(|it| it.starts_with("acme/create-user"));
        assert_eq!(created.count(), calls, "{made:?}");
    }
}
