//! Options that several commands have.

#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments in a terminal"
)]

use std::path::PathBuf;

use clap::ValueEnum;

/// Which Genesys Cloud to work with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cloud {
    /// The real one
    #[default]
    Cloud,
    /// A simulation in this process
    Embedded,
}

/// Which components' actions bots can use.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ComponentOptions {
    /// Use the components in this folder as well: NAME.wasm, as far as they are granted [default: the environment
    /// variable BOT_RUNNER_COMPONENTS]
    #[arg(long, value_name = "DIR")]
    pub(crate) components: Option<PathBuf>,
    /// Use this component as well, if it is granted, under its file's name; genesys=FILE replaces the built-in one
    #[arg(long = "component", value_name = "[NAME=]FILE")]
    pub(crate) component: Vec<String>,
}

impl ComponentOptions {
    /// The components of the command line, with their names.
    pub(crate) fn files(&self) -> Vec<(String, PathBuf)> {
        let file = |argument: &String| {
            if let Some((name, file)) = argument.split_once('=') {
                return (name.to_owned(), file.into());
            }
            let file = PathBuf::from(argument);
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            (name.into_owned(), file)
        };
        self.component.iter().map(file).collect()
    }
}

/// Which Genesys Cloud, and the way to it.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct CloudOptions {
    /// Which Genesys Cloud to work with
    #[arg(long, value_enum, default_value_t)]
    pub(crate) genesys: Cloud,
    /// Connect to this address for every Genesys host; TLS still verifies the host's name
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) gateway: Option<String>,
    /// Trust the CA certificates in this file as well
    #[arg(long, value_name = "PEM")]
    pub(crate) ca_file: Option<PathBuf>,
}

/// The longest `--timeout`, in seconds.
pub(crate) const MAX_TIMEOUT: u32 = 3600;

/// Options of all commands that call the action.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) cloud: CloudOptions,
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
    /// The longest time that one call of the action may take [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_TIMEOUT)))]
    pub(crate) timeout: Option<u32>,
    /// Print one JSON object on standard output, and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}
