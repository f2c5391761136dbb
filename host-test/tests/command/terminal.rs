//! A value that is typed at a terminal is not echoed.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::pty::openpty;
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::support::{ControlRoom, Ended, Genesys, SECRET, sample};

#[test]
fn typed_values_are_not_echoed() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    control_room.done("vault value remove genesys/hello-bot/client-secret");
    let terminal = openpty(None, None).unwrap();
    let end = |of: &OwnedFd| Stdio::from(of.try_clone().unwrap());
    // Makes the terminal on standard input the controlling terminal of the command.
    let mut child = Command::new("setsid")
        .args(["--ctty", "--wait", env!("CARGO_BIN_EXE_bot-runner")])
        .args([
            "vault",
            "value",
            "set",
            "genesys/hello-bot/client-secret",
            "--data",
        ])
        .arg(control_room.data())
        .env_remove("CONTROL_ROOM_KEY_FILE")
        .stdin(end(&terminal.slave))
        .stdout(end(&terminal.slave))
        .stderr(end(&terminal.slave))
        .spawn()
        .unwrap();

    // The terminal itself would echo what is typed before the prompt.
    let start = Instant::now();
    let is_hidden = || {
        let settings = tcgetattr(&terminal.slave).unwrap();
        !settings.local_flags.contains(LocalFlags::ECHO)
    };
    while !is_hidden() {
        assert!(start.elapsed() < Duration::from_mins(1), "no prompt");
        std::thread::yield_now();
    }
    let mut keyboard = File::from(terminal.master);
    writeln!(keyboard, "{SECRET}").unwrap();
    assert!(child.wait().unwrap().success());
    // Marks the end of the output.
    drop(terminal.slave);
    let mut shown = Vec::new();
    let _ = keyboard.read_to_end(&mut shown);
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        shown.contains("the value of genesys/hello-bot/client-secret (hidden): "),
        "{shown}"
    );
    assert!(!shown.contains(SECRET), "{shown}");

    let mut run = genesys.command("run");
    run.arg(sample("hello-client.json"))
        .args(["--as", "ada", "--data"])
        .arg(control_room.data());
    let ended = Ended::of(&mut run);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}
