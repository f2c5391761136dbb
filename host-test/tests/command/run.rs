//! `bot-runner run`.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::{CLIENT_ID, ControlRoom, Ended, Genesys, SECRET, bot_runner, sample};

/// A bot that takes client id and secret from the environment.
fn bot(steps: &Value) -> String {
    json!({ "name": "Test", "steps": steps }).to_string()
}

fn authenticate() -> Value {
    json!({
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": { "variable": "CLIENT_ID" },
        "client-secret": { "variable": "CLIENT_SECRET" },
    })
}

fn run(genesys: &Genesys, steps: &Value, options: &[&str]) -> Ended {
    let file = genesys.file("bot.json", &bot(steps));
    let mut command = genesys.command("run");
    command
        .arg(file)
        .args([
            "--env",
            "CLIENT_ID",
            "--env",
            "CLIENT_SECRET",
            "--retry-for",
            "0",
        ])
        .args(options)
        .env("CLIENT_ID", CLIENT_ID)
        .env("CLIENT_SECRET", SECRET);
    Ended::of(&mut command)
}

#[test]
fn a_bot_runs_with_variables_of_the_environment() {
    let genesys = Genesys::start(&[]);
    let steps = json!([
        authenticate(),
        { "action": "genesys/api-request", "path": "/api/v2/organizations/me", "output": "org" },
        { "action": "log", "message": "{{{org.name}}}" },
        { "action": "genesys/disconnect" },
    ]);
    let ended = run(&genesys, &steps, &["--json"]);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let bot = &ended.json()["bots"][0];
    assert_eq!(bot["bot"], "Test");
    assert_eq!(bot["error"], Value::Null);
    let outcomes: Vec<_> = bot["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["outcome"])
        .collect();
    assert_eq!(outcomes, ["ok"; 4]);
    assert_eq!(bot["steps"][1]["outputs"]["name"], "Example Company");
    assert_eq!(bot["steps"][2]["text"], "{Example Company}");
}

#[test]
fn credential_variables_are_not_shown() {
    let genesys = Genesys::start(&[]);
    let steps = json!([{ "action": "log", "message": "{GREETING}, {CLIENT_SECRET}" }]);
    let given = [
        "--variable",
        "GREETING=a=b",
        "--variable",
        "CLIENT_SECRET=x",
    ];
    let ended = run(&genesys, &steps, &given);
    assert_eq!(ended.status, 2);
    let expected = "{CLIENT_SECRET} is a credential variable, which cannot be part of a text";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);

    let steps = json!([{ "action": "log", "message": "{GREETING}!" }]);
    let ended = run(&genesys, &steps, &given);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("a=b!"), "{}", ended.stdout);
    assert_eq!(run(&genesys, &steps, &["--variable", "=x"]).status, 2);
}

#[test]
fn inputs_are_given_as_variables_and_secret_ones_by_the_environment() {
    let genesys = Genesys::start(&[]);
    let mut open = authenticate();
    open["client-secret"] = json!({ "variable": "secret" });
    let bot = json!({
        "name": "Test",
        "variables": [
            { "name": "secret", "type": "credential", "input": true },
            { "name": "count", "type": "number", "input": true },
            { "name": "greeting", "input": true, "default": "Hello" },
        ],
        "steps": [open, { "action": "log", "message": "{greeting} {count}" }],
    });
    let file = genesys.file("inputs.json", &bot.to_string());
    let run = |given: &[&str]| {
        let mut command = genesys.command("run");
        command.arg(&file).args(["--env", "CLIENT_ID"]).args(given);
        command.env("CLIENT_ID", CLIENT_ID).env("secret", SECRET);
        Ended::of(&mut command)
    };
    let ended = run(&[
        "--variable",
        "count=canary",
        "--variable",
        "secret=x",
        "--json",
    ]);
    assert_eq!(ended.status, 2, "{}", ended.all());
    let error = &ended.json()["error"];
    let problems = error["problems"].as_array().unwrap();
    let places: Vec<_> = problems
        .iter()
        .map(|it| (&it["pointer"], &it["variable"]))
        .collect();
    assert_eq!(
        places,
        [
            (&json!("/variables/0"), &json!(1)),
            (&json!("/variables/1"), &json!(2))
        ]
    );
    assert!(ended.stderr.contains("`--env secret`"), "{}", ended.stderr);
    assert!(!ended.all().contains("canary"), "{}", ended.all());

    let ended = run(&["--env", "secret", "--variable", "count=25"]);
    assert_eq!(ended.status, 0, "{}", ended.all());
    assert!(ended.stdout.contains("Hello 25"), "{}", ended.stdout);
    assert!(!ended.all().contains(SECRET));
}

#[test]
fn a_bot_runs_the_bot_in_the_file_beside_it() {
    let genesys = Genesys::start(&[]);
    let other = json!({ "name": "Other", "variables": [{ "name": "who", "input": true }],
        "steps": [{ "action": "log", "message": "Hello, {who}" }] });
    genesys.file("Other.json", &other.to_string());
    let step = |bot: &str| json!({ "action": "run-bot", "bot": bot, "inputs": { "who": "Ada" } });
    let ended = run(&genesys, &json!([step("Other")]), &[]);
    assert_eq!(ended.status, 0, "{}", ended.all());
    for shown in [
        "Bot “Other”, step 1: Hello, Ada",
        "Bot “Other” has run: 1 step.",
    ] {
        assert!(ended.all().contains(shown), "{shown}: {}", ended.all());
    }
    for name in ["../Other", "/etc/passwd", ".Other", "Nobody"] {
        let ended = run(&genesys, &json!([step(name)]), &[]);
        assert_eq!(ended.status, 2, "{name}");
        let is_reported = ended.stderr.contains("There is no bot");
        assert!(is_reported, "{name}: {}", ended.stderr);
    }
}

#[test]
fn with_json_the_steps_are_still_printed_to_standard_error() {
    let genesys = Genesys::start(&[]);
    let ended = run(
        &genesys,
        &json!([{ "action": "log", "message": "seen" }]),
        &["--json"],
    );
    assert!(ended.stderr.contains("seen"), "{}", ended.stderr);
    assert_eq!(ended.json()["bots"][0]["steps"][0]["text"], "seen");
}

#[test]
fn the_name_of_a_step_is_reported() {
    let genesys = Genesys::start(&[]);
    let steps = json!([
        { "action": "log", "step-name": "Greet", "message": "Hello" },
        authenticate(),
        { "action": "genesys/api-request", "step-name": "Ask", "path": "/api/v2/users/nobody" },
    ]);
    let ended = run(&genesys, &steps, &["--json"]);
    for reported in ["Greet: Hello", "Ask: "] {
        assert!(
            ended.stderr.contains(reported),
            "{reported}: {}",
            ended.stderr
        );
    }
    let report = &ended.json()["bots"][0]["steps"];
    let names = [0, 1, 2].map(|step| report[step]["name"].clone());
    assert_eq!(names, [json!("Greet"), json!(null), json!("Ask")]);
    assert_eq!(report[0]["text"], "Hello");
}

#[test]
fn an_insecure_string_for_a_secret_warns_without_showing_it() {
    let genesys = Genesys::start(&[]);
    let mut step = authenticate();
    step["client-secret"] = json!({ "insecure-string": SECRET });
    let ended = run(&genesys, &json!([step]), &[]);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("warning: step 1, client-secret: "),
        "{}",
        ended.stderr
    );
    assert!(!ended.all().contains(SECRET));
}

#[test]
fn sessions_left_open_are_closed() {
    let genesys = Genesys::start(&[]);
    let ended = run(&genesys, &json!([authenticate()]), &[]);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    for note in [
        "Session “Default” was left open, and stays open for other bots.",
        "1 shared session has been closed",
    ] {
        assert!(ended.stdout.contains(note), "{}", ended.stdout);
    }

    let mut own = authenticate();
    own["session"] = json!("own");
    let ended = run(&genesys, &json!([own]), &[]);
    let note = "Session “Default” was left open and has been closed.";
    assert!(ended.stdout.contains(note), "{}", ended.stdout);
}

#[test]
fn a_session_name_that_is_used_twice_replaces_the_first_session() {
    let genesys = Genesys::start(&[]);
    let steps = json!([authenticate(), authenticate(), { "action": "genesys/disconnect" }]);
    let ended = run(&genesys, &steps, &[]);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("replaces the one of that name"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_failed_authentication_leaves_no_session() {
    let genesys = Genesys::start(&[]);
    let mut step = authenticate();
    step["client-secret"] = json!({ "insecure-string": "wrong" });
    let steps =
        json!([step, { "action": "genesys/api-request", "path": "/api/v2/organizations/me" }]);
    let ended = run(&genesys, &steps, &["--json"]);
    assert_eq!(ended.status, 1);
    let bot = &ended.json()["bots"][0];
    assert_eq!(bot["error"]["kind"], "rejected");
    assert_eq!(bot["error"]["step"], 1);
    assert_eq!(bot["steps"].as_array().unwrap().len(), 1);
}

#[test]
fn a_refused_api_request_is_reported() {
    let genesys = Genesys::start(&[]);
    let steps =
        json!([authenticate(), { "action": "genesys/api-request", "path": "/api/v2/nothing" }]);
    let ended = run(&genesys, &steps, &["--json"]);
    assert_eq!(ended.status, 1);
    let error = &ended.json()["bots"][0]["error"];
    assert_eq!(
        (&error["kind"], &error["step"]),
        (&json!("api-request-failed"), &json!(2))
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("api.mypurecloud.de answered 404"),
        "{message}"
    );
    assert!(message.contains("Correlation id"), "{message}");
    // What the API says of it.
    assert_eq!(error["status"], 404);
    assert_eq!(error["path"], "/api/v2/nothing");
    for member in ["code", "description"] {
        let said = error[member].as_str().unwrap();
        // The sentence goes on after it.
        let said = said.trim_end_matches('.');
        assert!(message.contains(said), "{member}: {message}");
    }
    assert!(error["correlation-id"].is_string(), "{error}");
}

#[test]
fn the_sample_bots_exit_with_status_1_if_the_server_is_stopped() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let genesys = Genesys::start(&[]);
    let file = genesys.file("bot.json", &bot(&json!([authenticate()])));
    let mut command = bot_runner();
    command
        .arg("run")
        .arg(file)
        .args([
            "--env",
            "CLIENT_ID",
            "--env",
            "CLIENT_SECRET",
            "--retry-for",
            "0",
            "--gateway",
            &free.to_string(),
        ])
        .env("CLIENT_ID", CLIENT_ID)
        .env("CLIENT_SECRET", SECRET);
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 1);
    assert!(
        ended.stdout.contains("login.mypurecloud.de"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("the connection was refused"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_throttled_bot_exits_with_status_1() {
    let genesys = Genesys::start(&["--tokens-per-minute", "1"]);
    let mut another = authenticate();
    another["session"] = json!("own");
    let ended = run(&genesys, &json!([authenticate(), another]), &["--json"]);
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    assert_eq!(ended.json()["bots"][0]["error"]["kind"], "throttled");
}

#[test]
fn the_embedded_cloud_runs_bots_from_files() {
    let mut command = bot_runner();
    command
        .args(["run", "--genesys", "embedded"])
        .arg(sample("hello-client.json"))
        .arg(sample("hello-connection.json"));
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

#[test]
fn all_problems_of_all_bots_are_reported_before_any_of_them_runs() {
    let genesys = Genesys::start(&[]);
    let mut unknown_credential = authenticate();
    unknown_credential["client-secret"] = json!({ "credential": "a/b/c" });
    let steps = [
        json!([{ "action": "log", "message": "ran" }]),
        json!([
            { "action": "genesys/fly" },
            { "action": "genesys/disconnect" },
            unknown_credential,
        ]),
        json!([{ "action": "log" }]),
    ];
    let mut command = genesys.command("run");
    for (number, steps) in steps.iter().enumerate() {
        command.arg(genesys.file(&format!("bot-{number}.json"), &bot(steps)));
    }
    let ended = Ended::of(&mut command);
    assert_eq!(ended.status, 2, "{}", ended.stderr);
    for expected in [
        "bot-1.json",
        "There is no action",
        "No earlier step opens",
        "on a user's behalf",
        "bot-2.json",
        "message: The field is missing",
    ] {
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    assert!(!ended.all().contains("ran\n"), "{}", ended.all());
    // Each problem has a line, in the language that was asked for.
    command.args(["--locale", "de", "--json"]);
    let ended = Ended::of(&mut command);
    for line in ended.stderr.lines() {
        assert!(line.starts_with("Fehler: "), "{line}");
        let places = ["Schritt 1", "Schritt 2", "Schritt 3"];
        let places = places.iter().filter(|place| line.contains(*place));
        assert!(places.count() <= 1, "{line}");
        assert!(
            !line.contains("step ") && !line.contains("behalf"),
            "{line}"
        );
    }
    assert!(ended.stderr.contains("„genesys/fly“"), "{}", ended.stderr);
    let error = &ended.json()["error"];
    assert_eq!(error["problems"].as_array().unwrap().len(), 4);
    let other = &error["others"][0];
    assert_eq!(other["pointer"], "/steps/0/message");
    assert!(other["message"].as_str().unwrap().contains("bot-2.json"));
}

#[test]
fn problems_are_reported_with_step_and_field_before_anything_runs() {
    let genesys = Genesys::start(&[]);
    let log = || json!({ "action": "log", "message": "ran" });
    let mut unknown_credential = authenticate();
    unknown_credential["client-secret"] = json!({ "credential": "a/b/c" });
    for (steps, status, expected) in [
        (
            json!([log(), { "action": "genesys/fly" }]),
            2,
            "step 2: action: There is no action",
        ),
        (
            json!([log(), { "action": "log" }]),
            2,
            "step 2 (log): message: The field is missing",
        ),
        (
            json!([log(), { "action": "log", "message": "x", "colour": "red" }]),
            2,
            "colour: There is no such field",
        ),
        (
            json!([log(), unknown_credential]),
            2,
            "step 2 (genesys/oauth-authenticate): client-secret: Credentials and connections are used on a user's behalf",
        ),
        (
            json!([log(), { "action": "genesys/disconnect" }]),
            2,
            "step 2 (genesys/disconnect): session-name: No earlier step opens",
        ),
        (
            json!([log(), { "action": "log", "message": "{CLIENT_SECRET}" }]),
            2,
            "step 2 (log): message: {CLIENT_SECRET} is a credential variable, which cannot be part of a text",
        ),
        (
            json!([
                authenticate(),
                { "action": "genesys/api-request", "path": "/api/v2/users/{CLIENT_SECRET}" },
            ]),
            2,
            "step 2 (genesys/api-request): path: {CLIENT_SECRET} is a credential variable",
        ),
    ] {
        let ended = run(&genesys, &steps, &[]);
        assert_eq!(ended.status, status, "{steps}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn errors_name_a_file_that_is_not_a_bot() {
    let genesys = Genesys::start(&[]);
    for (content, expected) in [
        ("", "The file is not JSON"),
        (
            "{\"name\": \"x\", \"name\": \"y\"}",
            "duplicate member \"name\"",
        ),
        ("[]", "Expected an object, found a list"),
        (
            "{\"name\": \"x\", \"steps\": []}",
            "steps: The bot has no steps yet.",
        ),
    ] {
        let file = genesys.file("bot.json", content);
        let ended = Ended::of(genesys.command("run").arg(file));
        assert_eq!(ended.status, 2);
        assert!(
            ended.stderr.contains("bot.json") && ended.stderr.contains(expected),
            "{}",
            ended.stderr
        );
    }
    let ended = Ended::of(genesys.command("run").arg("/nowhere/bot.json"));
    assert_eq!(ended.status, 2);
    assert!(
        ended.stderr.contains("/nowhere/bot.json"),
        "{}",
        ended.stderr
    );
}

#[test]
fn repeated_runs_share_a_session() {
    let genesys = Genesys::start(&[]);
    let steps = json!([
        authenticate(),
        { "action": "genesys/api-request", "path": "/api/v2/organizations/me" },
    ]);
    let ended = run(
        &genesys,
        &steps,
        &["--repeat", "50", "--parallel", "8", "--json"],
    );
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let report = ended.json();
    let expected = json!({ "asked-for": 50, "opened": 1, "spared": 49 });
    assert_eq!(report["sessions"], expected);
    let bot = &report["bots"][0];
    assert_eq!((&bot["runs"], &bot["failed"]), (&json!(50), &json!(0)));
    assert!(
        ended
            .stderr
            .contains("sessions: 50 requested, 1 opened, 49 reused"),
        "{}",
        ended.stderr
    );
}

#[test]
fn failures_of_repeated_runs_are_counted_by_message() {
    let genesys = Genesys::start(&[]);
    let mut step = authenticate();
    step["client-secret"] = json!({ "insecure-string": "canary" });
    let ended = run(&genesys, &json!([step]), &["--repeat", "5", "--json"]);
    assert_eq!(ended.status, 1);
    let bot = &ended.json()["bots"][0];
    assert_eq!((&bot["runs"], &bot["failed"]), (&json!(5), &json!(5)));
    let failures = bot["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0]["count"], 5);
    assert_eq!(failures[0]["first"]["kind"], "rejected");
    assert!(!ended.stderr.contains("canary") && !ended.stdout.contains("canary"));
}

/// What a designer sees of a run, with the German messages.
#[test]
fn a_run_is_german_throughout_in_a_german_locale() {
    let genesys = Genesys::start(&["--tokens-per-minute", "1"]);
    let steps = |secret: &str| {
        let authenticate = |name: &str| {
            json!({
                "action": "genesys/oauth-authenticate",
                "url": "eu-central-1",
                "client-id": CLIENT_ID,
                "client-secret": { "insecure-string": secret },
                "session-name": name,
                "session": "own",
            })
        };
        json!({ "name": "Test", "steps": [
            authenticate("A"),
            { "action": "genesys/api-request", "session-name": "A", "path": "/api/v2/users/me", "output": "me" },
            { "action": "genesys/disconnect", "session-name": "A" },
            authenticate("B"),
        ] })
    };
    let invalid = json!({ "name": "", "steps": [{ "action": "log" }, { "action": "nothing" }] });
    let mut shown = String::new();
    for bot in [steps(SECRET), steps("wrong"), invalid] {
        let file = genesys.file("bot.json", &bot.to_string());
        let mut run = genesys.command("run");
        run.arg(file).args(["--locale", "de", "--retry-for", "1"]);
        shown += &Ended::of(&mut run).all();
    }
    for english in [
        "warning", "failed ", "session ", "step ", "closed", "expires", "error:", "retrying",
        "attempt", "missing", "expected", "bot file",
    ] {
        assert!(!shown.contains(english), "{english}: {shown}");
    }
    for german in ["Warnung", "Fehler", "Schritt 1", "Sitzung"] {
        assert!(shown.contains(german), "{german}: {shown}");
    }
}

#[test]
fn the_json_of_a_run_has_its_messages_in_the_language_of_the_locale() {
    let genesys = Genesys::start(&[]);
    let run = |steps: &Value, options: &[&str]| {
        let options = [&["--json", "--locale", "de"], options].concat();
        run(&genesys, steps, &options)
    };
    let missing =
        json!([authenticate(), { "action": "genesys/api-request", "path": "/api/v2/nothing" }]);
    let ended = run(&missing, &[]);
    let message = "api.mypurecloud.de antwortete 404 Not Found.";
    let error = &ended.json()["bots"][0]["error"];
    assert!(
        error["message"].as_str().unwrap().starts_with(message),
        "{error}"
    );
    let ended = run(&missing, &["--repeat", "1"]);
    assert!(
        ended.stderr.contains("Schritt 2 (genesys/api-request): "),
        "{}",
        ended.stderr
    );
    let first = &ended.json()["bots"][0]["failures"][0]["first"];
    assert!(
        first["message"].as_str().unwrap().starts_with(message),
        "{first}"
    );

    let ended = run(&json!([{ "action": "log" }, { "action": "nothing" }]), &[]);
    let error = &ended.json()["error"];
    for problem in error["problems"].as_array().unwrap() {
        let message = problem["message"].as_str().unwrap();
        assert!(message.starts_with("Schritt "), "{message}");
    }

    let ended = run(&json!([authenticate()]), &["--env", "NOT_SET"]);
    assert!(
        ended
            .stderr
            .contains("NOT_SET: die Umgebungsvariable ist nicht gesetzt"),
        "{}",
        ended.stderr
    );
    let room = ControlRoom::filled();
    let mut run = genesys.command("run");
    run.arg(sample("hello-client.json"))
        .args(["--locale", "de", "--as", "nobody", "--data"])
        .arg(room.data());
    let ended = Ended::of(&mut run);
    assert!(
        ended.stderr.contains("es gibt keinen Benutzer „nobody“"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_session_that_did_not_open_is_not_counted() {
    let genesys = Genesys::start(&[]);
    let bot = json!({ "name": "Test", "steps": [{
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": CLIENT_ID,
        "client-secret": { "insecure-string": "wrong" },
    }] });
    let file = genesys.file("bot.json", &bot.to_string());
    let mut run = genesys.command("run");
    let ended = Ended::of(run.arg(file).args(["--json", "--repeat", "3"]));
    let expected = json!({ "asked-for": 3, "opened": 0, "spared": 0 });
    assert_eq!(ended.json()["sessions"], expected, "{}", ended.stderr);
}
