//! `bot-runner serve` and `bot-runner password`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;

use crate::support::{Ended, bot_runner};

#[test]
fn serving_other_machines_requires_tls_and_the_error_says_how() {
    let folder = TempDir::new().expect("a folder for the test");
    let ended = Ended::of(
        bot_runner()
            .args(["serve", "--listen", "0.0.0.0:0", "--data"])
            .arg(folder.path()),
    );
    assert_eq!(ended.status, 2);
    assert!(
        ended.stderr.contains("--tls-cert and --tls-key"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stdout, "");
}

/// Returns the first lines of output and then interrupts the command.
#[cfg(unix)]
fn lines(data: &Path, options: &[&str], count: usize) -> Vec<String> {
    let mut serve = bot_runner()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(options)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let stdout = BufReader::new(serve.stdout.take().expect("standard output is a pipe"));
    let lines = stdout
        .lines()
        .take(count)
        .map(|line| line.expect("output is UTF-8"));
    let lines = lines.collect();
    let stopped = std::process::Command::new("kill")
        .args(["-INT", &serve.id().to_string()])
        .status();
    assert!(stopped.expect("kill is there").success());
    assert_eq!(serve.wait().expect("it ends").code(), Some(0));
    lines
}

#[cfg(unix)]
#[test]
fn the_simulation_has_an_administrator_with_a_printed_password() {
    let folder = TempDir::new().expect("a folder for the test");
    let options = ["--genesys", "embedded"];
    let lines = lines(&folder.path().join("data"), &options, 6);
    let (name, url) = lines[2].split_once(": http://127.0.0.1:").expect("a URL");
    assert_eq!(name, "Its Admin > Integrations > OAuth");
    assert!(url.ends_with("/admin/integrations/oauth"), "{url}");
    let password = lines[3].strip_prefix("Sign in there as admin@example.com with the password ");
    assert_eq!(password.map(str::len), Some(43), "{lines:?}");
}

#[cfg(unix)]
#[test]
fn the_addresses_and_what_to_do_are_german_for_a_german_reader() {
    let folder = TempDir::new().expect("a folder for the test");
    let options = ["--genesys", "embedded", "--locale", "de"];
    let lines = lines(&folder.path().join("data"), &options, 5);
    for (line, german) in lines.iter().zip([
        "Der Control Room: http://",
        "Die eingebettete Genesys Cloud: https://",
        "Dort Admin > Integrationen > OAuth: http://",
        "Melden Sie sich dort als admin@example.com mit dem Kennwort ",
        "Noch kann sich niemand anmelden. Öffnen Sie diesen Link",
    ]) {
        assert!(line.starts_with(german), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn the_address_and_the_first_run_link_are_printed() {
    let folder = TempDir::new().expect("a folder for the test");
    let data = folder.path().join("data");
    let said = lines(&data, &[], 3);
    assert!(
        said[0].starts_with("The Control Room: http://127.0.0.1:"),
        "{said:?}"
    );
    assert!(said[2].contains("/first-run?link="), "{said:?}");

    let password = folder.path().join("password");
    for (text, status, said) in [
        ("short", 2, "at least 12 characters"),
        (
            "correct horse & battery\n",
            0,
            "created the user Ada, who is an administrator, as the first user\nok  Ada can now sign in",
        ),
    ] {
        fs::write(&password, text).expect("the file is written");
        let mut command = bot_runner();
        command
            .args(["password", "Ada", "--password-file"])
            .arg(&password);
        let ended = Ended::of(command.arg("--data").arg(&data));
        assert_eq!(ended.status, status, "{}", ended.all());
        assert!(ended.all().contains(said), "{}", ended.all());
        assert!(
            !ended.all().contains(text.trim()) || status == 2,
            "{}",
            ended.all()
        );
    }
    assert_eq!(lines(&data, &[], 1).len(), 1);

    let mut revoke = bot_runner();
    revoke.args(["user", "revoke", "ada", "administrator", "--data"]);
    assert_eq!(Ended::of(revoke.arg(&data)).status, 0);
    let said = lines(&data, &[], 2);
    assert!(
        said[1].starts_with("Nobody is an administrator;"),
        "{said:?}"
    );
}
