//! `bot-runner control-room`, and the key file.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::{ControlRoom, Ended, Genesys, sample};

/// Whether the sample bot runs on behalf of `ada`.
fn runs(genesys: &Genesys, control_room: &ControlRoom) -> bool {
    let mut run = genesys.command("run");
    run.arg(sample("hello-client.json"))
        .args(["--as", "ada", "--data"])
        .arg(control_room.data());
    Ended::of(&mut run).status == 0
}

#[test]
fn the_key_can_be_rotated() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let key = control_room.data().join("control-room.key");
    let former = fs::read(&key).unwrap();
    control_room.done("control-room rotate-key");
    assert_ne!(fs::read(&key).unwrap(), former);
    assert!(runs(&genesys, &control_room));
}

#[test]
fn a_backup_is_written_and_restored() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let copy = control_room.beside("copy");
    let backup = format!("control-room backup {}", copy.display());
    control_room.done(&backup);
    let said = control_room.refused(&backup);
    assert!(said.contains("exists already"), "{said}");

    control_room.done("vault locker remove genesys --yes");
    assert!(!runs(&genesys, &control_room));
    control_room.done(&format!("control-room restore {}", copy.display()));
    assert!(runs(&genesys, &control_room));

    let nothing = control_room.beside("nothing");
    control_room.refused(&format!("control-room restore {}", nothing.display()));
}

#[test]
fn a_restore_of_a_changed_backup_is_refused_and_recorded() {
    let control_room = ControlRoom::filled();
    let copy = control_room.beside("copy");
    control_room.done(&format!("control-room backup {}", copy.display()));
    // Without the key, and without damage to the file.
    let mut bytes = fs::read(&copy).unwrap();
    let (name, other) = (b"hello-bot", b"hello-b0t");
    let places: Vec<_> = (0..bytes.len() - name.len())
        .filter(|&at| bytes[at..].starts_with(name))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + name.len()].copy_from_slice(other);
    }
    fs::write(&copy, bytes).unwrap();
    let said = control_room.refused(&format!("control-room restore {}", copy.display()));
    assert!(said.contains("hello-b0t"), "{said}");
    let log = control_room.done("audit --events --json").json();
    let newest = &log["events"][0];
    assert_eq!(
        (&newest["action"], &newest["outcome"]),
        (&json!("restored"), &json!("refused"))
    );
    assert_eq!(newest["subject"], copy.display().to_string());
    assert!(control_room.data().exists());
}

#[test]
fn restore_says_which_key_file_is_needed_then_and_later() {
    let control_room = ControlRoom::filled();
    let copy = control_room.beside("copy");
    control_room.done(&format!("control-room backup {}", copy.display()));
    control_room.done("control-room rotate-key");
    let restore = format!("control-room restore {}", copy.display());
    let said = control_room.refused(&restore);
    let (_, key) = said
        .split_once("CONTROL_ROOM_KEY_FILE=")
        .expect("the file of the key");
    let key = key.trim();
    let mut command = control_room.command(&restore);
    let ended = Ended::of(command.env("CONTROL_ROOM_KEY_FILE", key));
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let advice = format!("set CONTROL_ROOM_KEY_FILE={key} for every command");
    assert!(ended.stderr.contains(&advice), "{}", ended.stderr);
    let said = control_room.refused("user list");
    assert!(said.contains(key), "{said}");
}

#[test]
fn the_administrator_is_told_once_that_a_folder_of_an_earlier_version_was_sealed() {
    let control_room = ControlRoom::new();
    let data = control_room.data();
    let former = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("crates/control-room/tests/fixtures/folder-0.1.0");
    fs::create_dir(&data).unwrap();
    for file in ["control-room.db", "control-room.key"] {
        let copy = data.join(file);
        fs::write(&copy, fs::read(former.join(file)).unwrap()).unwrap();
        #[cfg(unix)]
        for (path, mode) in [(&copy, 0o600), (&data, 0o700)] {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(path, mode).unwrap();
        }
    }
    let ended = control_room.run("user list");
    assert_eq!(ended.status, 0);
    assert!(
        ended.stderr.contains("Check once that its users"),
        "{}",
        ended.stderr
    );
    control_room.done("user list");
    let log = control_room.done("audit --events --json").json();
    assert_eq!(log["events"][0]["action"], "first-sealing", "{log}");
    let log = control_room.done("audit --events").stdout;
    assert!(
        log.contains("first-sealing  2 users, 1 of whom can sign in  by the operator"),
        "{log}"
    );
}

#[test]
fn the_first_user_is_an_administrator() {
    let control_room = ControlRoom::new();
    let said = control_room.done("user create ada").stdout;
    assert!(said.contains("who is an administrator"), "{said}");
    let said = control_room.done("user create bob").stdout;
    assert!(!said.contains("administrator"), "{said}");
    let users = control_room.done("user list --json").json();
    assert_eq!(users["users"][0]["roles"][0], "administrator");
    let said = control_room.refused("user role remove administrator --yes");
    assert!(said.contains("cannot be removed"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_key_file_can_be_configured() {
    use std::os::unix::fs::PermissionsExt;

    let control_room = ControlRoom::new();
    let key = control_room.beside("key");
    let with_key = |args: &str| {
        let mut command = control_room.command(args);
        Ended::of(command.env("CONTROL_ROOM_KEY_FILE", &key))
    };
    // A configured key file is not created.
    let ended = with_key("user create ada");
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.contains("is missing"), "{}", ended.stderr);

    fs::write(&key, format!("{}=\n", "A".repeat(43))).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let ended = with_key("user create ada");
    assert!(ended.stderr.contains("others can read"), "{}", ended.stderr);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let ended = with_key("user create ada");
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert!(!control_room.data().join("control-room.key").exists());

    // Without the key, nothing opens; that is not a usage error.
    let ended = control_room.run("audit --json");
    assert_eq!(ended.status, 2);
    assert_eq!(ended.json()["error"]["kind"], "control-room-failed");
    assert!(!ended.all().contains(&"A".repeat(43)));
}
