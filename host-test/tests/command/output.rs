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

#[test]
fn a_message_names_each_cause_once() {
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
        let ended = Ended::of(&mut command);
        assert_ne!(ended.status, 0, "{args}");
        let count = ended.stderr.matches("os error").count();
        assert!(count <= 1, "{args}: {}", ended.stderr);
    }
}
