//! The embedded Genesys Cloud, and one request to a host under test.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use genesys_sim::{GenesysCloud, OAuthClient, Options, Region};
use hosts::Host;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The target folder.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

/// A Genesys Cloud with a client, and the component in a file.
pub(crate) struct Fixture {
    cloud: GenesysCloud,
    client: OAuthClient,
    folder: TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let cloud = GenesysCloud::start(Options {
            http: Some((Ipv4Addr::LOCALHOST, 0).into()),
            ..Options::default()
        })
        .await
        .unwrap();
        let region = Region::with_domain("mypurecloud.de").unwrap();
        let client = cloud.add_client(OAuthClient::new("Host", region)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("action.wasm"), built_in_component::BYTES).unwrap();
        Self {
            cloud,
            client,
            folder,
        }
    }

    /// A file in a folder that goes with the fixture.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address of the Genesys Cloud for plain HTTP.
    pub(crate) fn http_addr(&self) -> SocketAddr {
        self.cloud.http_addr().unwrap()
    }

    /// How many sessions were opened and closed.
    pub(crate) fn opened_and_closed(&self) -> (u64, u64) {
        let statistics = self.cloud.statistics();
        (
            statistics.client_credentials_requests,
            statistics.api_requests,
        )
    }

    /// The fields that all sign-ins have.
    pub(crate) fn credentials(&self) -> [Value; 3] {
        [
            json!({ "name": "url", "text": "https://apps.mypurecloud.de" }),
            json!({ "name": "client-id", "text": self.client.id }),
            json!({ "name": "client-secret", "secret": self.client.secret.expose_secret() }),
        ]
    }

    /// The call that opens a session.
    pub(crate) fn opening(&self) -> Value {
        let mut arguments = self.credentials().to_vec();
        arguments.push(json!({ "name": "authentication-type", "text": "client-credentials" }));
        arguments.push(json!({ "name": "session-name", "text": "Default" }));
        json!({ "action": "oauth-authenticate", "arguments": arguments })
    }

    /// A request with these calls that grants what the action needs.
    pub(crate) fn request(&self, calls: &[Value]) -> Value {
        let grant = |host: &str, methods: &[&str], path: &str| json!({ "hosts": [host], "methods": methods, "paths": [path], "headers": ["authorization"] });
        json!({
            "version": 1,
            "component": self.file("action.wasm"),
            "grant": [
                grant("login.mypurecloud.de", &["POST"], "/oauth/token"),
                grant("api.mypurecloud.de", &["DELETE", "HEAD"], "/api/v2/tokens/me"),
            ],
            "connect": self.cloud.https_addr().unwrap().to_string(),
            "ca": self.cloud.ca_certificate().pem(),
            "limits": { "deadline-ms": 20_000, "memory-bytes": 16 << 20, "output-bytes": 1 << 20, "requests": 4 },
            "calls": calls,
        })
    }
}

/// The host's answer.
pub(crate) fn answer(host: Host, request: &Value) -> Value {
    let mut process = host
        .command(&target())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    input.write_all(request.to_string().as_bytes()).unwrap();
    drop(input);
    let output = process.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{host:?}: {log}");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{host:?}: {error}: {log}"))
}
