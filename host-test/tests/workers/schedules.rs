//! `bot-runner schedule`, and the programs that start what is due.

use std::process::Stdio;
use std::time::Duration;

use control_room::bots::Save;
use control_room::runs::{Outcome, Run};
use serde_json::{Value, json};

use crate::support::Ended;
use crate::workers::{Fixture, READING, Stopped, bot};

const SECRET_INPUT: &str = "canary-of-a-secret-input";

/// New Year: not while the test runs.
const NEW_YEAR: &[&str] = &["--cron", "0 0 1 1 *", "--time-zone", "Europe/Berlin"];

async fn schedule(fixture: &Fixture, arguments: &[&str]) -> Ended {
    let mut command = fixture.command("schedule").await;
    command.env("TOKEN_FOR_BOT", SECRET_INPUT);
    Ended::of(command.args(arguments))
}

/// Adds a schedule, and returns its id.
async fn add(fixture: &Fixture, bot: &str, options: &[&str]) -> String {
    let arguments = [&["add", bot, "--json"], NEW_YEAR, options].concat();
    let added = schedule(fixture, &arguments).await;
    assert_eq!(added.status, 0, "{}", added.all());
    added.json()["schedule"].as_str().unwrap().into()
}

/// Lets its time come.
async fn make_due(fixture: &Fixture) {
    let change = "UPDATE schedules SET next_at = 1";
    fixture.store.execute_with_key(change).await.unwrap();
}

async fn list(fixture: &Fixture) -> Vec<Value> {
    let listed = schedule(fixture, &["list", "--json"]).await;
    assert_eq!(listed.status, 0, "{}", listed.all());
    assert!(!listed.all().contains(SECRET_INPUT));
    listed.json()["schedules"].as_array().unwrap().clone()
}

async fn runs(fixture: &Fixture) -> Vec<Run> {
    let runs = fixture.store.runs(&fixture.ada);
    runs.list(&Default::default(), 0, 9).await.unwrap().items
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_start_a_bot_once_for_a_time_as_it_is_then_with_the_inputs_of_the_schedule() {
    let fixture = Fixture::new(Vec::new()).await;
    let asking = |path: &str| {
        let mut bot = bot("Asking", "GET");
        bot["variables"] = json!([
            { "name": "who", "input": true },
            { "name": "TOKEN_FOR_BOT", "type": "credential", "input": true },
        ]);
        bot["steps"][1]["path"] = json!(path);
        bot.to_string()
    };
    let bots = fixture.store.bots(&fixture.ada);
    let file = asking("/api/v2/former/{who}");
    let id = bots.create("Asking", &file).await.unwrap();
    let inputs = ["--variable", "who=Ada", "--env", "TOKEN_FOR_BOT"];
    add(
        &fixture,
        "Asking",
        &[&inputs[..], &["--missed", "once"]].concat(),
    )
    .await;
    let file = asking("/api/v2/things/{who}");
    bots.save(&id, 1, "Asking", &file, Save::Kept)
        .await
        .unwrap();
    make_due(&fixture).await;
    let mut workers = [
        fixture.worker("first", &[]).await,
        fixture.worker("second", &[]).await,
    ];
    fixture.arrived();
    for worker in &mut workers {
        worker.terminate();
        worker.ended();
    }
    assert_eq!(fixture.requests("GET /api/v2/things/Ada"), 1);
    assert_eq!(fixture.requests("GET /api/v2/former"), 0);
    let runs = runs(&fixture).await;
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].ended.unwrap().1, Outcome::Done);
    let listed = list(&fixture).await;
    assert_eq!(listed[0]["last"]["happened"], "queued");
    assert_eq!(listed[0]["last"]["run"], runs[0].id);
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_queues_what_is_due() {
    let fixture = Fixture::new(Vec::new()).await;
    add(&fixture, READING, &["--missed", "once", "--pool", "inside"]).await;
    make_due(&fixture).await;
    let queue = fixture.store.queue();
    let mut wake_ups = queue.wake_ups().await.unwrap();
    let mut serve = fixture.command("serve").await;
    serve.args(["--listen", "127.0.0.1:0"]);
    let _serve = Stopped(serve.stdout(Stdio::null()).spawn().unwrap());
    let (pool, lease) = ("inside".parse().unwrap(), Duration::from_hours(1));
    let claimed = loop {
        match queue.claim(&pool, "worker", lease).await.unwrap() {
            Some(claimed) => break claimed,
            None => wake_ups.next().await,
        }
    };
    assert_eq!(claimed.run.bot, READING);
    assert!(queue.claim(&pool, "w", lease).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_listed_paused_resumed_and_removed() {
    let fixture = Fixture::new(Vec::new()).await;
    let arguments = ["add", READING, "--cron", "30 9 29 2 *", "--time-zone"];
    let added = schedule(&fixture, &[&arguments[..], &["Asia/Tokyo"]].concat()).await;
    assert_eq!(added.status, 0, "{}", added.all());
    assert_eq!(added.stdout.matches("-02-29T09:30:00+09:00").count(), 3);
    let listed = list(&fixture).await;
    let [listed] = listed.as_slice() else {
        panic!("{listed:?}");
    };
    let id = listed["schedule"].as_str().unwrap();
    assert!(added.all().contains(id), "{}", added.all());
    for (name, value) in [
        ("bot", json!(READING)),
        ("pool", json!("default")),
        ("cron", json!("30 9 29 2 *")),
        ("time-zone", json!("Asia/Tokyo")),
        ("overlap", json!("skip")),
        ("missed", json!("skip")),
        ("paused", json!(false)),
        ("last", Value::Null),
    ] {
        assert_eq!(listed[name], value, "{name}");
    }
    let next = listed["next"].as_str().unwrap();
    assert!(next.ends_with("-02-29T09:30:00+09:00"), "{next}");

    let shown = async |locale| {
        schedule(&fixture, &["list", "--locale", locale])
            .await
            .stdout
    };
    assert!(shown("en").await.contains(next));
    assert_eq!(schedule(&fixture, &["pause", id]).await.status, 0);
    assert!(shown("en").await.contains("paused"));
    assert!(shown("de").await.contains("pausiert"));
    assert_eq!(list(&fixture).await[0]["paused"], true);
    assert_eq!(schedule(&fixture, &["resume", id]).await.status, 0);
    assert_eq!(list(&fixture).await[0]["next"], next);
    assert_eq!(schedule(&fixture, &["remove", id]).await.status, 0);
    assert!(list(&fixture).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_schedule_is_refused_with_the_reason() {
    let fixture = Fixture::new(Vec::new()).await;
    for (arguments, expected) in [
        (
            &["add", READING, "--cron", "0 25 * * *", "--time-zone", "UTC"][..],
            "“25” is not valid as the hour",
        ),
        (
            &[
                "add",
                READING,
                "--cron",
                "0 25 * * *",
                "--time-zone",
                "UTC",
                "--locale",
                "de",
            ],
            "„25“ ist in einem Cron-Ausdruck kein gültiger Wert für: Stunde",
        ),
        (
            &["add", READING, "--cron", "0 9 * *", "--time-zone", "UTC"],
            "5 fields, not 4",
        ),
        (
            &[
                "add",
                READING,
                "--cron",
                "0 9 * * *",
                "--time-zone",
                "Berlin",
            ],
            "Is it Europe/Berlin?",
        ),
        (
            &[
                "add",
                "Nothing",
                "--cron",
                "0 9 * * *",
                "--time-zone",
                "UTC",
            ],
            "no bot with the name “Nothing”",
        ),
        (&["pause", "x"], "There is no such schedule"),
        (
            &["remove", "x", "--locale", "de"],
            "Einen solchen Zeitplan gibt es nicht",
        ),
    ] {
        let ended = schedule(&fixture, arguments).await;
        assert_eq!(ended.status, 2, "{}", ended.all());
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    assert!(list(&fixture).await.is_empty());
}
