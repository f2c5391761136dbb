//! The life cycle of a connection: created and signed in to with the command and a real browser, used by bots, expired,
//! refreshed, revoked, and signed in to again.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use test_peers::{Test, tests};

use control_room::{KeySource, Place, Store};
use genesys_sim::{GenesysCloud, OAuthClient, Region, User};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::browser::Browser;
use crate::connection_fixture::{PASSWORD, USERNAME};

/// The connection of the sample bot.
const NAME: &str = "Genesys Cloud";

struct LifeCycle {
    cloud: GenesysCloud,
    client: OAuthClient,
    folder: TempDir,
}

impl LifeCycle {
    /// With a connection that the role of `ada` may use, without a sign-in.
    async fn new(grant: &str) -> Self {
        let cloud = GenesysCloud::start(genesys_sim::Options::default()).await;
        let cloud = cloud.unwrap();
        cloud
            .add_user(User::new(USERNAME, PASSWORD.into()))
            .unwrap();
        let region = Region::with_domain("mypurecloud.de").unwrap();
        let mut life = Self {
            cloud,
            client: OAuthClient::new("Control Room", region),
            folder: tempfile::tempdir().unwrap(),
        };
        let ca = life.cloud.ca_certificate().pem().to_owned();
        std::fs::write(life.folder.path().join("ca.pem"), ca).unwrap();
        for args in [
            &["user", "create", "ada"][..],
            &["user", "role", "create", "bots"],
            &["user", "grant", "ada", "bots"],
        ] {
            life.done(args, "");
        }
        let callback_url = life.done(&["connection", "callback-url"], "");
        let client = life.client.with_redirect_uri(callback_url.trim());
        life.client = life.cloud.add_client(client).unwrap();
        let secret = life.client.secret.expose_secret().to_owned() + "\n";
        let create = [
            "connection",
            "create",
            NAME,
            "--environment",
            "https://apps.mypurecloud.de",
            "--grant",
            grant,
            "--client-id",
            &life.client.id,
            "--save-login-credentials",
            "--role",
            "bots",
        ];
        life.done(&create, &secret);
        life
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bot-runner"));
        command
            .args(args)
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .env_remove("CONTROL_ROOM_KEY_FILE")
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The same, with the arguments for the network.
    fn online(&self, args: &[&str]) -> Command {
        let mut command = self.command(args);
        command
            .args(["--gateway", &self.cloud.https_addr().unwrap().to_string()])
            .arg("--ca-file")
            .arg(self.folder.path().join("ca.pem"));
        command
    }

    /// Runs a command that must succeed, and returns its standard output.
    fn done(&self, args: &[&str], input: &str) -> String {
        let output = block_in_place(|| {
            let mut child = self.command(args).spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            let _ = stdin.write_all(input.as_bytes());
            drop(stdin);
            child.wait_with_output().unwrap()
        });
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// An administrator signs in, in a browser as the command would open it.
    async fn sign_in(&self, browser: &Browser) {
        let mut command = self.online(&["connection", "sign-in", NAME, "--no-browser"]);
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut lines = stderr.lines().map(Result::unwrap);
        let is_page = |line: &String| line.trim().starts_with("https://");
        let page = block_in_place(|| lines.find(is_page)).expect("the page's address");
        browser.sign_in(page.trim(), USERNAME, PASSWORD).await;
        browser.shows("signed-in", &["Signed in"]).await;
        let status = block_in_place(|| {
            let rest: Vec<_> = lines.collect();
            (child.wait().unwrap(), rest)
        });
        assert!(status.0.success(), "{:?}", status.1);
    }

    /// Runs the sample bot on behalf of Ada, and returns its status and output.
    fn run_bot(&self) -> (i32, Value) {
        let bot = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/hello-connection.json");
        let args = ["run", bot.to_str().unwrap(), "--as", "ada", "--json"];
        let output = block_in_place(|| self.online(&args).stdin(Stdio::null()).output().unwrap());
        let said = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), said)
    }

    /// The bot must succeed.
    fn bot_runs(&self) {
        let (status, said) = self.run_bot();
        assert_eq!(status, 0, "{said}");
        let greeting = said["bots"][0]["steps"][2]["text"].as_str().unwrap();
        assert!(
            greeting.starts_with("Signed in to Example Company"),
            "{said}"
        );
    }

    /// The codes and refresh tokens that the cloud has exchanged.
    fn exchanges(&self) -> (u64, u64) {
        let seen = self.cloud.statistics();
        (seen.authorization_code_requests, seen.refresh_requests)
    }

    /// Expires the token, at the cloud and in the Control Room.
    async fn expire(&self) {
        self.cloud.expire_client_tokens(&self.client.id);
        let place = Place::Folder(self.folder.path().join("data"));
        let store = Store::open(place, KeySource::InFolder).await.unwrap();
        let statement = "UPDATE connection_sign_ins SET \
                         asked_at = asked_at - 86400000, expires_at = expires_at - 86400000";
        store.execute_with_key(statement).await.unwrap();
        store.close().await;
    }
}

async fn check_life_cycle(grant: &str) {
    let life = LifeCycle::new(grant).await;
    let (address, ca) = (
        life.cloud.https_addr().unwrap(),
        life.cloud.ca_certificate(),
    );
    let browser = Browser::open(address, ca.der()).await;
    let (status, said) = life.run_bot();
    assert_eq!(
        (status, &said["error"]["kind"]),
        (2, &"sign-in-needed".into())
    );

    life.sign_in(&browser).await;
    life.bot_runs();
    assert_eq!(life.exchanges(), (1, 0));

    for refreshes in 1..=2 {
        life.expire().await;
        life.bot_runs();
        life.bot_runs();
        assert_eq!(life.exchanges(), (1, refreshes));
    }

    life.cloud.revoke_client_tokens(&life.client.id);
    let (status, said) = life.run_bot();
    let error = &said["bots"][0]["error"];
    assert_eq!(
        (status, &error["kind"]),
        (1, &"sign-in-needed".into()),
        "{said}"
    );
    let message = error["message"].as_str().unwrap();
    let expected = "An administrator has to sign in again";
    assert!(message.contains(expected), "{message}");
    let (status, said) = life.run_bot();
    assert_eq!(
        (status, &said["error"]["kind"]),
        (2, &"sign-in-needed".into())
    );

    life.sign_in(&browser).await;
    life.bot_runs();
}

async fn the_life_cycle_of_a_connection_with_pkce() {
    check_life_cycle("authorization-code-pkce").await;
}

async fn the_life_cycle_of_a_connection_without_pkce() {
    check_life_cycle("authorization-code").await;
}

pub(crate) const TESTS: &[Test] = tests![
    the_life_cycle_of_a_connection_with_pkce,
    the_life_cycle_of_a_connection_without_pkce,
];
