//! If the system does not give the command what it needs, a message says so, and the command does not panic.

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

/// How much is too little depends on what each thread reserves. A failed allocation ends the process by a signal, after a
/// message of the allocator.
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

/// Runs `bot-runner` with these arguments and at most this many threads. The limit counts all processes of a user and does not
/// apply to root, so root runs the command as another user.
fn with_threads(most: usize, args: &[&str]) -> Ended {
    let command = bot_runner();
    let mut limited = Command::new("prlimit");
    // The executable is passed as standard input, because the other user may not enter its folder.
    limited.args([&format!("--nproc={most}"), "/proc/self/fd/0"]);
    limited.args(args);
    limited.stdin(File::open(command.get_program()).unwrap());
    // Nor may the other user enter the working folder and the folder of the configuration.
    limited.current_dir("/").env_remove("BOT_RUNNER_CONFIG");
    limited.env("XDG_CONFIG_HOME", "/").env("LC_ALL", "C");
    if nix::unistd::geteuid().is_root() {
        limited.uid(65_534).gid(65_534);
    }
    Ended::of(&mut limited)
}

#[test]
fn too_few_threads_are_reported() {
    for args in [&["inspect"][..], &["authenticate", "--genesys", "embedded"]] {
        // With one processor, a command needs ten more threads than its first one.
        for threads in [1, 5, 10] {
            let ended = with_threads(threads, args);
            assert_eq!(ended.status, 2, "{threads}: {}", ended.all());
            assert!(ended.stderr.contains("ulimit -u"), "{}", ended.stderr);
            assert!(!ended.all().contains("panicked"), "{}", ended.all());
        }
    }
}

/// Without a limit, they would be read until memory runs out.
#[test]
fn files_without_an_end_are_refused() {
    const ENDLESS: &str = "/dev/zero";
    const LARGE: [&str; 2] = ["is larger than 1 MiB", "ist größer als 1 MiB"];
    let genesys = Genesys::start(&[]);
    let control_room = ControlRoom::new();
    let mut configured = bot_runner();
    configured.arg("regions").env("BOT_RUNNER_CONFIG", ENDLESS);
    let mut with_key = control_room.command("user create ada");
    with_key.env("CONTROL_ROOM_KEY_FILE", ENDLESS);
    let mut with_ca = bot_runner();
    with_ca.arg("run").arg(sample("hello-client.json"));
    with_ca.args(["--ca-file", ENDLESS]);
    let mut with_certificate = control_room.command("serve --listen 127.0.0.1:0");
    with_certificate.args(["--tls-cert", ENDLESS, "--tls-key", ENDLESS]);
    let mut with_tls_key = control_room.command("serve --listen 127.0.0.1:0");
    with_tls_key.arg("--tls-cert").arg(genesys.ca_file());
    with_tls_key.args(["--tls-key", ENDLESS]);
    let mut with_password = control_room.command("password ada");
    with_password.args(["--password-file", ENDLESS]);
    let mut with_component = bot_runner();
    with_component.args(["inspect", ENDLESS]);
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
        (with_certificate, LARGE),
        (with_tls_key, LARGE),
        (
            with_password,
            ["is larger than 64 KiB", "ist größer als 64 KiB"],
        ),
        (with_component, ["larger than 64 MiB", "größer als 64 MiB"]),
    ] {
        for (locale, refused) in ["en", "de"].into_iter().zip(refused) {
            let ended = Ended::of(command.env("LC_ALL", locale));
            assert_eq!(ended.status, 2, "{}", ended.all());
            assert!(ended.stderr.contains(refused), "{}", ended.stderr);
        }
    }
}
