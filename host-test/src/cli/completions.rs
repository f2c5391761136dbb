//! `bot-runner completions`: the script with which a shell completes commands and options.

use std::io::{self, Write};

use clap_complete::{Shell, generate};

use super::Outcome;
use super::output;

/// `bot-runner completions`
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Prints the script for the commands of `all`.
pub(crate) fn run(args: &Completions, all: &clap::Command) -> Outcome {
    // The script for bash would have hidden commands as well.
    let visible = all.get_subcommands().filter(|it| !it.is_hide_set());
    let mut shown = clap::Command::new("bot-runner")
        .args(all.get_arguments().cloned())
        .subcommands(visible.cloned());
    let mut script = Vec::new();
    if args.shell == Shell::Bash {
        // With a hyphen in the name, bash would complete no options of commands (clap-rs/clap#6421). The name of the
        // program itself is at the end of the lines that register the function.
        generate(args.shell, &mut shown, "bot_runner", &mut script);
        script = String::from_utf8_lossy(&script)
            .replace(" bot_runner\n", " bot-runner\n")
            .into();
    } else {
        generate(args.shell, &mut shown, "bot-runner", &mut script);
    }
    output::written(io::stdout().write_all(&script));
    Outcome::Done
}
