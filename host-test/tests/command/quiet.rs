//! `--quiet`: errors and results, and nothing else.

use serde_json::json;
use tempfile::TempDir;

use crate::support::{CLIENT_ID, ControlRoom, Ended, Genesys, bot_runner};

#[test]
fn a_bot_shows_what_it_logs_and_what_fails() {
    let genesys = Genesys::start(&[]);
    let bot = json!({ "name": "Test", "steps": [
        { "action": "log", "message": "first" },
        { "action": "log", "message": "{WORD}" },
        { "action": "genesys/oauth-authenticate", "url": "eu-central-1", "client-id": CLIENT_ID,
          "client-secret": { "insecure-string": "wrong" } },
    ] });
    let file = genesys.file("bot.json", &bot.to_string());
    for locale in ["en", "de"] {
        let mut run = genesys.command("run");
        run.arg(&file)
            .args(["--quiet", "--variable", "WORD=second", "--locale", locale]);
        let ended = Ended::of(&mut run);
        assert_eq!(
            (ended.status, ended.stdout.as_str()),
            (1, "first\nsecond\n")
        );
        let (error, step) = match locale {
            "en" => ("error: Test: step 3 ", "1 of 1 bots failed"),
            _ => ("Fehler: Test: Schritt 3 ", "1 von 1 Bots mit Fehler"),
        };
        let lines: Vec<_> = ended.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{}", ended.stderr);
        assert!(lines[0].starts_with(error), "{}", ended.stderr);
        assert_eq!(lines[1], step);
    }
}

#[test]
fn what_went_well_is_not_said() {
    let control_room = ControlRoom::new();
    for (args, stdout) in [
        ("-q vault locker create genesys", ""),
        ("user create ada --quiet", ""),
        ("user list -q", "ada  roles: administrator\n"),
    ] {
        assert_eq!(control_room.done(args).stdout, stdout, "{args}");
    }
    let refused = control_room.refused("vault locker create genesys -q");
    assert!(refused.starts_with("error: "), "{refused}");
}

#[test]
fn a_check_shows_problems_only() {
    let folder = TempDir::new().unwrap();
    for (name, action) in [("good.json", "log"), ("bad.json", "lag")] {
        let bot = json!({ "name": "b", "steps": [{ "action": action, "message": "{x}" }] });
        std::fs::write(folder.path().join(name), bot.to_string()).unwrap();
    }
    let mut check = bot_runner();
    check.current_dir(&folder);
    let ended = Ended::of(check.args(["check", "good.json", "bad.json", "-q"]));
    assert_eq!(ended.status, 1);
    assert!(
        ended.all().starts_with("bad.json: 1 problem\n"),
        "{}",
        ended.all()
    );
    assert_eq!(ended.all().lines().count(), 2, "{}", ended.all());
}

#[test]
fn nobody_can_be_both_quiet_and_verbose() {
    let ended = Ended::of(bot_runner().args(["regions", "-q", "-v"]));
    assert_eq!(ended.status, 2);
}
