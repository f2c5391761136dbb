//! What is printed, where it cannot be printed, and its colours.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use crate::support::{ControlRoom, Ended, Genesys, bot_runner, sample, wrapped};

/// Runs a command in a shell, with this redirection or pipe.
fn shell(redirection: &str, command: &Command) -> Ended {
    let mut shell = Command::new("bash");
    shell.args([
        "-c",
        &format!("set -o pipefail; \"$@\" {redirection}"),
        "bash",
    ]);
    Ended::of(wrapped(shell, command).stdin(Stdio::null()))
}

/// Commands that print a result, with a Control Room and a Genesys Cloud.
fn commands(genesys: &Genesys, control_room: &ControlRoom) -> Vec<Command> {
    let of_bot_runner = |args: &str| {
        let mut command = bot_runner();
        command.args(args.split(' '));
        command
    };
    let mut run = genesys.command("run");
    run.arg(sample("hello-client.json"))
        .args(["--as", "ada", "--data"])
        .arg(control_room.data());
    let mut json = genesys.authenticate();
    json.arg("--json");
    vec![
        of_bot_runner("--help"),
        of_bot_runner("inspect"),
        of_bot_runner("actions --json"),
        of_bot_runner("schema"),
        control_room.command("user list --json"),
        control_room.command("vault locker list"),
        control_room.command("connection callback-url"),
        genesys.authenticate(),
        json,
        run,
    ]
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_is_lost_is_a_failure() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    for command in commands(&genesys, &control_room) {
        for redirection in [">/dev/full", ">&-"] {
            let ended = shell(redirection, &command);
            assert_eq!(
                ended.status, 2,
                "{command:?} {redirection}: {}",
                ended.stderr
            );
            let message = "error: standard output cannot be written: ";
            assert!(ended.stderr.contains(message), "{}", ended.stderr);
            assert!(!ended.stderr.contains("panic"), "{}", ended.stderr);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    for command in commands(&genesys, &control_room) {
        let ended = shell("| true", &command);
        assert_eq!(ended.status, 0, "{command:?}: {}", ended.stderr);
        assert_eq!(ended.stderr, "", "{command:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_is_lost_does_not_stop_a_command() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let genesys = Genesys::start(&[]);
    let ended = genesys
        .authenticate()
        .arg("-vvv")
        .stderr(full)
        .output()
        .unwrap();
    assert!(ended.status.success());
}

#[test]
fn colours_are_only_for_terminals() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let mut commands = commands(&genesys, &control_room);
    commands.push(genesys.authenticate_at("https://example.com"));
    for mut command in commands {
        let ended = Ended::of(command.arg("-vvv"));
        assert!(
            !ended.all().contains('\u{1b}'),
            "{command:?}: {}",
            ended.all()
        );
    }
}

/// Asserts that a command fails, and says nothing twice.
fn assert_said_once(command: &mut Command) {
    let ended = Ended::of(command);
    assert_ne!(ended.status, 0, "{command:?}");
    let said = ended.all();
    assert!(said.matches("os error").count() <= 1, "{command:?}: {said}");
    let is_end = |c: char| ":;.()\n".contains(c);
    let mut clauses: Vec<_> = said
        .split(is_end)
        .map(str::trim)
        // A word or two may well come twice, such as the name of a file.
        .filter(|it| it.split(' ').count() > 2)
        .collect();
    let count = clauses.len();
    assert!(count > 0, "{command:?}: {said}");
    clauses.sort_unstable();
    clauses.dedup();
    assert_eq!(clauses.len(), count, "{command:?}: {said}");
}

#[test]
fn a_message_about_json_names_each_cause_once() {
    let control_room = ControlRoom::filled();
    let folder = control_room.beside("components");
    std::fs::create_dir(&folder).unwrap();
    let (bot, grants) = (control_room.beside("bot.json"), folder.join("grants.json"));
    for broken in [
        "{",
        "{\"name\": \"x\", \"steps\": [}",
        "[1, 2",
        "{\"name\": 1e999}",
    ] {
        std::fs::write(&bot, broken).unwrap();
        std::fs::write(&grants, broken).unwrap();
        for language in ["en", "de"] {
            for args in [
                format!("run {}", bot.display()),
                format!("check {}", bot.display()),
                format!("actions --components {}", folder.display()),
            ] {
                let args = format!("{args} --locale {language}");
                assert_said_once(bot_runner().args(args.split(' ')));
            }
        }
    }
}

#[test]
fn a_message_about_tls_names_each_cause_once() {
    let (genesys, other) = (Genesys::start(&[]), Genesys::start(&[]));
    let ca = genesys.ca_file();
    let control_room = ControlRoom::filled();
    let garbage = genesys.file("garbage.pem", "no PEM");
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let key = genesys.file("key.pem", &key);
    for language in ["en", "de"] {
        let mut commands = Vec::new();
        for trusted in [&ca, &garbage] {
            let mut authenticate = bot_runner();
            authenticate.args(["authenticate", "--gateway", other.gateway()]);
            authenticate.args(["--url", "eu-central-1", "--client-id", "id"]);
            authenticate.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "secret");
            authenticate.arg("--ca-file").arg(trusted);
            commands.push(authenticate);
        }
        for (certificate, key) in [(&garbage, &key), (&ca, &garbage), (&ca, &key)] {
            let mut serve = control_room.command("serve --listen 127.0.0.1:0");
            serve.arg("--tls-cert").arg(certificate);
            serve.arg("--tls-key").arg(key);
            commands.push(serve);
        }
        for mut command in commands {
            assert_said_once(command.args(["--locale", language]));
        }
    }
}

#[test]
fn a_message_about_the_database_names_each_cause_once() {
    for damage in ["no database", "damaged", "a folder"] {
        let control_room = ControlRoom::filled();
        let database = control_room.data().join("control-room.db");
        let content = std::fs::read(&database).unwrap();
        std::fs::remove_file(&database).unwrap();
        match damage {
            "no database" => std::fs::write(&database, damage.repeat(100)).unwrap(),
            // The first page alone.
            "damaged" => std::fs::write(&database, &content[..4096]).unwrap(),
            _ => std::fs::create_dir(&database).unwrap(),
        }
        let restore = format!("control-room restore {}", database.display());
        for args in ["user list", "control-room rotate-key", &restore] {
            for language in ["en", "de"] {
                let args = format!("{args} --locale {language}");
                assert_said_once(&mut control_room.command(&args));
            }
        }
    }
}

#[test]
fn a_message_about_a_file_names_each_cause_once() {
    let control_room = ControlRoom::filled();
    let missing = control_room.beside("missing.pem");
    let path = missing.to_str().unwrap();
    for args in [
        format!("serve --tls-cert {path} --tls-key {path}"),
        format!("run {path}"),
        format!("control-room restore {path}"),
        format!("control-room backup {path}/file"),
        format!("password ada --password-file {path}"),
        format!("inspect {path}"),
        format!("component list --components {path}"),
        format!("connection test nothing --ca-file {path}"),
        format!("genesys --ca-out {path}/file"),
    ] {
        let mut command = bot_runner();
        command.args(args.split(' '));
        let has_data =
            !["inspect", "component", "genesys"].contains(&args.split(' ').next().unwrap());
        if has_data {
            command.arg("--data").arg(control_room.data());
        }
        assert_said_once(&mut command);
    }
}
