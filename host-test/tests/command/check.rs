//! `bot-runner check`.

use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{ControlRoom, Ended, bot_runner, sample};

/// `bot-runner check` in a folder with these bots.
fn check_in(folder: &TempDir, bots: &[(&str, Value)]) -> Command {
    let mut check = bot_runner();
    check.arg("check").current_dir(folder);
    for (name, bot) in bots {
        std::fs::write(folder.path().join(name), bot.to_string()).unwrap();
        check.arg(name);
    }
    check
}

/// Two problems, a warning, and names that only options can tell of.
fn bots() -> [(&'static str, Value); 3] {
    let authenticate = |url: &str, id: &Value, secret: &Value| {
        json!({
            "action": "genesys/oauth-authenticate", "url": url,
            "client-id": id, "client-secret": secret,
        })
    };
    let credential = |name: &str| json!({ "credential": format!("genesys/hello-bot/{name}") });
    [
        (
            "good.json",
            json!({ "name": "Good", "steps": [
                authenticate("eu-central-1", &credential("client-id"), &credential("client-secret")),
                { "action": "log", "message": "{greeting}" },
            ] }),
        ),
        (
            "bad.json",
            json!({ "name": "Bad", "steps": [
                authenticate("eu-central-9", &json!("id"), &json!({ "insecure-string": "canary" })),
                { "action": "log", "mesage": "x" },
                { "action": "genesys/api-request", "session-name": "Other", "path": "/api/v2/users/me" },
            ] }),
        ),
        ("broken.json", json!("canary")),
    ]
}

#[test]
fn all_problems_of_all_bots_are_reported_in_both_languages() {
    let folder = TempDir::new().unwrap();
    let mut shown = String::new();
    for locale in ["en", "de"] {
        let ended = Ended::of(check_in(&folder, &bots()).args(["--locale", locale]));
        assert_eq!((ended.status, ended.stderr.as_str()), (1, ""));
        shown += &ended.stdout;
    }
    assert!(!shown.contains("canary"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn problems_have_json_pointers() {
    let folder = TempDir::new().unwrap();
    let ended = Ended::of(check_in(&folder, &bots()).arg("--json"));
    assert_eq!(ended.status, 1);
    let json = ended.json();
    let good = &json["bots"][0];
    assert_eq!(
        (&good["file"], &good["problems"]),
        (&json!("good.json"), &json!([]))
    );
    let expected = json!([
        { "kind": "credential", "name": "genesys/hello-bot/client-id" },
        { "kind": "credential", "name": "genesys/hello-bot/client-secret" },
        { "kind": "variable", "name": "greeting" },
    ]);
    assert_eq!(good["not-checked"], expected);
    let bad = &json["bots"][1];
    let pointers = |list: &Value| -> Vec<Value> {
        let list = list.as_array().unwrap().iter();
        list.map(|it| it["pointer"].clone()).collect()
    };
    assert_eq!(
        pointers(&bad["problems"]),
        [
            "/steps/0/url",
            "/steps/1/message",
            "/steps/1/mesage",
            "/steps/2/session-name"
        ]
    );
    assert_eq!(pointers(&bad["warnings"]), ["/steps/0/client-secret"]);
    assert_eq!(pointers(&json["bots"][2]["problems"]), [""]);
    assert_eq!(json["problems"], 5);
}

#[test]
fn credentials_and_variables_are_checked_against_their_sources() {
    let folder = TempDir::new().unwrap();
    let [good, ..] = bots();
    let check = || check_in(&folder, std::slice::from_ref(&good));

    let given = ["--variable", "greeting=hello", "--credentials", "."];
    let ended = Ended::of(check().args(given));
    assert_eq!(ended.status, 1, "{}", ended.all());
    let missing = "There is no credential genesys/hello-bot/client-id";
    assert!(ended.stdout.contains(missing), "{}", ended.stdout);

    let values = folder.path().join("genesys/hello-bot");
    std::fs::create_dir_all(&values).unwrap();
    for name in ["client-id", "client-secret"] {
        std::fs::write(values.join(name), "canary").unwrap();
    }
    let ended = Ended::of(check().args(given));
    assert_eq!(
        (ended.status, ended.all().as_str()),
        (0, "good.json: no problems\n")
    );

    let ended = Ended::of(check().args(["--variable", "other=x"]));
    assert_eq!(ended.status, 1, "{}", ended.all());
    let unknown = "{greeting} is neither a variable nor the output of an earlier step";
    assert!(ended.stdout.contains(unknown), "{}", ended.stdout);
}

#[test]
fn a_control_room_is_asked_on_behalf_of_a_user() {
    let control_room = ControlRoom::filled();
    let bot = sample("hello-client.json");
    let check = format!("check {} --as", bot.display());
    let ended = control_room.done(&format!("{check} ada"));
    assert!(
        ended.stdout.ends_with(": no problems\n"),
        "{}",
        ended.stdout
    );
    let refusal = control_room.refused(&format!("{check} bob"));
    assert!(refusal.contains("bob"), "{refusal}");
    control_room.done("user create eve");
    let ended = control_room.run(&format!("{check} eve"));
    assert_eq!(ended.status, 1, "{}", ended.all());
    assert!(ended.stdout.contains("2 problems"), "{}", ended.stdout);
    // Nothing was used.
    assert_eq!(control_room.run("audit").stdout, "");
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let folder = TempDir::new().unwrap();
    let mut check = check_in(&folder, &bots()[1..2]);
    let ended = Ended::of(check.args(["missing.json", "--json"]));
    assert_eq!(ended.status, 2);
    let json = ended.json();
    assert_eq!(json["problems"], 4);
    assert_eq!(json["bots"][1]["file"], "missing.json");
    let message = json["bots"][1]["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("the bot file missing.json: "),
        "{message}"
    );
}
