//! `bot-runner` alone.

use crate::support::{Ended, bot_runner};

#[test]
fn two_bots_run_from_start_to_disconnect() {
    let ended = Ended::of(&mut bot_runner());
    assert_eq!(ended.status, 0, "{}", ended.all());
    assert_eq!(ended.stderr, "");
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert!(lines.len() > 10, "{}", ended.stdout);
    for (line, parts) in lines.iter().zip([
        ["Hello Genesys", ""],
        [
            "1  genesys/oauth-authenticate ok",
            "Session “Default” is open at https://api.mypurecloud.de.",
        ],
        [
            "2  genesys/api-request        ok",
            "GET /api/v2/organizations/me: 200 OK",
        ],
        ["3  log                        ok", "Hello, Example Company"],
        [
            "4  genesys/disconnect         ok",
            "Session “Default” was closed.",
        ],
        ["Hello Connection", ""],
        [
            "1  genesys/oauth-authenticate ok",
            "Session “Default” is open at https://api.mypurecloud.de.",
        ],
        [
            "2  genesys/api-request        ok",
            "GET /api/v2/tokens/me: 200 OK",
        ],
        [
            "3  log                        ok",
            "Signed in to Example Company",
        ],
        [
            "4  genesys/disconnect         ok",
            "its token stays with the connection",
        ],
    ]) {
        for part in parts {
            assert!(line.contains(part), "{part:?} in {line:?}");
        }
    }
}

#[test]
fn output_is_colourless_without_a_terminal() {
    let ended = Ended::of(&mut bot_runner());
    assert!(!ended.all().contains('\u{1b}'), "{:?}", ended.stdout);
}

#[test]
fn it_says_that_it_was_a_simulation_and_what_to_do_next() {
    let mut shown = String::new();
    for locale in ["en", "de"] {
        let ended = Ended::of(bot_runner().env("LC_ALL", locale));
        assert_eq!(ended.status, 0, "{}", ended.all());
        let (_, next) = ended.stdout.split_once("\n\n").unwrap();
        shown += next;
    }
    insta::assert_snapshot!(shown);
    // Every command exists.
    for line in shown
        .lines()
        .filter(|line| line.starts_with("  bot-runner "))
    {
        let words = line.split_whitespace().skip(1);
        let help = words.chain(["--help"]);
        assert_eq!(Ended::of(bot_runner().args(help)).status, 0, "{line}");
    }
    let by_cargo = Ended::of(bot_runner().env("CARGO", "cargo"));
    assert!(
        by_cargo.stdout.contains("  cargo run -- init\n"),
        "{}",
        by_cargo.stdout
    );
    let quiet = Ended::of(bot_runner().arg("-q"));
    assert!(!quiet.all().contains("bot-runner"), "{}", quiet.all());
}
