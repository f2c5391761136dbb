//! `--log-format`: the log for people or for programs.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{CLIENT_ID, Ended, Genesys, SECRET, bot_runner};

/// A bot whose two steps connect to one host each, which is logged.
fn run(genesys: &Genesys) -> Command {
    let steps = json!([
        { "action": "genesys/oauth-authenticate", "url": "eu-central-1", "client-id": CLIENT_ID,
          "client-secret": { "insecure-string": SECRET } },
        { "action": "genesys/api-request", "path": "/api/v2/tokens/me", "output": "token" },
    ]);
    let bot = json!({ "name": "Test", "steps": steps });
    let file = genesys.file("bot.json", &bot.to_string());
    let mut run = genesys.command("run");
    // The target of the spans is not selected.
    run.arg(file)
        .arg("--quiet")
        .env("RUST_LOG", "egress::connect=debug");
    run
}

/// The lines of the log, each of which must be an object.
fn lines(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let object = |line| match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object.into(),
        other => panic!("{line}: {other:?}"),
    };
    ended.stderr.lines().map(object).collect()
}

/// The first of the lines is the example of the guide, but for the time and the server.
#[test]
fn every_line_is_a_json_object_with_the_run_and_the_step() {
    let genesys = Genesys::start(&[]);
    let ended = Ended::of(run(&genesys).args(["--log-format", "json"]));
    let mut lines = lines(&ended);
    let spans: Vec<_> = lines.iter().map(|line| &line["spans"]).collect();
    let step = |number| json!([{ "name": "run", "id": "1" }, { "name": "step", "number": number }]);
    assert_eq!(spans, [&step(1), &step(2)]);

    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operators.md");
    let guide = fs::read_to_string(guide).unwrap();
    let example = guide
        .lines()
        .find(|line| line.starts_with("{\"timestamp\""));
    let example: Value = serde_json::from_str(example.unwrap()).unwrap();
    let line = &mut lines[0];
    let (time, example_time) = (&line["timestamp"], &example["timestamp"]);
    let shape = |time: &Value| {
        time.as_str()
            .unwrap()
            .replace(|c: char| c.is_ascii_digit(), "0")
    };
    assert_eq!(shape(time), "0000-00-00T00:00:00.000000Z");
    assert_eq!(shape(example_time), shape(time));
    line["timestamp"] = example_time.clone();
    for of_server in ["host", "address"] {
        line["fields"][of_server] = example["fields"][of_server].clone();
    }
    assert_eq!(line, &example);
}

#[test]
fn text_has_the_run_and_the_step_as_well() {
    let genesys = Genesys::start(&[]);
    let ended = Ended::of(&mut run(&genesys));
    for step in [1, 2] {
        let begin = format!("DEBUG run{{id=1}}:step{{number={step}}}: egress::connect: connected ");
        assert!(ended.stderr.contains(&begin), "{}", ended.stderr);
    }
}

#[test]
fn the_format_has_defaults_in_the_environment_and_in_the_configuration_file() {
    let genesys = Genesys::start(&[]);
    let file = genesys.file("bot-runner.toml", "log-format = \"json\"\n");
    let variable = |value| {
        let mut run = run(&genesys);
        run.env("BOT_RUNNER_CONFIG", &file)
            .env("BOT_RUNNER_LOG_FORMAT", value);
        run
    };
    let is_json = |command: &mut Command| Ended::of(command).stderr.starts_with('{');
    assert!(is_json(&mut variable("")), "that of the file");
    assert!(!is_json(&mut variable("text")), "the environment wins");
    assert!(
        is_json(variable("text").args(["--log-format", "json"])),
        "and the option"
    );
    for (locale, message) in [
        ("en", "error: BOT_RUNNER_LOG_FORMAT must be text or json\n"),
        (
            "de",
            "Fehler: BOT_RUNNER_LOG_FORMAT muss text oder json sein\n",
        ),
    ] {
        let mut regions = bot_runner();
        regions.args(["regions", "--locale", locale]);
        let ended = Ended::of(regions.env("BOT_RUNNER_LOG_FORMAT", "xml"));
        assert_eq!((ended.status, &*ended.stderr), (2, message));
    }
}
