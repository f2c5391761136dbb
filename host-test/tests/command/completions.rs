//! `bot-runner completions`.

use std::process::Command;

use crate::support::{Ended, bot_runner, with_input};

fn script(shell: &str) -> String {
    let ended = Ended::of(bot_runner().args(["completions", shell]));
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""), "{shell}");
    ended.stdout
}

#[test]
fn every_shell_has_a_script_with_all_commands() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = script(shell);
        for word in ["run", "regions", "credentials-env", "control-room"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        for hidden in ["compile-component", "conformance-host"] {
            assert!(!script.contains(hidden), "{shell}: {hidden}");
        }
    }
    let ended = Ended::of(bot_runner().args(["completions", "csh"]));
    assert_eq!(ended.status, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn bash_completes_commands_and_options() {
    for (words, expected) in [
        ("bot-runner reg", "regions"),
        ("bot-runner run --retr", "--retry-for"),
    ] {
        let (_, last) = words.rsplit_once(' ').unwrap();
        let count = words.split(' ').count() - 1;
        let ask = format!(
            "{}\nCOMP_WORDS=({words}); COMP_CWORD={count}\nof=$(complete -p bot-runner); of=${{of#*-F }}\n${{of%% *}} bot-runner '{last}' ''\necho \"${{COMPREPLY[@]}}\"",
            script("bash")
        );
        let ended = with_input(Command::new("bash").arg("-s"), &ask);
        assert_eq!(ended.all().trim(), expected, "{words}");
    }
}
