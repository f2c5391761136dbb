//! The command-line arguments.

#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments in a terminal"
)]

#[cfg(feature = "conformance")]
use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand};
#[cfg(feature = "control-room")]
use {
    super::audit::Audit, super::connection::ConnectionArgs, super::control_room::ControlRoomArgs,
    super::data::DataOptions, super::user::UserArgs, super::vault::Vault,
};
#[cfg(feature = "web")]
use {
    super::schedule::ScheduleArgs, super::submit::Submit, super::worker::WorkerArgs,
    bot_engine::Name,
};

use super::check::Check;
use super::completions::Completions;
use super::doctor::Doctor;
use super::init::Init;
use super::log::LogFormat;
#[cfg(feature = "control-room")]
use super::options::CloudOptions;
use super::options::{Common, ComponentOptions};
use super::regions::Regions;
use super::sources::Sources;

/// What the help says of the configuration file.
const CONFIGURATION: &str = "\
Defaults of --data, --database, --gateway, --ca-file, --components, --locale, --log-format and --timeout can be set in a file,
bot-runner.toml, which BOT_RUNNER_CONFIG names, or which is in the folder bot-runner of the user's folder for configuration
($XDG_CONFIG_HOME, ~/.config, %APPDATA%). An option takes precedence over an environment variable, and that over the file.";

/// Runs bots that work with Genesys Cloud. Without a command: the demonstration, two bots against
/// an embedded Genesys Cloud.
#[derive(Debug, Parser)]
#[command(name = "bot-runner", version, after_help = CONFIGURATION)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Log to standard error; more with -vv and -vvv (or name targets in RUST_LOG)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print errors and results only; of a bot, what it logs
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// The language of messages, such as de or en-GB [default: the environment's]
    #[arg(long, global = true)]
    pub(crate) locale: Option<String>,
    /// The format of the log's lines [default: BOT_RUNNER_LOG_FORMAT, or text]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a first bot from the answers to a few questions
    Init(Init),
    /// Run bots
    Run(Run),
    /// Check bots without running them: report all their problems
    Check(Check),
    /// Check this machine: the way to Genesys Cloud, the clock, and the data folder
    Doctor(Doctor),
    /// Run the action alone: authenticate, and show the session
    Authenticate(Authenticate),
    /// OAuth connections: registrations with providers, roles, and signing in
    #[cfg(feature = "control-room")]
    Connection(ConnectionArgs),
    /// Credentials: lockers, their contents, and the roles that may use them
    #[cfg(feature = "control-room")]
    Vault(Vault),
    /// Users and their roles
    #[cfg(feature = "control-room")]
    User(UserArgs),
    /// Show who used which credential, in which bot and step, and when
    #[cfg(feature = "control-room")]
    Audit(Audit),
    /// The Control Room's file and key: back up, restore, rotate the key
    #[cfg(feature = "control-room")]
    ControlRoom(ControlRoomArgs),
    /// Serve the embedded Genesys Cloud until interrupted
    Genesys(Genesys),
    /// Serve the Control Room as web pages until interrupted
    #[cfg(feature = "web")]
    Serve(Serve),
    /// Run what is queued for a pool until interrupted
    #[cfg(feature = "web")]
    Worker(WorkerArgs),
    /// Queue a run of a bot that is stored in the Control Room
    #[cfg(feature = "web")]
    Submit(Submit),
    /// Let bots that are stored in the Control Room start by themselves
    #[cfg(feature = "web")]
    Schedule(ScheduleArgs),
    /// Set the password with which a user signs in to the web pages
    #[cfg(feature = "control-room")]
    Password(Password),
    /// List the regions of Genesys Cloud, with their login and API hosts
    Regions(Regions),
    /// List the actions that a bot can use, with their fields
    Actions(Actions),
    /// Print the JSON Schema of bot files
    Schema(Schema),
    /// Show a component's version, digest, size, imports, exports and forms, or its WIT
    Inspect(Inspect),
    /// Components with further actions: what they ask for, and what they are granted
    Component(ComponentArgs),
    /// Print the script with which a shell completes commands and options
    Completions(Completions),
    /// Check whether another host runs actions correctly, even if connections close or stall, or a component is hostile
    #[cfg(feature = "conformance")]
    Conformance(Conformance),
    /// Compile the component on standard input, within limits
    #[command(hide = true)]
    CompileComponent,
    /// Be the host under test
    #[cfg(feature = "conformance")]
    #[command(hide = true)]
    ConformanceHost,
}

impl Command {
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Run(run) => run.common.json,
            Self::Check(check) => check.json,
            Self::Doctor(doctor) => doctor.json,
            Self::Authenticate(authenticate) => authenticate.common.json,
            Self::Regions(regions) => regions.json,
            Self::Actions(actions) => actions.json,
            Self::Schema(_) => true,
            Self::Inspect(inspect) => inspect.json,
            Self::Component(component) => matches!(
                component.command,
                Some(ComponentCommand::List { json: true, .. })
            ),
            #[cfg(feature = "conformance")]
            Self::Conformance(conformance) => conformance.json,
            #[cfg(feature = "conformance")]
            Self::ConformanceHost => false,
            Self::Init(_) | Self::Genesys(_) | Self::Completions(_) | Self::CompileComponent => {
                false
            }
            #[cfg(feature = "control-room")]
            Self::Connection(connection) => connection.wants_json(),
            #[cfg(feature = "control-room")]
            Self::Vault(vault) => vault.wants_json(),
            #[cfg(feature = "control-room")]
            Self::User(user) => user.wants_json(),
            #[cfg(feature = "control-room")]
            Self::Audit(audit) => audit.json,
            #[cfg(feature = "control-room")]
            Self::ControlRoom(_) | Self::Password(_) => false,
            #[cfg(feature = "web")]
            Self::Serve(_) | Self::Worker(_) => false,
            #[cfg(feature = "web")]
            Self::Submit(submit) => submit.json,
            #[cfg(feature = "web")]
            Self::Schedule(schedule) => schedule.wants_json(),
        }
    }
}

impl Command {
    /// Whether the configuration file matters to it.
    pub(crate) fn takes_defaults(&self) -> bool {
        match self {
            Self::CompileComponent | Self::Completions(_) => false,
            #[cfg(feature = "conformance")]
            Self::ConformanceHost => false,
            _ => true,
        }
    }
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Run {
    /// The bots, one after the other
    #[arg(value_name = "BOT.json", required = true)]
    pub(crate) bots: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// Retry for this long while Genesys Cloud throttles or is unavailable; 0 disables retries [default: 120]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=86400))]
    pub(crate) retry_for: Option<u32>,
    /// Run each bot this many times, and report a summary instead of each step
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) repeat: Option<u32>,
    /// Run this many of them concurrently [default: 1]
    #[arg(long, value_name = "M", requires = "repeat", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) parallel: Option<u16>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Authenticate {
    /// The Genesys Cloud environment [default: GENESYSCLOUD_REGION]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// The client id [default: GENESYSCLOUD_OAUTHCLIENT_ID]
    #[arg(long)]
    pub(crate) client_id: Option<String>,
    /// A file with the client secret, - for standard input [default:
    /// GENESYSCLOUD_OAUTHCLIENT_SECRET]
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The name of the session
    #[arg(long, default_value = "Default")]
    pub(crate) session_name: String,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Genesys {
    /// The address to serve HTTPS at; port 0 is any free port
    #[arg(long, value_name = "HOST:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    pub(crate) listen: SocketAddr,
    /// The address to serve HTTP at as well, for SDKs with a gateway
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen_http: Option<SocketAddr>,
    /// Write the CA certificate to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_out: Option<PathBuf>,
    /// An OAuth client [default: a generated one, printed with its secret]
    #[arg(long = "client", value_name = "ID:SECRET-FILE")]
    pub(crate) clients: Vec<String>,
    /// Let users sign in to the OAuth clients, with this redirect URI
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub(crate) redirect_uris: Vec<String>,
    /// A user who can sign in [default, with --redirect-uri: a generated one, printed with the password]
    #[arg(long = "user", value_name = "NAME:PASSWORD-FILE")]
    pub(crate) users: Vec<String>,
    /// The region of the OAuth clients
    #[arg(long, default_value = "eu-central-1")]
    pub(crate) region: String,
    /// Throttle a client after this many tokens in a minute
    #[arg(long, value_name = "N")]
    pub(crate) tokens_per_minute: Option<u32>,
    /// Throttle a token after this many API requests in a minute
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_minute: Option<u32>,
}

#[cfg(feature = "web")]
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// The address to serve the pages at; port 0 is any free port
    #[arg(long, value_name = "HOST:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8780)))]
    pub(crate) listen: SocketAddr,
    /// The certificate to serve HTTPS with, required if other machines can connect
    #[arg(long, value_name = "PEM", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key
    #[arg(long, value_name = "PEM", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cloud: CloudOptions,
    /// Make the environment variable NAME a credential variable of the bots
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) env: Vec<String>,
    /// Queue what is run on the pages for the workers of this pool; the editor runs and tests bots here in any case
    #[arg(long, value_name = "NAME")]
    pub(crate) pool: Option<Name>,
    /// Remove runs and former versions of bots that are older than this many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) keep_days: Option<u16>,
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
}

#[cfg(feature = "control-room")]
#[derive(Debug, clap::Args)]
pub(crate) struct Password {
    /// The user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// A file with the password, - for standard input [default: a hidden prompt, or standard input]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// The component [default: the one that was built with this program]
    pub(crate) file: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the WIT of the component
    #[arg(long, conflicts_with = "json")]
    pub(crate) wit: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Actions {
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the reference of bot files, in English
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ComponentArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ComponentCommand>,
    /// Write the built-in component to this file, as `component export` does
    #[arg(short, long, value_name = "FILE", hide = true)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ComponentCommand {
    /// List the components in the folder, and whether they are granted
    List {
        #[command(flatten)]
        components: ComponentOptions,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show a component's actions, and the requests that it asks for
    Show {
        /// The component
        name: String,
        #[command(flatten)]
        components: ComponentOptions,
    },
    /// Let a component send the requests that it asks for
    Grant(GrantArgs),
    /// Take back what was granted to a component
    Revoke {
        /// The component
        name: String,
        #[command(flatten)]
        components: ComponentOptions,
    },
    /// Write the built-in component to a file
    Export {
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct GrantArgs {
    /// The component
    pub(crate) name: String,
    /// Only if the component has this SHA-256
    #[arg(long, value_name = "SHA256")]
    pub(crate) digest: Option<String>,
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
}

#[cfg(feature = "conformance")]
#[derive(Debug, clap::Args)]
pub(crate) struct Conformance {
    /// The host under test, with its arguments. It is started once per case, reads a request from standard
    /// input, and writes its answer to standard output
    #[arg(last = true, value_name = "COMMAND", required_unless_present_any = ["list", "markdown"])]
    pub(crate) command: Vec<OsString>,
    /// Run this case only; may be repeated
    #[arg(long = "case", value_name = "NAME")]
    pub(crate) cases: Vec<String>,
    /// Leave this case out, and report it as skipped; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) skip: Vec<String>,
    /// How long the host may take beside its calls, such as to compile the component
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=600))]
    pub(crate) start_up: u32,
    /// Run this many cases at once [default: the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: Option<u16>,
    /// Keep the request, the component, the answer and the log of each case in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// List the cases, and run none
    #[arg(long, conflicts_with = "command")]
    pub(crate) list: bool,
    /// Print docs/conformance.md, which has all cases
    #[arg(long, conflicts_with_all = ["command", "json"])]
    pub(crate) markdown: bool,
}
