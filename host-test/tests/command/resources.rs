//! What the command says if the system does not give it what it needs: in words, and not as a panic.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::support::{CLIENT_ID, ControlRoom, Ended, Genesys, bot_runner, sample, wrapped};

/// The command with a limit of `ulimit`.
fn limited(limit: &str, command: &Command) -> Ended {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {limit} && exec \"$0\" \"$@\"")]);
    Ended::of(&mut wrapped(shell, command))
}

#[test]
fn it_works_with_little_address_space() {
    let genesys = Genesys::start(&[]);
    for limit in ["-v 4000000", "-v 1500000", "-v 800000"] {
        let ended = limited(limit, &genesys.authenticate());
        assert_eq!(ended.status, 0, "{limit}: {}", ended.stderr);
        let mut demonstration = bot_runner();
        demonstration.args(["authenticate", "--genesys", "embedded"]);
        let ended = limited(limit, &demonstration);
        assert_eq!(ended.status, 0, "{limit}: {}", ended.stderr);
    }
}

/// How much is too little depends on what each thread reserves. An allocation that fails ends the process by a signal,
/// with its own words.
#[test]
fn too_little_address_space_is_said_in_words() {
    let genesys = Genesys::start(&[]);
    for limit in [100_000, 150_000, 200_000, 300_000, 400_000, 500_000] {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -v {limit} && exec \"$0\" \"$@\"")]);
        let output = wrapped(shell, &genesys.authenticate()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let words = ["memory", "address space", "threads", "allocate"];
        let is_in_words = words.iter().any(|it| said.contains(it));
        assert!(output.status.success() || is_in_words, "{limit}: {said}");
        assert!(!said.contains("panicked"), "{limit}: {said}");
    }
}

#[test]
fn too_many_open_files_are_said_in_words() {
    let genesys = Genesys::start(&[]);
    let authenticate = genesys.authenticate();
    for limit in [3, 6, 10, 11, 12, 13, 14, 15, 16, 20] {
        let ended = limited(&format!("-n {limit}"), &authenticate);
        if ended.status != 0 {
            let said = [
                "open files",
                "files and connections open",
                "os error 24",
                "shared libraries",
            ];
            assert!(
                said.iter().any(|it| ended.stderr.contains(it)),
                "{limit}: {}",
                ended.stderr
            );
            assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        }
        assert!(!ended.all().contains(CLIENT_ID), "{}", ended.all());
    }
}

#[test]
fn too_few_open_files_are_reported() {
    let mut inspect = bot_runner();
    inspect.arg("inspect");
    for files in [6, 10, 13] {
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--nofile={files}"));
        let ended = Ended::of(&mut wrapped(limited, &inspect));
        assert_eq!(ended.status, 2, "{}", ended.all());
        let message = "error: too few files may be open at once; raise the limit (ulimit -n): ";
        assert!(ended.stderr.starts_with(message), "{}", ended.stderr);
    }
}

/// The limit is for all processes of a user, and none for root, who becomes another user for this.
#[test]
fn too_few_threads_are_reported() {
    let command = bot_runner();
    let mut limited = Command::new("prlimit");
    // Its standard input, as the other user may not enter its folder.
    limited.args(["--nproc=1", "/proc/self/fd/0", "inspect"]);
    limited.stdin(File::open(command.get_program()).unwrap());
    // The other user may not enter the working folder and that of the configuration either.
    limited.current_dir("/").env_remove("BOT_RUNNER_CONFIG");
    limited.env("XDG_CONFIG_HOME", "/").env("LC_ALL", "C");
    if nix::unistd::geteuid().is_root() {
        limited.uid(65_534).gid(65_534);
    }
    let ended = Ended::of(&mut limited);
    assert_eq!(ended.status, 2, "{}", ended.all());
    assert!(ended.stderr.contains("ulimit -u"), "{}", ended.stderr);
}

/// They would be read until no memory is left.
#[test]
fn files_without_an_end_are_refused() {
    const ENDLESS: &str = "/dev/zero";
    let control_room = ControlRoom::new();
    let mut configured = bot_runner();
    configured.arg("regions").env("BOT_RUNNER_CONFIG", ENDLESS);
    let mut with_key = control_room.command("user create ada");
    with_key.env("CONTROL_ROOM_KEY_FILE", ENDLESS);
    let mut with_ca = bot_runner();
    with_ca.arg("run").arg(sample("hello-client.json"));
    with_ca.args(["--ca-file", ENDLESS]);
    for (mut command, refused) in [
        (
            configured,
            [
                "the file is larger than 1 MiB",
                "die Datei ist größer als 1 MiB",
            ],
        ),
        (
            with_key,
            ["does not contain a key", "enthält keinen Schlüssel"],
        ),
        (with_ca, ["is larger than 16 MiB", "ist größer als 16 MiB"]),
    ] {
        for (locale, refused) in ["en", "de"].into_iter().zip(refused) {
            let ended = Ended::of(command.env("LC_ALL", locale));
            assert_eq!(ended.status, 2, "{}", ended.all());
            assert!(ended.stderr.contains(refused), "{}", ended.stderr);
        }
    }
}
