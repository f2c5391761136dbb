//! `bot-runner init`, with its answers as options. At a terminal: see `terminal.rs`.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{CLIENT_ID, Ended, Genesys, SECRET, bot_runner, wrapped};

/// An empty folder, in which the client's secret can be read from `secret`.
struct Place {
    folder: TempDir,
    genesys: Genesys,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let genesys = Genesys::start(&[]);
        Self { folder, genesys }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn bot_runner(&self) -> Command {
        let mut command = bot_runner();
        command.current_dir(&self.folder).env("USER", "ada");
        command
    }

    /// `bot-runner init` with all answers but the form.
    fn init(&self) -> Command {
        let mut init = self.bot_runner();
        init.args([
            "init",
            "--name",
            "Grüße an Genesys",
            "--region",
            "eu-central-1",
        ])
        .args(["--client-id", CLIENT_ID]);
        init
    }

    fn with_control_room(&self) -> Command {
        let mut init = self.init();
        init.args(["--form", "control-room", "--data", "data", "--secret-file"])
            .arg(self.genesys.secret_file());
        init
    }

    /// Runs a command that was printed, with the network options for the simulation.
    fn run(&self, command: &str) -> Ended {
        let arguments = command.trim().strip_prefix("bot-runner").unwrap();
        let mut shell = Command::new("sh");
        let script = format!(
            "\"$0\" \"$@\" {arguments} --gateway {}",
            self.genesys.gateway()
        );
        shell.args(["-c", &script]);
        let mut command = self.bot_runner();
        command.env(
            "BOT_CREDENTIAL__GRUESSE_AN_GENESYS__OAUTH_CLIENT__CLIENT_SECRET",
            SECRET,
        );
        command.env(
            "BOT_CREDENTIAL__GRUESSE_AN_GENESYS__OAUTH_CLIENT__CLIENT_ID",
            CLIENT_ID,
        );
        let mut shell = wrapped(shell, &command);
        // At the end, so that `$@` is empty.
        let shell = shell.current_dir(&self.folder);
        shell.env("CA", self.genesys.ca_file());
        Ended::of(shell)
    }

    /// What there is in the folder.
    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.folder).unwrap();
        files
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

/// The last line, which is the command that runs the bot.
fn command(ended: &Ended) -> String {
    assert_eq!(
        (ended.status, ended.stderr.as_str()),
        (0, ""),
        "{}",
        ended.stdout
    );
    let last = ended.stdout.lines().last().unwrap();
    format!("{last} --ca-file \"$CA\"")
}

#[test]
fn a_bot_with_a_control_room_is_made_and_runs() {
    let place = Place::new();
    let ended = Ended::of(&mut place.with_control_room());
    let ran = place.run(&command(&ended));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        ran.stdout.contains("Hello, Example Company"),
        "{}",
        ran.stdout
    );
    assert!(!ended.all().contains(SECRET), "{}", ended.all());
    insta::assert_snapshot!(ended.stdout);
    let file = std::fs::read_to_string(place.path("gruesse-an-genesys.json")).unwrap();
    insta::assert_snapshot!("the_bot_file", file);
    let lockers = Ended::of(
        place
            .bot_runner()
            .args(["vault", "locker", "list", "--data", "data"]),
    );
    let expected = "gruesse-an-genesys\n    may be used by: gruesse-an-genesys\n    owners: none\n";
    assert_eq!(lockers.stdout, expected);
    // Each change is recorded once.
    let log = Ended::of(
        place
            .bot_runner()
            .args(["audit", "--events", "--json", "--data", "data"]),
    );
    let log = log.json();
    let events = log["events"].as_array().unwrap().iter();
    let mut recorded: Vec<_> = events.map(|it| it["action"].as_str().unwrap()).collect();
    recorded.retain(|action| *action != "connection-used");
    recorded.reverse();
    assert_eq!(
        recorded,
        [
            "locker-created",
            "credential-changed",
            "credential-changed",
            "value-changed",
            "credential-changed",
            "value-changed",
            "role-created",
            "user-created",
            "roles-changed",
            "locker-changed",
        ]
    );
}

#[test]
fn a_bot_with_the_environment_is_made_and_runs() {
    let place = Place::new();
    let mut init = place.init();
    let ended = Ended::of(init.args([
        "--form",
        "environment",
        "--locale",
        "de",
        "--session-name",
        "Meine",
    ]));
    let ran = place.run(&command(&ended));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        ran.stdout.contains("Hallo, Example Company"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("Session “Meine”"), "{}", ran.stdout);
    insta::assert_snapshot!(ended.stdout);
    // With files in a folder, as it says.
    let values = place.path("values/gruesse-an-genesys/oauth-client");
    std::fs::create_dir_all(&values).unwrap();
    std::fs::write(values.join("client-id"), CLIENT_ID).unwrap();
    std::fs::write(values.join("client-secret"), SECRET).unwrap();
    let mut run = place.genesys.command("run");
    run.current_dir(&place.folder);
    let ran = Ended::of(run.args(["gruesse-an-genesys.json", "--credentials", "values"]));
    assert_eq!(ran.status, 0, "{}", ran.all());
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    assert_eq!(Ended::of(&mut place.with_control_room()).status, 0);
    let file = place.path("gruesse-an-genesys.json");
    let before = std::fs::read_to_string(&file).unwrap();
    let ended = Ended::of(&mut place.with_control_room());
    assert_eq!(ended.status, 2);
    assert!(
        ended
            .stderr
            .contains("gruesse-an-genesys.json exists already"),
        "{}",
        ended.stderr
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    // In another folder, the locker is in the way; the folder is not left behind.
    let ended = Ended::of(place.with_control_room().arg("other"));
    assert_eq!(ended.status, 2);
    assert!(
        ended
            .stderr
            .contains("has a locker \"gruesse-an-genesys\" already"),
        "{}",
        ended.stderr
    );
    assert!(!place.path("other").exists());
}

#[test]
fn every_answer_is_checked_with_the_reason_before_anything_is_made() {
    let place = Place::new();
    for (option, wrong, reason) in [
        ("--name", " ", "--name: The field is empty."),
        (
            "--name",
            "a\u{7}b",
            "--name: The name contains an invisible character (U+0007)",
        ),
        (
            "--region",
            "eu-central-9",
            "--region: URL of the Genesys Cloud environment: there is no such region",
        ),
        ("--region", "https://evil.example", "--region: "),
        ("--client-id", "", "--client-id: "),
        ("--client-id", "a\u{200b}b", "--client-id: "),
        (
            "--session-name",
            "a\nb",
            "--session-name: The name contains an invisible character (U+000A)",
        ),
    ] {
        let mut init = place.bot_runner();
        init.args(["init", "--form", "environment"]);
        for (name, right) in [
            ("--name", "Bot"),
            ("--region", "eu-central-1"),
            ("--client-id", "id"),
            ("--session-name", "Default"),
        ] {
            init.args([name, if name == option { wrong } else { right }]);
        }
        let ended = Ended::of(&mut init);
        assert_eq!(ended.status, 2, "{option} {wrong:?}: {}", ended.all());
        assert!(
            ended.stderr.contains(reason),
            "{option} {wrong:?}: {}",
            ended.stderr
        );
    }
    let missing = |args: &[&str], option: &str| {
        let ended = Ended::of(place.init().args(["--data", "data"]).args(args));
        assert_eq!(ended.status, 2, "{args:?}");
        let expected = format!("error: {option} is missing; without a terminal, pass --name");
        assert!(ended.stderr.starts_with(&expected), "{}", ended.stderr);
    };
    missing(&[], "--form");
    missing(&["--form", "control-room"], "--secret-file");
    let ended = Ended::of(
        place
            .init()
            .args(["--form", "environment", "--secret-file", "x"]),
    );
    assert_eq!(ended.status, 2);
    let ended = Ended::of(place.bot_runner().args(["init", "--form", "environment"]));
    assert!(
        ended.stderr.starts_with("error: --name is missing"),
        "{}",
        ended.stderr
    );
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn what_is_made_can_be_checked() {
    let place = Place::new();
    let ended = Ended::of(place.with_control_room().arg("new/folder"));
    assert_eq!(ended.status, 0, "{}", ended.all());
    let mut check = place.bot_runner();
    check.args([
        "check",
        "new/folder/gruesse-an-genesys.json",
        "--as",
        "ada",
        "--data",
        "data",
        "--json",
    ]);
    let ended = Ended::of(&mut check);
    assert_eq!(ended.status, 0, "{}", ended.all());
    let bot: &Value = &ended.json()["bots"][0];
    assert_eq!(
        (&bot["problems"], &bot["not-checked"]),
        (&json!([]), &json!([]))
    );
}
