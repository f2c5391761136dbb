//! *Genesys > Users*, the component of `host-test/components/users`, as an operator and a bot use it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{CLIENT_ID, Ended, Genesys, SECRET, bot_runner};

/// A folder with the component, which the operator has granted what it asks for.
fn granted() -> TempDir {
    let folder = TempDir::new().unwrap();
    let tmpdir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let component = test_peers::component(tmpdir, "genesys-users");
    std::fs::copy(component, folder.path().join("genesys-users.wasm")).unwrap();
    let ended = Ended::of(
        bot_runner()
            .args(["component", "grant", "genesys-users", "--components"])
            .arg(folder.path()),
    );
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("POST to /api/v2/users"),
        "{}",
        ended.stdout
    );
    folder
}

/// A bot that authenticates, followed by these steps.
fn bot(steps: &[Value]) -> Value {
    let authenticate = json!({
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": CLIENT_ID,
        "client-secret": { "variable": "SECRET" },
    });
    let steps: Vec<_> = [&[authenticate], steps].concat();
    json!({ "name": "Users", "steps": steps })
}

#[test]
fn engines_are_told_what_may_be_repeated_and_what_is_returned() {
    let folder = granted();
    let file = folder.path().join("genesys-users.wasm");
    let mut inspect = bot_runner();
    inspect.args(["inspect", "--json"]).arg(file);
    let mut catalogue = bot_runner();
    catalogue.args(["actions", "--json", "--components"]);
    catalogue.arg(folder.path());
    for (mut command, prefix) in [(inspect, ""), (catalogue, "genesys-users/")] {
        let told = Ended::of(&mut command).json();
        let action = |name: &str| {
            let name = format!("{prefix}{name}");
            let actions = told["actions"].as_array().unwrap();
            actions
                .iter()
                .find(|it| it["name"] == name.as_str())
                .unwrap()
                .clone()
        };
        for (name, repeatable) in [
            ("list", true),
            ("get", true),
            ("create", false),
            ("delete", true),
        ] {
            assert_eq!(action(name)["repeatable"], repeatable, "{name}");
        }
        let get = action("get");
        let kinds: Vec<_> = get["outputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["kind"])
            .collect();
        assert_eq!(kinds, ["text", "text", "text", "text", "json"]);
    }
}

/// `run --json` with a bot file in the folder.
fn run(folder: &TempDir, genesys: &Genesys, bot: &Value) -> Command {
    let file = folder.path().join("bot.json");
    std::fs::write(&file, bot.to_string()).unwrap();
    let mut command = bot_runner();
    command
        .args(["run", "--json", "--env", "SECRET", "--retry-for", "0"])
        .env("SECRET", SECRET)
        .args(["--gateway", genesys.gateway(), "--ca-file"])
        .arg(genesys.ca_file())
        .arg("--components")
        .arg(folder.path())
        .arg(file);
    command
}

fn create() -> Value {
    json!({
        "action": "genesys-users/create",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "output": "new",
    })
}

#[test]
fn a_bot_creates_lists_gets_and_deletes_a_user_with_the_session_of_oauth_authenticate() {
    let (folder, genesys) = (granted(), Genesys::start(&[]));
    let id = json!({ "variable": "new.id" });
    let log = "{new.name} is {all.users.0.name}";
    let bot = bot(&[
        create(),
        json!({ "action": "genesys-users/list", "output": "all" }),
        json!({ "action": "genesys-users/get", "user-id": id }),
        json!({ "action": "log", "message": log }),
        json!({ "action": "genesys-users/delete", "user-id": id }),
        json!({ "action": "genesys/disconnect" }),
    ]);
    let ended = Ended::of(&mut run(&folder, &genesys, &bot));
    assert_eq!(ended.status, 0, "{}{}", ended.stdout, ended.stderr);
    let json = ended.json();
    let steps = &json["bots"][0]["steps"];
    assert_eq!(steps[4]["text"], "Ada Lovelace is Ada Lovelace");
    assert_eq!(steps[1]["outputs"]["name"], "Ada Lovelace");
    let users = steps[2]["outputs"]["users"].as_str().unwrap();
    assert!(users.starts_with('['), "{users}");
    assert!(!ended.all().contains(SECRET));
}

#[test]
fn an_error_of_the_action_has_its_code_and_a_message_in_both_languages() {
    let (folder, genesys) = (granted(), Genesys::start(&[]));
    let bot = bot(&[create(), create()]);
    for (locale, said) in [("en", "email address"), ("de", "E-Mail-Adresse")] {
        let ended = Ended::of(run(&folder, &genesys, &bot).args(["--locale", locale]));
        assert_eq!(ended.status, 1, "{}", ended.stderr);
        let json = ended.json();
        let error = &json["bots"][0]["error"];
        assert_eq!(error["kind"], "rejected", "{error}");
        assert_eq!(error["action"], "genesys-users/create");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn fields_are_checked_before_the_bot_runs() {
    let (folder, genesys) = (granted(), Genesys::start(&[]));
    let bot = bot(&[
        json!({ "action": "genesys-users/get", "user-id": "../tokens/me" }),
        json!({ "action": "genesys-users/get", "user-id": "x", "no-such-field": "y" }),
    ]);
    let ended = Ended::of(&mut run(&folder, &genesys, &bot));
    assert_eq!(ended.status, 2, "{}", ended.stdout);
    let json = ended.json();
    let pointer = &json["error"]["problems"][0]["pointer"];
    assert_eq!(pointer, "/steps/2/no-such-field");
}

#[test]
fn a_session_that_the_bot_closed_cannot_be_used() {
    let (folder, genesys) = (granted(), Genesys::start(&[]));
    let bot = bot(&[
        json!({ "action": "genesys/disconnect" }),
        json!({ "action": "genesys-users/list" }),
    ]);
    let ended = Ended::of(&mut run(&folder, &genesys, &bot));
    assert_eq!(ended.status, 2, "{}", ended.stdout);
    assert_eq!(ended.json()["error"]["pointer"], "/steps/2/session-name");
}
