//! The façade under the servers that its README names. Neither can connect to another address than the one that the name
//! resolves to, so these tests make no request: they show what the façade answers, and what wasmCloud denies.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hosts::python_program;
use serde_json::{Value, json};
use test_peers::{Test, tests};

use super::composed::compose;
use super::fixture::{Fixture, target};

pub(crate) const TESTS: &[Test] = tests![
    wasmtime_serves_the_facade,
    wasmcloud_serves_the_facade_and_denies_hosts_that_are_not_allowed,
];

const JSON: &str = "application/json";

async fn wasmtime_serves_the_facade() {
    let fixture = Fixture::new().await;
    let mut wasmtime = Command::new(python_program(&target(), "wasmtime"));
    wasmtime
        .args([
            "serve",
            "--addr",
            "127.0.0.1:0",
            "-W",
            "max-memory-size=16777216",
        ])
        .arg(compose(&fixture, "facade"));
    let server = Server::start(&mut wasmtime, "Serving HTTP on http://", "Serving HTTP on");

    let mut call = fixture.opening();
    call["arguments"][0]["text"] = "https://apps.example.com".into();
    let (status, answer) = server.post("127.0.0.1", JSON, &call);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["failure"]["code"], "invalid-input", "{answer}");
    assert_eq!(answer["failure"]["field"], "url");

    // What a page in a browser could send.
    assert_eq!(server.post("127.0.0.1", "text/plain", &call).0, 415);
    assert_eq!(server.post("rebound.example.com", JSON, &call).0, 403);
    assert_eq!(server.post("127.0.0.1", JSON, &json!({})).0, 400);
}

async fn wasmcloud_serves_the_facade_and_denies_hosts_that_are_not_allowed() {
    let fixture = Fixture::new().await;
    compose(&fixture, "facade");
    fs::create_dir(fixture.file(".wash")).unwrap();
    let config = "version: \"2.0\"\nbuild:\n  command: \"true\"\n  component_path: composed.wasm\n\
                  dev:\n  address: 127.0.0.1:0\n";
    fs::write(fixture.file(".wash/config.yaml"), config).unwrap();
    let mut wash = Command::new(python_program(&target(), "wash"));
    wash.arg("dev")
        .current_dir(fixture.file(""))
        .env("HOME", fixture.file("home"));
    let server = Server::start(
        &mut wash,
        "HTTP server listening addr=",
        "listening for HTTP requests",
    );

    let (status, answer) = server.post("127.0.0.1", JSON, &fixture.opening());
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["failure"]["code"], "not-permitted", "{answer}");
    assert_eq!(answer["failure"]["details"]["host"], "login.mypurecloud.de");
}

/// A server that ends with the test.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts it, and waits until it has written these words to standard error: its address after the first, and that it is
    /// ready.
    fn start(command: &mut Command, address_after: &str, ready: &str) -> Self {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut server = Self {
            process,
            address: String::new(),
        };
        for line in log.by_ref() {
            let line = line.unwrap();
            if let Some((_, rest)) = line.split_once(address_after) {
                let end = rest.find([' ', '/']).unwrap_or(rest.len());
                rest[..end].clone_into(&mut server.address);
            }
            if line.contains(ready) {
                // A full pipe would block the server.
                std::thread::spawn(move || log.for_each(drop));
                return server;
            }
        }
        panic!("the server ended before it was ready");
    }

    /// The status and the body of the response to a call.
    fn post(&self, host: &str, content_type: &str, call: &Value) -> (u16, Value) {
        let body = call.to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        write!(
            stream,
            "POST /run/oauth-authenticate HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let status = response.split(' ').nth(1).unwrap().parse().unwrap();
        // The body may be chunked; it is the only object in the response.
        let object = response.find('{').map_or("null", |start| {
            &response[start..=response.rfind('}').unwrap()]
        });
        (status, serde_json::from_str(object).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
