//! Runs the program against the embedded Genesys Cloud, and against a server that changes some of its answers.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use genesys_sim::{GenesysCloud, OAuthClient, Options, Region};
use scripted_server::{Authority, Request, Script, Server, response};
use secrecy::ExposeSecret as _;

/// What the program printed, and its exit status.
struct Output {
    report: String,
    progress: String,
    status: i32,
}

/// A simulation with a client.
struct Simulation {
    cloud: GenesysCloud,
    client: OAuthClient,
}

impl Simulation {
    async fn start() -> Self {
        let options = Options {
            http: Some(([127, 0, 0, 1], 0).into()),
            ..Options::default()
        };
        let cloud = GenesysCloud::start(options).await.unwrap();
        let region = Region::named("eu-central-1").unwrap();
        let client = cloud.add_client(OAuthClient::new("Facts", region)).unwrap();
        Self { cloud, client }
    }

    /// Runs the program against the simulation itself.
    async fn run(&self) -> Output {
        let ca = self.cloud.ca_certificate().pem().to_owned();
        self.run_at(self.cloud.https_addr().unwrap(), &ca, |_| {})
            .await
    }

    /// Runs the program against a server that answers what `answer` makes of a request; it gets what the simulation
    /// answers by calling its second argument.
    async fn run_changed(
        &self,
        answer: impl Fn(&Request, &dyn Fn(&Request) -> Answer) -> Answer + Send + Sync + 'static,
        started: impl FnOnce(u32) + Send + 'static,
    ) -> Output {
        let authority = Authority::new("Tests").unwrap();
        let tls = authority.server(&["*.mypurecloud.de"]).unwrap();
        let simulation = self.cloud.http_addr().unwrap();
        let script = Script::answers(move |request| {
            tokio::task::block_in_place(|| {
                answer(request, &|request| forward(simulation, request)).bytes()
            })
        });
        let server = Server::start(tls, script).await.unwrap();
        self.run_at(server.address(), &authority.pem(), started)
            .await
    }

    async fn run_at(
        &self,
        gateway: SocketAddr,
        ca: &str,
        started: impl FnOnce(u32) + Send + 'static,
    ) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, ca).unwrap();
        let mut command = program();
        command
            .args(["--gateway", &gateway.to_string(), "--ca-file"])
            .arg(file)
            .env("GENESYSCLOUD_REGION", "eu-central-1")
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", &self.client.id)
            .env(
                "GENESYSCLOUD_OAUTHCLIENT_SECRET",
                self.client.secret.expose_secret(),
            );
        let output = tokio::task::spawn_blocking(move || run(command, started));
        output.await.unwrap()
    }

    fn valid_tokens(&self) -> usize {
        self.cloud.valid_tokens(&self.client.id)
    }
}

/// The program without settings.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-live"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["REGION", "OAUTHCLIENT_ID", "OAUTHCLIENT_SECRET"] {
        command.env_remove(format!("GENESYSCLOUD_{name}"));
    }
    command
}

fn run(mut command: Command, started: impl FnOnce(u32)) -> Output {
    let child = command.spawn().unwrap();
    started(child.id());
    let output = child.wait_with_output().unwrap();
    Output {
        report: String::from_utf8(output.stdout).unwrap(),
        progress: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap(),
    }
}

/// An answer that a test can change.
struct Answer {
    status: String,
    headers: String,
    body: String,
    has_body: bool,
}

impl Answer {
    fn bytes(&self) -> Vec<u8> {
        let bytes = response(&self.status, &self.headers, &self.body);
        let length = if self.has_body {
            bytes.len()
        } else {
            bytes.len() - self.body.len()
        };
        bytes[..length].to_vec()
    }
}

/// What the simulation answers to a request.
fn forward(simulation: SocketAddr, request: &Request) -> Answer {
    let mut head = format!(
        "{} {} HTTP/1.1\r\nConnection: close\r\n",
        request.method, request.target
    );
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(simulation).unwrap();
    stream
        .write_all(&[head.as_bytes(), b"\r\n", &request.body].concat())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    let headers = headers.lines();
    let kept =
        headers.filter(|it| !it.starts_with("connection") && !it.starts_with("content-length"));
    Answer {
        status: status.strip_prefix("HTTP/1.1 ").unwrap().to_owned(),
        headers: kept.flat_map(|line| [line, "\r\n"]).collect(),
        body: body.to_owned(),
        has_body: request.method != "HEAD",
    }
}

/// The names of the facts in a part of the report.
fn facts<'a>(report: &'a str, part: &str) -> Vec<&'a str> {
    let parts = report.split("\n## ");
    let part = parts
        .into_iter()
        .find(|it| it.starts_with(part))
        .unwrap_or_default();
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).collect()
}

#[tokio::test]
async fn all_facts_hold_in_the_simulation() {
    let simulation = Simulation::start().await;
    let output = simulation.run().await;
    assert_eq!(output.status, 0, "{}\n{}", output.report, output.progress);
    assert_eq!(facts(&output.report, "Changed"), [""; 0]);
    assert_eq!(facts(&output.report, "Held").len(), 24);
    assert!(
        output.report.contains("- Requests: 16 in"),
        "{}",
        output.report
    );
    assert!(output.report.contains("- Tokens: 1 issued, 1 revoked"));
    assert_eq!(output.progress.lines().count(), 16, "{}", output.progress);
    let not_checked = facts(&output.report, "Not checked");
    assert_eq!(not_checked.len(), 13);
    assert!(not_checked.contains(&"missing-permission"));
    assert_eq!(simulation.valid_tokens(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_that_may_not_read_users_is_told_is_a_fact_as_well() {
    let simulation = Simulation::start().await;
    let forbid = |request: &Request, simulate: &dyn Fn(&Request) -> Answer| {
        if !request.target.starts_with("/api/v2/users?") {
            return simulate(request);
        }
        let mut unknown = request.clone();
        unknown.target = "/api/v2/unknown".into();
        let mut answer = simulate(&unknown);
        answer.status = "403 Forbidden".into();
        answer.body = answer.body.replace("404", "403");
        answer.body = answer.body.replace("not.found", "missing.permissions");
        answer
    };
    let output = simulation.run_changed(forbid, |_| {}).await;
    assert_eq!(output.status, 0, "{}\n{}", output.report, output.progress);
    assert_eq!(facts(&output.report, "Held").len(), 24);
    assert!(facts(&output.report, "Held").contains(&"missing-permission"));
    assert!(facts(&output.report, "Not checked").contains(&"users-api"));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_changed_facts_are_found_and_the_token_is_revoked() {
    let simulation = Simulation::start().await;
    let change = |request: &Request, simulate: &dyn Fn(&Request) -> Answer| {
        let mut answer = simulate(request);
        answer.body = answer.body.replace("client not found", "no such client");
        answer.body = answer.body.replace("\"bearer\"", "\"Bearer\"");
        if request.method == "DELETE" && answer.status.starts_with("200") {
            answer.status = "204 No Content".into();
        }
        answer
    };
    let output = simulation.run_changed(change, |_| {}).await;
    assert_eq!(output.status, 1, "{}\n{}", output.report, output.progress);
    let changed = facts(&output.report, "Changed");
    assert_eq!(changed, ["unknown-client", "revocation", "token-type"]);
    assert_eq!(facts(&output.report, "Held").len(), 21);
    assert!(output.report.contains("`description` `no such client`"));
    assert_eq!(simulation.valid_tokens(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_report_nor_progress_has_secrets_that_the_server_repeats() {
    let simulation = Simulation::start().await;
    let (id, secret) = (
        simulation.client.id.clone(),
        simulation.client.secret.clone(),
    );
    let canaries = Arc::new(Mutex::new(vec![id, secret.expose_secret().to_owned()]));
    let seen = Arc::clone(&canaries);
    let repeat = move |request: &Request, simulate: &dyn Fn(&Request) -> Answer| {
        let mut answer = simulate(request);
        let mut seen = seen.lock().unwrap();
        seen.extend(
            request
                .header("authorization")
                .and_then(|it| Some(it.split_once(' ')?.1.to_owned())),
        );
        let token = answer.body.split_once("\"access_token\":\"");
        seen.extend(token.and_then(|(_, rest)| Some(rest.split_once('"')?.0.to_owned())));
        // Of members of the same name, the last one counts.
        if let Some(body) = answer.body.strip_suffix('}') {
            let all = seen.join(" ");
            let members = ["error", "code", "description", "message", &all];
            let members = members.map(|name| format!(",\"{name}\":\"{all}\""));
            answer.body = format!("{body}{}}}", members.concat());
        }
        answer
    };
    let output = simulation.run_changed(repeat, |_| {}).await;
    assert_eq!(output.status, 1);
    assert!(output.report.contains("(redacted)"), "{}", output.report);
    let canaries = canaries.lock().unwrap();
    assert!(canaries.len() > 10);
    for canary in canaries.iter() {
        assert!(
            !output.report.contains(canary.as_str()),
            "{}",
            output.report
        );
        assert!(
            !output.progress.contains(canary.as_str()),
            "{}",
            output.progress
        );
    }
    assert_eq!(simulation.valid_tokens(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_not_expected_is_revoked() {
    let simulation = Simulation::start().await;
    let grant = |request: &Request, simulate: &dyn Fn(&Request) -> Answer| {
        let mut request = request.clone();
        if request.body == b"grant_type=unknown" {
            request.body = b"grant_type=client_credentials".to_vec();
            request.headers.retain(|(name, _)| name != "content-length");
            request
                .headers
                .push(("content-length".into(), request.body.len().to_string()));
        }
        simulate(&request)
    };
    let output = simulation.run_changed(grant, |_| {}).await;
    assert_eq!(output.status, 1);
    assert!(
        output.report.contains("- Tokens: 2 issued, 2 revoked"),
        "{}",
        output.report
    );
    assert_eq!(simulation.valid_tokens(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_go_on_revokes_the_token() {
    let simulation = Simulation::start().await;
    let fail = |request: &Request, simulate: &dyn Fn(&Request) -> Answer| {
        let mut answer = simulate(request);
        if request.target == "/api/v2/users/me" {
            answer.status = "429 Too Many Requests".into();
            answer.headers += "retry-after: 42\r\n";
        }
        answer
    };
    let output = simulation.run_changed(fail, |_| {}).await;
    assert_eq!(output.status, 2, "{}", output.report);
    assert!(
        output
            .report
            .contains("- Throttling and failures of the server: seen, with `Retry-After`: 429")
    );
    assert!(facts(&output.report, "Not checked").contains(&"user-context"));
    assert_eq!(simulation.valid_tokens(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_revoked_is_reported() {
    let simulation = Simulation::start().await;
    let spare = |request: &Request, simulate: &dyn Fn(&Request) -> Answer| {
        let mut request = request.clone();
        if request.method == "DELETE" {
            request.method = "HEAD".into();
        }
        simulate(&request)
    };
    let output = simulation.run_changed(spare, |_| {}).await;
    assert_eq!(output.status, 1);
    assert!(
        output.report.contains("A token may still be valid"),
        "{}",
        output.report
    );
    assert!(output.report.contains("- Tokens: 1 issued, 0 revoked"));
    assert_eq!(simulation.valid_tokens(), 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_interrupted_or_ended_by_the_system_revokes_the_token() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let simulation = Simulation::start().await;
        let process = Arc::new(OnceLock::new());
        let started = Arc::clone(&process);
        let interrupt = move |request: &Request, simulate: &dyn Fn(&Request) -> Answer| {
            if request.target == "/api/v2/users/me" {
                let process: &u32 = process.wait();
                let kill = Command::new("kill")
                    .args([signal, &process.to_string()])
                    .status();
                assert!(kill.unwrap().success());
            }
            simulate(request)
        };
        let output = simulation
            .run_changed(interrupt, move |id| started.set(id).unwrap())
            .await;
        assert_eq!(output.status, 2, "{signal}: {}", output.report);
        let stopped = "- Stopped early: it was interrupted";
        assert!(output.report.contains(stopped), "{signal}");
        assert_eq!(simulation.valid_tokens(), 0, "{signal}");
    }
}

#[tokio::test]
async fn a_client_that_gets_no_token_is_not_taken_for_a_changed_fact() {
    let mut simulation = Simulation::start().await;
    simulation.client.secret = "wrong".into();
    let output = simulation.run().await;
    assert_eq!(output.status, 2, "{}", output.report);
    assert!(
        output.report.contains("the client got no token"),
        "{}",
        output.report
    );
    assert!(
        output.report.contains("- Requests: 1 in"),
        "{}",
        output.report
    );
}

#[test]
fn all_missing_settings_are_named() {
    let mut command = program();
    command.args(["--gateway", "nowhere", "--colour"]);
    let output = run(command, |_| {});
    assert_eq!(output.status, 2);
    for name in [
        "GENESYSCLOUD_REGION",
        "GENESYSCLOUD_OAUTHCLIENT_ID",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET",
    ] {
        let problem = format!("error: {name} is not set");
        assert!(output.progress.contains(&problem), "{}", output.progress);
    }
    assert!(
        output
            .progress
            .contains("error: --gateway: a gateway must be HOST:PORT")
    );
    assert!(output.report.is_empty());
}

#[test]
fn hosts_that_are_not_those_of_genesys_are_refused() {
    let mut command = program();
    command.env("GENESYSCLOUD_REGION", "https://login.example.com");
    let output = run(command, |_| {});
    assert_eq!(output.status, 2);
    assert!(
        output.progress.contains("error: GENESYSCLOUD_REGION: "),
        "{}",
        output.progress
    );
}
