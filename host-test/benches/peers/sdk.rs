//! The official SDKs: their installation, and one login in a process that has been at it for a while.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::Options;
use super::cloud::{CLIENT_ID, Cloud};
use super::engine::Engine;
use super::exchange::InTurn;
use super::ours::Ours;
use super::table::{Figure, Row, Table};

/// The names of variables that would send the peers through a proxy.
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
];

/// An SDK that is installed.
pub(crate) struct Sdk {
    pub(crate) name: &'static str,
    program: PathBuf,
    script: PathBuf,
    /// How many times faster ours is to be: a login, and from process start to the session.
    pub(crate) login: f64,
    pub(crate) start: f64,
}

impl Sdk {
    /// The script against `cloud`; it logs in once, if no number of logins is added.
    pub(crate) fn command(&self, cloud: &Cloud) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(&self.script)
            .arg(cloud.https.port().to_string())
            .arg(cloud.ca_file())
            .arg(CLIENT_ID)
            .arg(cloud.secret_file())
            .stdin(Stdio::null());
        for proxy in PROXIES {
            command.env_remove(proxy);
        }
        command
    }
}

/// Installs what is not installed yet. What cannot be had is left out, and the table says so.
pub(crate) fn install(options: &Options, table: &mut Table) -> Vec<Sdk> {
    if options.quick {
        table.leave_out("JavaScript SDK and Python SDK: --quick installs nothing");
        return Vec::new();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    let there = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers");
    let mut installed = Vec::new();
    for (name, sdk) in [
        ("JavaScript SDK", javascript(&here, &there.join("js"))),
        ("Python SDK", python(&here, &there.join("py"))),
    ] {
        match sdk {
            Ok(sdk) => installed.push(sdk),
            Err(error) => table.leave_out(format!("{name}: {error:#}")),
        }
    }
    installed
}

fn javascript(here: &Path, there: &Path) -> anyhow::Result<Sdk> {
    fs::create_dir_all(there)?;
    for file in ["package.json", "package-lock.json", "login.mjs"] {
        fs::copy(here.join(file), there.join(file))?;
    }
    once(&here.join("package-lock.json"), there, || {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(there))
    })?;
    Ok(Sdk {
        name: "JavaScript SDK",
        program: "node".into(),
        script: there.join("login.mjs"),
        login: 10.0,
        start: 15.0,
    })
}

fn python(here: &Path, there: &Path) -> anyhow::Result<Sdk> {
    let requirements =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/test-peers/python/requirements.txt");
    let program = there.join("bin/python");
    once(&requirements, there, || {
        run(Command::new("python3").args(["-m", "venv"]).arg(there))?;
        // Compiled at once, whatever the environment says, as a user's would be after its first run.
        run(Command::new(&program)
            .args(["-m", "pip", "install", "--quiet", "--compile", "-r"])
            .arg(&requirements)
            .env_remove("PYTHONDONTWRITEBYTECODE"))
    })?;
    Ok(Sdk {
        name: "Python SDK",
        program,
        script: here.join("login.py"),
        login: 5.0,
        start: 60.0,
    })
}

/// Installs, unless that was done for the very same list of packages.
fn once(
    packages: &Path,
    there: &Path,
    install: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let done = there.join("installed");
    let packages = fs::read(packages)?;
    if fs::read(&done).is_ok_and(|installed| installed == packages) {
        return Ok(());
    }
    install()?;
    Ok(fs::write(done, packages)?)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("  {command:?}");
    let status = command.stdout(Stdio::null()).status();
    let status =
        status.with_context(|| format!("{} does not start", command.get_program().display()))?;
    ensure!(
        status.success(),
        "{} failed",
        command.get_program().display()
    );
    Ok(())
}

/// What a script says of its logins.
#[derive(Deserialize)]
struct Logins {
    median_us: f64,
    cpu_us: f64,
}

pub(crate) async fn measure(
    cloud: &Cloud,
    sdks: &[Sdk],
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    const COUNT: usize = 2_000;
    eprintln!("login");
    let ours = Engine::for_each_core(&Ours::new(cloud, &options.component)?)?;
    InTurn::default().add(&ours, 200).await?;
    for sdk in sdks {
        let mut our_logins = InTurn::default();
        our_logins.add(&ours, options.count(COUNT, 20)).await?;
        let output = sdk
            .command(cloud)
            .arg(COUNT.to_string())
            .stderr(Stdio::inherit())
            .output()?;
        our_logins.add(&ours, options.count(COUNT, 20)).await?;
        let last = output.stdout.split(|&byte| byte == b'\n').rev().nth(1);
        let Some(Ok(theirs)) = last.map(serde_json::from_slice::<Logins>) else {
            table.leave_out(format!("login with the {}: its script failed", sdk.name));
            continue;
        };
        table.add(Row::times(
            &format!("one login, connection reused, median; {}", sdk.name),
            our_logins.median(),
            Figure::new(theirs.median_us, "µs"),
            sdk.login,
        ));
        table.add(Row::times(
            "the same, CPU time",
            our_logins.cpu(),
            Figure::new(theirs.cpu_us, "µs"),
            sdk.login,
        ));
    }
    Ok(())
}
