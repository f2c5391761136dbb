//! An HTTP client that can behave like a browser.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A client with cookies and the form token of the last page.
pub(crate) struct Client {
    address: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) form_token: String,
    /// Headers of every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Client {
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
            form_token: String::new(),
            headers: vec![("host", address.to_string())],
        }
    }

    pub(crate) fn with(&mut self, name: &'static str, value: &str) {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", "").await
    }

    /// Sends a form with the token of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("form-token", &self.form_token)
            .extend_pairs(fields)
            .finish();
        self.send("POST", path, "application/x-www-form-urlencoded", &body)
            .await
    }

    pub(crate) async fn post_json(&mut self, path: &str, body: &Value) -> Answer {
        self.with("x-form-token", &self.form_token.clone());
        self.send("POST", path, "application/json", &body.to_string())
            .await
    }

    pub(crate) async fn sign_in(&mut self, user: &str, password: &str) -> Answer {
        self.get("/sign-in").await;
        self.post("/sign-in", &[("name", user), ("password", password)])
            .await
    }

    /// Creates a bot and returns its path.
    pub(crate) async fn create(&mut self, bot: &str) -> String {
        self.get("/bots").await;
        let answer = self.post("/bots", &[("name", bot)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location").unwrap().into()
    }

    /// Creates a connection.
    pub(crate) async fn create_connection(&mut self, fields: &[(&str, &str)]) {
        self.get("/connections/new").await;
        let answer = self.post("/connections/new", fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: &str,
    ) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            request += &format!("cookie: {}\r\n", cookies.join("; "));
        }
        if !kind.is_empty() {
            request += &format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len());
        }
        request += "\r\n";
        request += body;
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A body that is too large is not read to its end.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let answer = parse(&bytes);
        self.remember(&answer);
        answer
    }

    fn remember(&mut self, answer: &Answer) {
        for (_, cookie) in answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        for before in ["name=\"form-token\" value=\"", "data-form-token=\""] {
            if let Some((_, rest)) = answer.body.split_once(before) {
                self.form_token = rest.split('"').next().unwrap().into();
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Answer {
        status: status.and_then(|it| it.parse().ok()).unwrap_or_default(),
        headers: headers.collect(),
        body: body.into(),
    }
}
