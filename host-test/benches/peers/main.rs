//! The table of the README: what an authentication costs here, beside what a user would pick instead.
//!
//! `cargo bench --bench peers [-- [--quick] [--only NAME,NAME…] [--component FILE]]`; Linux, as it reads /proc.
//!
//! All of it runs in one go against one embedded Genesys Cloud, which is a process of its own (`cloud`). The
//! peers are a native client, `oauth2` over `reqwest` (`native`), in this process, and the official SDKs for
//! JavaScript and Python (`sdk`), whose scripts lie beside this file. The SDKs are installed into
//! `target/peers` from the registries at the first run, in exact versions; where that fails, their rows are
//! left out and it is said so. What is compared is measured in turns, in short blocks, so that what else the
//! machine does meets both.
//!
//! `--quick` is for CI, to see that all of this still works: few repetitions, and no SDKs. Its figures mean
//! nothing. `--only` takes the names of [`PARTS`]; `--component` measures another build of the component in
//! "exchange", "throughput", "login" and "instance".
//!
//! Everything in this process is allocated by the system's allocator. `bot-runner` itself zeroes what it
//! frees, and is measured so where it is started as a process.

#![allow(
    clippy::cast_precision_loss,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "its figures are rounded and printed"
)]
#![allow(missing_docs, reason = "a benchmark has no public interface")]

mod cloud;
mod engine;
mod exchange;
mod growth;
mod http_versions;
mod load;
mod measure;
mod native;
mod ours;
mod sdk;
mod server;
mod sessions;
mod silent;
mod sizes;
mod start;
mod table;
mod waiting;

use std::fs;

use anyhow::{Context, bail};

use cloud::Cloud;
use table::Table;

/// What can be asked for with `--only`.
const PARTS: [&str; 10] = [
    "exchange",
    "throughput",
    "login",
    "start",
    "instance",
    "memory",
    "growth",
    "sessions",
    "sizes",
    "http-versions",
];

/// How the program is to run.
pub(crate) struct Options {
    pub(crate) quick: bool,
    only: Vec<String>,
    /// The component that is measured.
    pub(crate) component: Vec<u8>,
}

impl Options {
    fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self {
            quick: false,
            only: Vec::new(),
            component: built_in_component::BYTES.into(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                // Cargo says so to every benchmark.
                "--bench" => {}
                "--quick" => options.quick = true,
                "--component" => {
                    let file = arguments.next().context("--component FILE")?;
                    options.component = fs::read(file).context("--component")?;
                }
                "--only" => {
                    let names = arguments.next().context("--only NAME,NAME…")?;
                    options.only = names.split(',').map(Into::into).collect();
                }
                other => bail!("{other}: expected --quick, --only or --component"),
            }
        }
        for name in &options.only {
            anyhow::ensure!(
                PARTS.contains(&name.as_str()),
                "--only {name}: expected some of {}",
                PARTS.join(",")
            );
        }
        Ok(options)
    }

    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == part)
    }

    /// A number of repetitions, or what is enough to see that it works.
    pub(crate) fn count(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }
}

fn main() -> anyhow::Result<()> {
    measure::allow_many_files()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    // This program is also three others that have to be processes of their own.
    match arguments.first().map(String::as_str) {
        Some(silent::CHILD) => runtime.block_on(silent::serve()),
        Some(http_versions::CHILD) => runtime.block_on(http_versions::serve()),
        Some(waiting::CHILD) => runtime.block_on(waiting::wait(&arguments[1..])),
        _ => runtime.block_on(measure_all(&Options::parse(&arguments)?)),
    }
}

async fn measure_all(options: &Options) -> anyhow::Result<()> {
    let cloud = Cloud::start()?;
    let mut table = Table::new(options.quick);
    if options.wants("exchange") {
        exchange::measure(&cloud, options, &mut table).await?;
    }
    if options.wants("throughput") {
        load::measure(&cloud, options, &mut table).await?;
    }
    let peers = if options.wants("login") || options.wants("start") {
        sdk::install(options, &mut table)
    } else {
        Vec::new()
    };
    if options.wants("login") {
        sdk::measure(&cloud, &peers, options, &mut table).await?;
    }
    if options.wants("start") {
        start::measure(&cloud, &peers, options, &mut table)?;
    }
    if options.wants("instance") {
        exchange::measure_instance(&cloud, options, &mut table).await?;
    }
    if options.wants("memory") {
        waiting::measure(options, &mut table)?;
    }
    if options.wants("growth") {
        growth::measure(&cloud, options, &mut table).await?;
    }
    if options.wants("sessions") {
        sessions::measure(options, &mut table).await?;
    }
    if options.wants("sizes") {
        sizes::measure(&mut table)?;
    }
    if options.wants("http-versions") {
        http_versions::measure(options, &mut table).await?;
    }
    table.print();
    Ok(())
}
