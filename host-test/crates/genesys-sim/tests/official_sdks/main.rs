//! The official SDKs log in to the simulation with client credentials, and call the API. `cargo xtask setup` installs
//! them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use genesys_sim::{GenesysCloud, OAuthClient, Options, Region};
use secrecy::ExposeSecret;
use test_peers::{Peer, tests};

/// Variables that would send the SDKs through a proxy.
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
];

fn main() -> ExitCode {
    test_peers::run(
        &[Peer::NpmPackages(target()), Peer::PythonPackages(target())],
        &[tests![
            the_javascript_sdk_logs_in_and_calls_the_api,
            the_python_sdk_logs_in_and_calls_the_api,
        ]],
    )
}

/// The target folder.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

async fn the_javascript_sdk_logs_in_and_calls_the_api() {
    // Node looks for packages beside the script.
    let script = test_peers::npm_folder(&target()).join("official-sdk.mjs");
    fs::write(&script, include_str!("login.mjs")).unwrap();
    assert_logs_in(Command::new("node").arg(script)).await;
}

async fn the_python_sdk_logs_in_and_calls_the_api() {
    let python = test_peers::python(&target());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdks/login.py");
    assert_logs_in(Command::new(python).arg(script)).await;
}

/// The SDK writes the name of the organization, after one token request and one API request.
async fn assert_logs_in(sdk: &mut Command) {
    let cloud = GenesysCloud::start(Options {
        https: None,
        http: Some(([127, 0, 0, 1], 0).into()),
        ..Options::default()
    });
    let cloud = cloud.await.unwrap();
    let region = Region::with_domain("mypurecloud.de").unwrap();
    let client = cloud.add_client(OAuthClient::new("SDK", region)).unwrap();
    for proxy in PROXIES {
        sdk.env_remove(proxy);
    }
    sdk.arg(cloud.http_addr().unwrap().port().to_string())
        .arg(&client.id)
        .env("CLIENT_SECRET", client.secret.expose_secret())
        .stdin(Stdio::null());
    let output = sdk.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let name = String::from_utf8_lossy(&output.stdout);
    assert_eq!(name.trim(), "Example Company", "{errors}");
    let statistics = cloud.statistics();
    assert_eq!(statistics.client_credentials_requests, 1);
    assert_eq!(statistics.api_requests, 1);
}
