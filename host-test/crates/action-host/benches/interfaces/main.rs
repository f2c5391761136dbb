//! The two interfaces of the OAuth action, one beside the other: `bot:action/run`, and the one with types of its own.
//!
//! `cargo bench -p bot-flow-action-host --bench interfaces [-- --quick]`
//!
//! Both do the same work in the component, so the difference is what arguments and results cost that a host can pass to any
//! action. The embedded Genesys Cloud is in the same process, on a thread of its own. The two are called in turns, in short
//! blocks, so that what else the machine does meets both. `--quick` only shows that the benchmark works.

#![allow(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "its figures are rounded and printed"
)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failure stops the benchmark"
)]
#![allow(missing_docs, reason = "a benchmark has no public interface")]

mod fuel;

use std::time::{Duration, Instant};

use action_host::oauth::{Credentials, Oauth};
use action_host::{Argument, Component, Grant, Host};
use egress::{AllowList, Client, Options, Proxies, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Options as CloudOptions, Region};
use secrecy::ExposeSecret;

const ACTION: &str = "oauth-authenticate";
const SESSION: &str = "Default";
const URL: &str = "eu-central-1";
/// A URL that the action refuses before it sends a request.
const WRONG_URL: &str = "https://evil.example";

/// Calls of one interface before it is the other one's turn.
const BLOCK: usize = 50;

fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let turns = if is_quick { 2 } else { 60 };
    let server = runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1));
    let (cloud, account) = server.block_on(async {
        let cloud = GenesysCloud::start(CloudOptions::default()).await.unwrap();
        let client = OAuthClient::new("Interfaces", Region::named(URL).unwrap());
        let account = cloud.add_client(client).unwrap();
        (cloud, account)
    });
    let client = Client::new(Options {
        gateway: Some(cloud.https_addr().unwrap().try_into().unwrap()),
        trust: Trust::Only(vec![cloud.ca_certificate().der().to_vec().into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    })
    .unwrap();
    let client = client.with_grant(Grant::genesys_oauth());
    let host = Host::builder().client(client.clone()).build().unwrap();
    let component = host.load(built_in_component::BYTES).unwrap();
    let component = component.with_grant(Grant::genesys_oauth());
    let oauth = Oauth::new(component.clone()).unwrap();

    println!("| | `bot:action/run` | typed | ratio |\n|---|---|---|---|");
    runtime(&mut tokio::runtime::Builder::new_current_thread()).block_on(async {
        for (what, url) in [
            ("time of a call", URL),
            ("the same, refused without HTTP", WRONG_URL),
        ] {
            let calls = Calls::new(&account, url);
            let [generic, typed] = times(&component, &oauth, &calls, turns).await;
            row(what, generic, typed, "µs");
        }
        for (what, url) in [
            ("fuel of a call", URL),
            ("the same, refused without HTTP", WRONG_URL),
        ] {
            let calls = Calls::new(&account, url);
            let fuel = fuel::Meter::new(client.clone());
            let (generic, typed) = (fuel.generic(&calls).await, fuel.typed(&calls).await);
            row(what, generic as f64, typed as f64, "units");
        }
    });
    if is_quick {
        println!("\nQUICK: so few repetitions that the figures mean nothing");
    }
    server.block_on(cloud.shutdown());
}

/// The same fields for both interfaces.
struct Calls {
    url: &'static str,
    account: OAuthClient,
    arguments: [Argument; 5],
    credentials: Credentials,
}

impl Calls {
    fn new(account: &OAuthClient, url: &'static str) -> Self {
        let secret = account.secret.expose_secret();
        Self {
            url,
            account: account.clone(),
            arguments: [
                Argument::text("authentication-type", "client-credentials"),
                Argument::text("url", url),
                Argument::secret("client-id", account.id.clone()),
                Argument::secret("client-secret", secret),
                Argument::text("session-name", SESSION),
            ],
            credentials: Credentials::ClientCredentials {
                url: url.into(),
                client_id: account.id.clone().into(),
                client_secret: account.secret.clone(),
            },
        }
    }

    fn expect(&self, is_ok: bool) {
        assert_eq!(is_ok, self.url == URL, "{}", self.url);
    }
}

/// The medians of both interfaces, in microseconds. The first turn, in which connections are opened, does not count.
async fn times(component: &Component, oauth: &Oauth, calls: &Calls, turns: usize) -> [f64; 2] {
    let (mut generic, mut typed) = (Vec::new(), Vec::new());
    for turn in 0..=turns {
        for _ in 0..BLOCK {
            let started = Instant::now();
            let called = component.run(ACTION, &calls.arguments).await;
            generic.push(started.elapsed());
            calls.expect(called.is_ok());
        }
        for _ in 0..BLOCK {
            let started = Instant::now();
            let called = oauth.authenticate(&calls.credentials, SESSION).await;
            typed.push(started.elapsed());
            calls.expect(called.is_ok());
        }
        if turn == 0 {
            generic.clear();
            typed.clear();
        }
    }
    [generic, typed].map(|mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e6
    })
}

fn row(what: &str, generic: f64, typed: f64, unit: &str) {
    let ratio = generic / typed;
    println!("| {what} | {generic:.1} {unit} | {typed:.1} {unit} | {ratio:.2} |");
}

fn runtime(builder: &mut tokio::runtime::Builder) -> tokio::runtime::Runtime {
    builder.enable_all().build().unwrap()
}
