//! Tests against npm `oidc-provider`, a certified, independent server. `cargo xtask setup` installs it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

use bytes::Bytes;
use control_room::oauth::{
    After, CallbackError, CallbackUrl, Grant, Loopback, Provider, Registration, SignIn, Subject,
    TokenEndpoint, TokenError, TokenSet,
};
use egress::{AllowList, Client, Options, Proxies, Timeouts, Trust};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use test_peers::{Peer, tests};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SCRIPT: &str = include_str!("oidc-provider.mjs");
const ISSUER: &str = "https://id.example.com";

/// An ID and a secret full of characters that have to be form-urlencoded. The server accepts ASCII only, as RFC 6749,
/// appendix A, requires.
const ODD_ID: &str = "i:d+%&=?/ #\"x";
const ODD_SECRET: &str = "s:e+c%r&e=t /?#\"%41 long enough for anyone";

fn main() -> ExitCode {
    test_peers::run(
        &[Peer::NpmPackages(target())],
        &[tests![
            a_public_client_signs_in_with_pkce_and_rotates_its_refresh_token,
            a_revoked_refresh_token_requires_a_new_sign_in,
            sign_in_and_refresh_work_with_special_characters_in_id_and_secret,
            client_credentials_work_with_special_characters,
            a_refusal_by_the_user_ends_the_sign_in,
        ]],
    )
}

/// The target folder.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

/// The server. It is killed on drop.
struct Server {
    node: Child,
    options: Options,
    /// Kept open, as the server exits when it cannot write.
    _output: BufReader<ChildStdout>,
    _certificate: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

impl Server {
    fn start() -> Self {
        let pair = rcgen::generate_simple_self_signed(["id.example.com".into()]).unwrap();
        let certificate = tempfile::tempdir().unwrap();
        let (key, cert) = (
            certificate.path().join("key"),
            certificate.path().join("cert"),
        );
        fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
        fs::write(&cert, pair.cert.pem()).unwrap();
        let signs_in = json!({
            "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/oauth/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        });
        let client = |id: &str, members: serde_json::Value| {
            let mut client = signs_in.clone();
            client["client_id"] = id.into();
            for (name, value) in members.as_object().unwrap() {
                client[name] = value.clone();
            }
            client
        };
        let clients = json!([
            client("public", json!({ "token_endpoint_auth_method": "none" })),
            client(ODD_ID, json!({ "client_secret": ODD_SECRET })),
            client(
                "machine",
                json!({
                    "client_secret": ODD_SECRET,
                    "redirect_uris": [],
                    "response_types": [],
                    "grant_types": ["client_credentials"],
                })
            ),
        ]);
        let mut node = Command::new("node")
            // The script finds its packages there.
            .current_dir(test_peers::npm_folder(&target()))
            .args([
                "--input-type=module",
                "--eval",
                SCRIPT,
                "--",
                "oidc-provider",
            ])
            .args([&key, &cert])
            .arg(clients.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(node.stdout.take().unwrap());
        // The server prints more than its port.
        let port: u16 = (&mut output)
            .lines()
            .find_map(|line| line.unwrap().parse().ok())
            .expect("the server starts");
        let options = Options {
            gateway: Some(
                std::net::SocketAddr::from(([127, 0, 0, 1], port))
                    .try_into()
                    .unwrap(),
            ),
            trust: Trust::Only(vec![pair.cert.der().clone()]),
            proxies: Proxies::None,
            ..Options::new(AllowList::parse(["id.example.com"]).unwrap())
        };
        Self {
            node,
            options,
            _output: output,
            _certificate: certificate,
        }
    }

    fn endpoint(&self, grant: Grant, id: &str, secret: Option<&str>, hint: &str) -> TokenEndpoint {
        let provider = Provider::custom(
            &format!("{ISSUER}/auth?login_hint={hint}"),
            &format!("{ISSUER}/token"),
            Some(ISSUER),
        );
        let scopes = match grant {
            Grant::ClientCredentials => "read write",
            _ => "openid,read",
        };
        let secret = secret.map(SecretString::from);
        let registration = Registration::new(
            provider.unwrap(),
            grant,
            id,
            secret.as_ref(),
            scopes.parse().unwrap(),
        );
        TokenEndpoint::new(registration.unwrap(), self.options.clone()).unwrap()
    }

    /// A browser: follows the server's redirects with its cookies until one leads to the callback URL.
    async fn browse(&self, page: &str, callback_url: &str) -> String {
        let client = Client::new(self.options.clone()).unwrap();
        let mut cookies = BTreeMap::new();
        let mut page = page.to_owned();
        for _ in 0..8 {
            let jar: Vec<_> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let request = Request::get(&page)
                .header("cookie", jar.join("; "))
                .body(Full::<Bytes>::default())
                .unwrap();
            let answer = client.send(request, Timeouts::default()).await.unwrap();
            let (head, body) = answer.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            for cookie in head.headers.get_all("set-cookie") {
                let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = cookie.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let location = head.headers.get("location");
            let location = location.unwrap_or_else(|| panic!("{}: {body:?}", head.status));
            let location = location.to_str().unwrap();
            if location.starts_with(callback_url) {
                return location.to_owned();
            }
            page = if location.starts_with('/') {
                format!("{ISSUER}{location}")
            } else {
                location.to_owned()
            };
        }
        panic!("too many redirects");
    }

    /// Signs in over the loopback.
    async fn sign_in(&self, endpoint: &TokenEndpoint) -> Result<TokenSet, CallbackError> {
        let url = CallbackUrl::on_free_port();
        let sign_in = SignIn::start(endpoint, url.clone()).unwrap();
        let subject = Subject {
            connection: "prod".parse().unwrap(),
            user: None,
        };
        let loopback = Loopback::default();
        let mut expected = loopback.expect(sign_in, subject, After::Outcome).await;
        let page = expected.authorization_url();
        let browser = async {
            let address = self.browse(&page, url.as_str()).await;
            assert!(
                address.contains("iss="),
                "no issuer in the callback: {address}"
            );
            let (authority, path) = address
                .strip_prefix("http://")
                .unwrap()
                .split_once('/')
                .unwrap();
            let mut stream = TcpStream::connect(authority).await.unwrap();
            let request = format!("GET /{path} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut shown = String::new();
            stream.read_to_string(&mut shown).await.unwrap();
            shown
        };
        let waiting = async {
            let code = expected.arrival().await?;
            let tokens = code.exchange().await.unwrap();
            expected.browser().show(true);
            Ok(tokens)
        };
        let (tokens, _) = tokio::join!(waiting, browser);
        tokens
    }

    /// Revokes a refresh token of the public client (RFC 7009).
    async fn revoke(&self, token: &SecretString) {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", "public")
            .append_pair("token", token.expose_secret())
            .finish();
        let request = Request::post(format!("{ISSUER}/token/revocation"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form)))
            .unwrap();
        let client = Client::new(self.options.clone()).unwrap();
        let answer = client.send(request, Timeouts::default()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

fn assert_sign_in_needed(result: Result<TokenSet, TokenError>) {
    match result {
        Err(TokenError::SignInNeeded(refusal)) => assert_eq!(refusal.code, "invalid_grant"),
        other => panic!("{other:?}"),
    }
}

async fn a_public_client_signs_in_with_pkce_and_rotates_its_refresh_token() {
    let server = Server::start();
    let endpoint = server.endpoint(Grant::AuthorizationCodePkce, "public", None, "ann");
    let tokens = server.sign_in(&endpoint).await.unwrap();
    assert!(!tokens.scope_differs && tokens.expires_in.is_some());
    let first = tokens.refresh_token.unwrap();

    let second = endpoint
        .refresh(&first)
        .await
        .unwrap()
        .refresh_token
        .unwrap();
    assert_ne!(first.expose_secret(), second.expose_secret());
    let third = endpoint
        .refresh(&second)
        .await
        .unwrap()
        .refresh_token
        .unwrap();
    // Reusing a refresh token revokes its whole family.
    assert_sign_in_needed(endpoint.refresh(&first).await);
    assert_sign_in_needed(endpoint.refresh(&third).await);
}

async fn a_revoked_refresh_token_requires_a_new_sign_in() {
    let server = Server::start();
    let endpoint = server.endpoint(Grant::AuthorizationCodePkce, "public", None, "ann");
    let tokens = server.sign_in(&endpoint).await.unwrap();
    let refresh_token = tokens.refresh_token.unwrap();
    server.revoke(&refresh_token).await;
    assert_sign_in_needed(endpoint.refresh(&refresh_token).await);
    server.sign_in(&endpoint).await.unwrap();
}

async fn sign_in_and_refresh_work_with_special_characters_in_id_and_secret() {
    let server = Server::start();
    let grant = Grant::AuthorizationCodePkce;
    let endpoint = server.endpoint(grant, ODD_ID, Some(ODD_SECRET), "ann");
    let tokens = server.sign_in(&endpoint).await.unwrap();
    endpoint
        .refresh(&tokens.refresh_token.unwrap())
        .await
        .unwrap();
}

async fn client_credentials_work_with_special_characters() {
    let server = Server::start();
    let grant = Grant::ClientCredentials;
    let endpoint = server.endpoint(grant, "machine", Some(ODD_SECRET), "");
    let tokens = endpoint.client_credentials().await.unwrap();
    assert!(tokens.refresh_token.is_none() && !tokens.scope_differs);

    let wrong = server.endpoint(grant, "machine", Some("wrong"), "");
    let error = wrong.client_credentials().await.unwrap_err();
    assert!(
        matches!(&error, TokenError::Refused(refusal) if refusal.code == "invalid_client"),
        "{error:?}"
    );
}

async fn a_refusal_by_the_user_ends_the_sign_in() {
    let server = Server::start();
    let grant = Grant::AuthorizationCodePkce;
    let endpoint = server.endpoint(grant, "public", None, "nobody");
    match server.sign_in(&endpoint).await {
        Err(CallbackError::Refused(refused)) => {
            assert_eq!(refused.code, "access_denied");
            assert_eq!(refused.description.as_deref(), Some("Ann said no"));
        }
        other => panic!("{other:?}"),
    }
}
