//! Input as people paste it: byte order marks, invisible characters, white space.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::{CLIENT_ID, ControlRoom, Ended, Genesys, SECRET, sample, with_input};

const MARK: &str = "\u{feff}";

/// Puts a byte order mark in front of a file.
fn mark(file: &Path) {
    let content = fs::read(file).unwrap();
    fs::write(file, [MARK.as_bytes(), &content].concat()).unwrap();
}

#[test]
fn files_may_begin_with_a_byte_order_mark() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    mark(&genesys.secret_file());
    let ended = Ended::of(&mut genesys.authenticate());
    assert_eq!(ended.status, 0, "{}", ended.stderr);

    let bot = genesys.file(
        "bot.json",
        &fs::read_to_string(sample("hello-client.json")).unwrap(),
    );
    mark(&bot);
    let mut run = genesys.command("run");
    run.arg(&bot)
        .args(["--as", "ada", "--data"])
        .arg(control_room.data());
    let ended = Ended::of(&mut run);
    assert_eq!(ended.status, 0, "{}", ended.stderr);

    mark(&genesys.ca_file());
    let ended = Ended::of(&mut genesys.authenticate());
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

#[test]
fn secrets_may_begin_with_a_byte_order_mark_and_be_surrounded_by_white_space() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    for secret in [
        format!("{MARK}{SECRET}\r\n"),
        format!("\u{a0} {SECRET}\u{a0}\t\n"),
    ] {
        control_room.set("genesys/hello-bot/client-secret", &secret);
        let mut run = genesys.command("run");
        run.arg(sample("hello-client.json"))
            .args(["--as", "ada", "--data"])
            .arg(control_room.data());
        let ended = Ended::of(&mut run);
        assert_eq!(ended.status, 0, "{}", ended.stderr);

        let mut authenticate = genesys.command("authenticate");
        authenticate
            .env("GENESYSCLOUD_REGION", format!("{MARK}eu-central-1\r"))
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", format!("{MARK}{CLIENT_ID}"))
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", &secret);
        let ended = Ended::of(&mut authenticate);
        assert_eq!(ended.status, 0, "{}", ended.stderr);
    }
}

#[test]
fn invisible_characters_in_ids_and_secrets_are_invalid_input_with_their_code_point() {
    let genesys = Genesys::start(&[]);
    for (character, code_point) in [
        ('\u{200b}', "U+200B"),
        ('\u{ad}', "U+00AD"),
        ('\u{202e}', "U+202E"),
        ('\u{2060}', "U+2060"),
        ('\u{7}', "U+0007"),
        ('\n', "U+000A"),
    ] {
        for (name, field) in [
            ("GENESYSCLOUD_REGION", "url"),
            ("GENESYSCLOUD_OAUTHCLIENT_ID", "client-id"),
            ("GENESYSCLOUD_OAUTHCLIENT_SECRET", "client-secret"),
        ] {
            let mut authenticate = genesys.command("authenticate");
            authenticate
                .arg("--json")
                .env("GENESYSCLOUD_REGION", "eu-central-1")
                .env("GENESYSCLOUD_OAUTHCLIENT_ID", CLIENT_ID)
                .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", SECRET)
                .env(name, format!("eu{character}central"));
            let ended = Ended::of(&mut authenticate);
            assert_eq!(ended.status, 1, "{}", ended.all());
            let error = &ended.json()["error"];
            assert_eq!(error["kind"], "invalid-input");
            assert_eq!(error["field"], field);
            assert_eq!(error["character"], code_point);
            assert!(
                error["message"].as_str().unwrap().contains(code_point),
                "{error}"
            );
        }
    }
}

#[test]
fn an_invisible_character_in_a_secret_is_refused_where_the_secret_is_read() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let secret = format!("{SECRET}\u{200b}\n");
    fs::write(genesys.secret_file(), &secret).unwrap();
    let mut set = control_room.command("vault value set genesys/hello-bot/client-secret");
    let mut create = control_room.command(
        "connection create prod --environment mypurecloud.de --grant client-credentials --client-id id",
    );
    let mut password = control_room.command("password ada");
    for ended in [
        with_input(&mut set, &secret),
        with_input(&mut create, &secret),
        with_input(&mut password, &secret),
        Ended::of(&mut genesys.authenticate()),
    ] {
        assert_eq!(ended.status, 2);
        assert!(ended.stderr.contains("U+200B"), "{}", ended.stderr);
        assert!(!ended.all().contains(SECRET), "{}", ended.all());
    }
}

#[test]
fn names_refuse_invisible_characters_with_their_code_point() {
    let control_room = ControlRoom::filled();
    for (character, code_point) in [
        ('\u{200b}', "U+200B"),
        ('\u{200d}', "U+200D"),
        ('\u{202e}', "U+202E"),
        ('\u{ad}', "U+00AD"),
        ('\u{2066}', "U+2066"),
    ] {
        for command in ["user create", "user role create", "vault locker create"] {
            let refused = control_room.refused(&format!("{command} a{character}b"));
            let said = format!("must not contain the invisible character {code_point}");
            assert!(refused.contains(&said), "{refused}");
        }
        let bad = format!("a{character}b");
        for (name, session) in [(&*bad, "Default"), ("a", &bad)] {
            let bot = json!({ "name": name, "steps": [{
                "action": "genesys/oauth-authenticate",
                "url": "eu-central-1",
                "client-id": CLIENT_ID,
                "client-secret": { "variable": "SECRET" },
                "session-name": session,
            }] });
            let file = control_room.beside("bot.json");
            fs::write(&file, bot.to_string()).unwrap();
            for (language, said) in [
                ("en", "contains an invisible character"),
                ("de", "enthält ein unsichtbares Zeichen"),
            ] {
                let run = format!("run {} --locale {language}", file.display());
                let refused = control_room.refused(&run);
                let said = format!("{said} ({code_point})");
                assert!(refused.contains(&said), "{refused}");
                assert!(!refused.contains(character), "{refused}");
            }
        }
    }
}
