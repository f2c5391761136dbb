//! `bot-runner genesys`: how to connect to what it serves.

use std::io::{BufRead, BufReader, Read};
#[cfg(unix)]
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

#[cfg(unix)]
use crate::interrupt::send;
use crate::support::{Ended, SECRET, bot_runner, wrapped};

#[test]
fn the_command_that_connects_is_printed_and_works() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("my secret"), SECRET).unwrap();
    let mut child = bot_runner()
        .current_dir(&folder)
        .args([
            "genesys",
            "--ca-out",
            "ca.pem",
            "--client",
            "hello:my secret",
        ])
        .args(["--region", "us-east-1", "--listen", "0.0.0.0:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    let command = said.next().unwrap().unwrap();
    assert_eq!(first, "To connect to it:");
    let arguments = command.trim().strip_prefix("bot-runner").unwrap();
    let mut shell = Command::new("sh");
    let script = format!("\"$0\" {arguments}");
    shell.args(["-c", &script]);
    let mut shell = wrapped(shell, &bot_runner());
    let ended = Ended::of(shell.current_dir(&folder));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(ended.status, 0, "{command}: {}", ended.all());
    assert!(
        ended.stdout.contains("https://api.mypurecloud.com"),
        "{}",
        ended.stdout
    );
    // Standard output is one line of JSON, as before.
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
    serde_json::from_str::<serde_json::Value>(&stdout).unwrap();
}

#[cfg(unix)]
#[test]
fn without_a_file_for_its_certificate_a_temporary_one_is_named() {
    let temporary = TempDir::new().unwrap();
    let start = |folder: &Path| {
        let mut child = bot_runner()
            .args(["genesys"])
            .env("LC_ALL", "de_DE.UTF-8")
            .env("TMPDIR", folder)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        (child, said)
    };
    let files = || std::fs::read_dir(&temporary).unwrap().count();

    let (mut child, mut said) = start(temporary.path());
    assert_eq!(
        said.next().unwrap().unwrap(),
        "So verbinden Sie sich damit:"
    );
    let command = said.next().unwrap().unwrap();
    let (_, file) = command.split_once("--ca-file ").unwrap();
    let certificate = std::fs::read_to_string(file).unwrap();
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(files(), 1);
    send("TERM", &child);
    child.wait().unwrap();
    assert_eq!(files(), 0);

    let (mut child, mut said) = start(Path::new("/missing"));
    let line = said.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        line.ends_with("Starten Sie noch einmal mit --ca-out DATEI."),
        "{line}"
    );
}
