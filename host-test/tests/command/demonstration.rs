//! `bot-runner` alone.

use crate::support::{Ended, bot_runner};

#[test]
fn two_bots_run_from_start_to_disconnect() {
    let ended = Ended::of(&mut bot_runner());
    assert_eq!(ended.status, 0, "{}", ended.all());
    assert_eq!(ended.stderr, "");
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 10, "{}", ended.stdout);
    for (line, parts) in lines.iter().zip([
        ["Hello Genesys", ""],
        [
            "1  genesys/oauth-authenticate ok",
            "session \"Default\" at https://api.mypurecloud.de",
        ],
        [
            "2  genesys/api-request        ok",
            "GET /api/v2/organizations/me: 200 OK",
        ],
        ["3  log                        ok", "Hello, Example Company"],
        [
            "4  genesys/disconnect         ok",
            "session \"Default\" closed",
        ],
        ["Hello Connection", ""],
        [
            "1  genesys/oauth-authenticate ok",
            "session \"Default\" at https://api.mypurecloud.de",
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
