//! What `--help` says of every command. After a change that is meant, `INSTA_UPDATE=always cargo nextest run help` writes it
//! anew.

use std::fmt::Write;

use crate::support::bot_runner;

/// The help of a command and of all commands below it.
fn help(command: &[String], text: &mut String) {
    let output = bot_runner().args(command).arg("--help").output().unwrap();
    assert!(output.status.success(), "{command:?}");
    let help = String::from_utf8(output.stdout).unwrap();
    writeln!(text, "$ bot-runner {}\n{help}", command.join(" ")).unwrap();
    let below = help.split_once("\nCommands:\n").map(|(_, below)| below);
    for line in below.into_iter().flat_map(str::lines) {
        let Some(name) = line.split_whitespace().next() else {
            break;
        };
        if name != "help" {
            let command = [command, &[name.to_owned()]].concat();
            self::help(&command, text);
        }
    }
}

#[cfg(feature = "web")]
#[test]
fn the_help_of_every_command() {
    let mut text = String::new();
    help(&[], &mut text);
    insta::assert_snapshot!(text);
}
