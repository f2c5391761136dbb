//! The command `bot-runner`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
