//! `bot-runner control-room`, and the key file.

use std::fs;

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
