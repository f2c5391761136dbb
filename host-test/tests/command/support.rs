//! Runs the command, and an embedded Genesys Cloud for it to work with.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use test_support::Ca;
use test_support::https::{Reply, Server};

/// `wrapper` with this command as its last arguments, and with its environment.
pub(crate) fn wrapped(mut wrapper: Command, command: &Command) -> Command {
    wrapper.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapper.env(name, value),
            None => wrapper.env_remove(name),
        };
    }
    wrapper
}

/// The command, isolated from the environment of the user who runs the tests.
pub(crate) fn bot_runner() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bot-runner"));
    let own = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in own.filter(|it| it.starts_with("BOT_RUNNER_")) {
        command.env_remove(name);
    }
    for name in [
        "CARGO",
        "CONTROL_ROOM_KEY_FILE",
        "GENESYSCLOUD_REGION",
        "GENESYSCLOUD_OAUTHCLIENT_ID",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET",
        "RUST_LOG",
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    // An empty home, so that no file of this user is touched.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    command.env("XDG_DATA_HOME", folder.join("no-data"));
    command.env("XDG_CONFIG_HOME", folder.join("no-configuration"));
    command.stdin(Stdio::null());
    command
}

/// A Control Room in a temporary folder.
pub(crate) struct ControlRoom {
    folder: TempDir,
}

impl ControlRoom {
    /// A Control Room that does not exist yet.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        Self { folder }
    }

    /// With the locker `genesys`, which the role `bots` may use, and the user `ada`, who has that role. The credential
    /// `hello-bot` has the id and the secret of the client of [`Genesys`]; the secret is password-only.
    pub(crate) fn filled() -> Self {
        let control_room = Self::new();
        for args in [
            "vault locker create genesys",
            "vault credential create genesys/hello-bot",
            "vault attribute set genesys/hello-bot/client-id",
            "vault attribute set genesys/hello-bot/client-secret --masked --password-only",
            "user create ada",
            "user role create bots",
            "user grant ada bots",
            "vault locker allow genesys bots",
        ] {
            control_room.done(args);
        }
        control_room.set("genesys/hello-bot/client-id", CLIENT_ID);
        control_room.set("genesys/hello-bot/client-secret", SECRET);
        control_room
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A path beside the data folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `bot-runner` with these arguments, separated by blanks, and with the data folder.
    pub(crate) fn command(&self, args: &str) -> Command {
        let mut command = bot_runner();
        command.args(args.split(' ')).arg("--data").arg(self.data());
        command
    }

    /// Runs the command.
    pub(crate) fn run(&self, args: &str) -> Ended {
        Ended::of(&mut self.command(args))
    }

    /// Runs the command, which must succeed.
    pub(crate) fn done(&self, args: &str) -> Ended {
        let ended = self.run(args);
        assert_eq!((ended.status, ended.stderr.as_str()), (0, ""), "{args}");
        ended
    }

    /// Runs the command, which must fail, and returns its error.
    pub(crate) fn refused(&self, args: &str) -> String {
        let ended = self.run(args);
        assert_eq!((ended.status, ended.stdout.as_str()), (2, ""), "{args}");
        ended.stderr
    }

    /// Sets the value of an attribute, as the administrator.
    pub(crate) fn set(&self, attribute: &str, value: &str) {
        let mut command = self.command(&format!("vault value set {attribute}"));
        let ended = with_input(&mut command, &format!("{value}\n"));
        assert_eq!(ended.status, 0, "{}", ended.stderr);
    }
}

/// The outcome of a command.
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().expect("the command starts").into()
    }

    /// Standard output, which must be one JSON object.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    pub(crate) fn all(&self) -> String {
        [self.stdout.as_str(), &self.stderr].concat()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Self {
            status: output.status.code().expect("the command was not killed"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// `bot-runner genesys`, until it is dropped.
pub(crate) struct Genesys {
    child: Child,
    /// The line that reports that it is ready.
    pub(crate) ready: Value,
    folder: TempDir,
}

pub(crate) const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";
pub(crate) const SECRET: &str = "canary-of-a-secret";

impl Genesys {
    /// With one OAuth client, [`CLIENT_ID`] and [`SECRET`], in eu-central-1.
    pub(crate) fn start(options: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        let secret = folder.path().join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).expect("the secret is written");
        let mut child = bot_runner()
            .arg("genesys")
            .arg("--client")
            .arg(format!("{CLIENT_ID}:{}", secret.display()))
            .arg("--ca-out")
            .arg(folder.path().join("ca.pem"))
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says that it is ready");
        let ready = serde_json::from_str(&line).expect("the line is JSON");
        Self {
            child,
            ready,
            folder,
        }
    }

    pub(crate) fn gateway(&self) -> &str {
        self.ready["https"].as_str().expect("an address")
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn secret_file(&self) -> PathBuf {
        self.folder.path().join("secret")
    }

    /// A file in a temporary folder.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("the file is written");
        path
    }

    /// `bot-runner COMMAND` with the network options for this cloud.
    pub(crate) fn command(&self, command: &str) -> Command {
        let mut runner = bot_runner();
        runner
            .arg(command)
            .args(["--gateway", self.gateway()])
            .arg("--ca-file")
            .arg(self.ca_file());
        runner
    }

    /// `bot-runner authenticate` with this cloud's client, in its own region.
    pub(crate) fn authenticate(&self) -> Command {
        self.authenticate_at("https://apps.mypurecloud.de")
    }

    /// The same with another URL.
    pub(crate) fn authenticate_at(&self, url: &str) -> Command {
        let mut command = self.command("authenticate");
        command
            .args(["--url", url, "--client-id", CLIENT_ID])
            .arg("--client-secret-file")
            .arg(self.secret_file());
        command
    }
}

impl Drop for Genesys {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server for the hosts of eu-central-1. The file `ca.pem` in the folder is the CA to trust.
pub(crate) async fn genesys_hosts(
    folder: &TempDir,
    reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> Server {
    let names = ["login.mypurecloud.de", "api.mypurecloud.de"];
    let ca = Ca::new("Test CA");
    std::fs::write(folder.path().join("ca.pem"), ca.pem()).expect("the CA is written");
    let config = ca.server_for(&names);
    Server::with_certificate(ca, config, reply).await
}

/// Runs a command with a text on its standard input.
pub(crate) fn with_input(command: &mut Command, input: &str) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    stdin
        .write_all(input.as_bytes())
        .expect("it reads its input");
    drop(stdin);
    child.wait_with_output().expect("it ends").into()
}

/// A sample bot of the repository.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("bots")
        .join(name)
}
