//! `bot-runner doctor`.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use serde_json::Value;
use tempfile::TempDir;
use test_support::Proxy;
use test_support::https::{Reply, Server};

use crate::support::{ControlRoom, Ended, Genesys, bot_runner, genesys_hosts};

/// Each check as a pair: its status, name and subject; and what was found, with the advice.
fn checks(ended: &Ended) -> Vec<(String, String)> {
    let text = |check: &Value, member: &str| check[member].as_str().unwrap_or_default().to_owned();
    let json = ended.json();
    let checks = json["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            let status = text(check, "status");
            let name = [text(check, "check"), text(check, "subject")].join(" ");
            let what = [text(check, "found"), text(check, "advice")].join("; ");
            (format!("{status} {}", name.trim_end()), what)
        })
        .collect()
}

fn named<'a>(checks: &'a [(String, String)], name: &str) -> &'a str {
    let found = checks.iter().find(|(it, _)| it == name);
    &found.unwrap_or_else(|| panic!("{name} in {checks:?}")).1
}

fn doctor() -> Command {
    let mut doctor = bot_runner();
    doctor.args([
        "doctor",
        "--url",
        "eu-central-1",
        "--data",
        ":memory:",
        "--json",
    ]);
    doctor
}

#[test]
fn all_is_well_with_the_simulation_and_a_control_room() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let mut doctor = genesys.command("doctor");
    doctor
        .env("GENESYSCLOUD_REGION", "https://apps.mypurecloud.de")
        .arg("--data")
        .arg(control_room.data());
    let ended = Ended::of(&mut doctor);
    assert_eq!(
        (ended.status, ended.stderr.as_str()),
        (0, ""),
        "{}",
        ended.stdout
    );
    let shown = ended
        .stdout
        .replace(&genesys.ca_file().display().to_string(), "CA.pem")
        .replace(&control_room.data().display().to_string(), "DATA")
        .replace(genesys.gateway(), "GATEWAY");
    let shown: Vec<_> = shown
        .lines()
        .map(|line| line.split(", answered in").next().unwrap())
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
    let quiet = Ended::of(doctor.arg("-q"));
    assert_eq!((quiet.status, quiet.all().as_str()), (0, ""));
    let json = Ended::of(doctor.arg("--json"));
    assert_eq!(
        (&json.json()["failed"], &json.json()["warnings"]),
        (&0.into(), &0.into())
    );
}

#[test]
fn a_firewall_that_inspects_tls_and_a_closed_gateway_are_distinguished() {
    let genesys = Genesys::start(&[]);
    let ended = Ended::of(doctor().args(["--gateway", genesys.gateway()]));
    assert_eq!(ended.status, 1);
    let found = checks(&ended);
    let tls = named(&found, "failed tls login.mypurecloud.de");
    assert!(tls.contains("name its CA with --ca-file"), "{tls}");
    named(&found, &format!("ok gateway {}", genesys.gateway()));

    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let ended = Ended::of(doctor().args(["--gateway", &closed.to_string()]));
    let found = checks(&ended);
    let gateway = named(&found, &format!("failed gateway {closed}"));
    assert!(gateway.ends_with("correct --gateway"), "{gateway}");
    assert!(
        !found.iter().any(|(name, _)| name.contains("tls")),
        "{found:?}"
    );
}

#[test]
fn an_invalid_proxy_setting_is_reported_without_its_password() {
    let ended = Ended::of(doctor().env("HTTPS_PROXY", "http://bob:can@ry@127.0.0.1:1"));
    assert_eq!(ended.status, 1);
    assert!(!ended.all().contains("can@ry"), "{}", ended.all());
    let found = checks(&ended);
    let proxy = named(&found, "failed proxy");
    assert!(
        proxy.starts_with("HTTPS_PROXY is not a valid proxy setting"),
        "{proxy}"
    );
}

async fn run(mut command: Command) -> Ended {
    let ran = tokio::task::spawn_blocking(move || Ended::of(&mut command));
    ran.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_used_and_one_that_refuses_is_named() {
    let proxy = Proxy::answering("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    let mut command = doctor();
    command.env(
        "HTTPS_PROXY",
        format!("http://bob:canary@{}", proxy.address()),
    );
    let ended = run(command).await;
    assert_eq!(ended.status, 1);
    assert!(!ended.all().contains("canary"), "{}", ended.all());
    let found = checks(&ended);
    let refused = named(&found, &format!("failed proxy {}", proxy.address()));
    assert!(
        refused.contains("407") && refused.contains("user and password"),
        "{refused}"
    );
    for request in proxy.requests() {
        assert!(request.starts_with("CONNECT "), "{request}");
    }
}

/// A server for a region, whose clock is years behind.
async fn server(folder: &TempDir) -> Server {
    let reply = "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n";
    genesys_hosts(folder, move |_| Reply::keep(reply)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_is_compared_and_nothing_but_a_request_without_credentials_is_sent() {
    let folder = TempDir::new().unwrap();
    let server = server(&folder).await;
    let proxy = Proxy::to(server.address()).await;
    let mut command = doctor();
    command
        .env("HTTPS_PROXY", format!("http://{}", proxy.address()))
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "canary")
        .arg("--ca-file")
        .arg(folder.path().join("ca.pem"));
    let ended = run(command).await;
    assert_eq!(ended.status, 0, "{}", ended.all());
    let found = checks(&ended);
    named(&found, &format!("ok proxy {}", proxy.address()));
    let clock = named(&found, "warning clock");
    assert!(clock.contains("s ahead of the server's; set it"), "{clock}");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert!(request.starts_with("HEAD / HTTP/1.1\r\n"), "{request}");
        let request = request.to_lowercase();
        assert!(
            !request.contains("authorization") && !request.contains("canary"),
            "{request}"
        );
    }
}

#[test]
fn an_expired_ca_and_a_file_without_one_are_reported() {
    let folder = TempDir::new().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_after = date_time_ymd(2001, 2, 3);
    params.not_before = date_time_ymd(2001, 1, 1);
    let expired = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let with = |path: &Path| {
        let mut doctor = bot_runner();
        doctor
            .args(["doctor", "--data", ":memory:", "--json", "--ca-file"])
            .arg(path);
        Ended::of(&mut doctor)
    };
    let path = file("old.pem", &expired.pem());
    let ended = with(&path);
    assert_eq!(ended.status, 1, "{}", ended.all());
    let found = checks(&ended);
    let check = named(&found, &format!("failed ca-file {}", path.display()));
    assert!(check.contains("expired on 2001-02-03"), "{check}");
    named(&found, "warning cloud");

    for path in [
        file("none.pem", "nothing"),
        folder.path().join("missing.pem"),
    ] {
        let ended = with(&path);
        assert_eq!(ended.status, 1, "{}", ended.all());
        named(
            &checks(&ended),
            &format!("failed ca-file {}", path.display()),
        );
    }
}

#[cfg(unix)]
#[test]
fn what_is_wrong_with_the_data_folder_is_reported() {
    use std::os::unix::fs::PermissionsExt;
    let control_room = ControlRoom::filled();
    let (data, key) = (
        control_room.data(),
        control_room.data().join("control-room.key"),
    );
    let failed = |check: &str| {
        let ended = control_room.run("doctor --json");
        assert_eq!(ended.status, 1, "{}", ended.all());
        named(
            &checks(&ended),
            &format!("failed {check} {}", data.display()),
        )
        .to_owned()
    };
    let mode = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode));
    mode(&data, 0o777).unwrap();
    assert!(failed("data").contains("chmod go-w"));
    mode(&data, 0o700).unwrap();
    mode(&key, 0o644).unwrap();
    assert!(failed("key").contains("chmod 600"));
    fs::remove_file(&key).unwrap();
    assert!(failed("key").contains("put it back"));
    fs::write(data.join("control-room.db"), "something else").unwrap();
    assert!(failed("database").contains("is not the database of a Control Room"));
}

#[test]
fn a_url_that_is_not_of_genesys_is_reported() {
    let mut doctor = bot_runner();
    let ended = Ended::of(doctor.args(["doctor", "--url", "eu-central-9", "--data", ":memory:"]));
    assert_eq!(ended.status, 1);
    assert!(
        ended.stdout.contains("there is no such region"),
        "{}",
        ended.stdout
    );
}
