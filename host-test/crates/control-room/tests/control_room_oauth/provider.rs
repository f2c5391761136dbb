//! A provider of the tests: its token endpoint is a scripted server, and its page for signing in is never
//! opened, as the tests know what it would send back.

use std::collections::VecDeque;
use std::sync::Mutex;

use control_room::oauth::{
    Callback, Code, Grant, Provider, Registration, Scopes, SignIn, TokenEndpoint, TokenError,
    TokenSet,
};
use secrecy::SecretString;
use test_support::https::{Reply, Server};
use test_support::{HOST, options};

pub(crate) const AUTHORIZATION_URL: &str = "https://id.example.com/authorize?tenant=1";
pub(crate) const CLIENT_ID: &str = "the-id";
pub(crate) const CLIENT_SECRET: &str = "s3cret-canary";

/// As RFC 6749, section 5.1, has it.
pub(crate) const TOKEN: &str =
    r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600,"refresh_token":"r3fresh"}"#;

pub(crate) fn token_url() -> String {
    format!("https://{HOST}/token")
}

pub(crate) fn provider() -> Provider {
    Provider::custom(AUTHORIZATION_URL, &token_url(), None).unwrap()
}

pub(crate) fn register(grant: Grant, id: &str, secret: Option<&str>, scopes: &str) -> Registration {
    let scopes: Scopes = scopes.parse().unwrap();
    let secret = secret.map(SecretString::from);
    Registration::new(provider(), grant, id, secret.as_ref(), scopes).unwrap()
}

/// A confidential client that asks for two scopes.
pub(crate) fn confidential(grant: Grant) -> Registration {
    register(grant, CLIENT_ID, Some(CLIENT_SECRET), "read, write")
}

pub(crate) fn endpoint(server: &Server, registration: Registration) -> TokenEndpoint {
    TokenEndpoint::new(registration, options(server)).unwrap()
}

/// JSON unless `headers` say otherwise; lines of `headers` end with CR LF.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    Reply::keep(test_support::scripted::answer(status, headers, body))
}

pub(crate) async fn server(status: &str, headers: &str, body: &str) -> Server {
    Server::start(answer(status, headers, body)).await
}

/// A server that gives these answers, one after the other, and no others.
pub(crate) async fn server_with(bodies: &[(&str, &str)]) -> Server {
    let replies = bodies.iter().map(|(status, body)| answer(status, "", body));
    let replies = Mutex::new(replies.collect::<VecDeque<_>>());
    Server::with(move |_| replies.lock().unwrap().pop_front().unwrap()).await
}

pub(crate) fn begin(endpoint: &TokenEndpoint) -> SignIn {
    let callback_url = control_room::oauth::CallbackUrl::on_loopback(8976);
    SignIn::start(endpoint, callback_url).unwrap()
}

/// The parameters of a URL's query or of a form.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.into_owned().collect()
}

pub(crate) fn parameter(sign_in: &SignIn, name: &str) -> Option<String> {
    let (_, query) = sign_in.authorization_url().split_once('?').unwrap();
    let mut values = pairs(query).into_iter().filter(|(key, _)| key == name);
    let value = values.next().map(|(_, value)| value);
    assert!(values.next().is_none(), "{name} stands there twice");
    value
}

pub(crate) fn state(sign_in: &SignIn) -> String {
    parameter(sign_in, "state").unwrap()
}

/// The callback of `sign_in` with these parameters besides the state.
pub(crate) fn callback(sign_in: &SignIn, parameters: &str) -> Callback {
    Callback::parse(&format!("state={}&{parameters}", state(sign_in))).unwrap()
}

pub(crate) fn signed_in(endpoint: &TokenEndpoint) -> Code {
    let mut sign_in = begin(endpoint);
    let callback = callback(&sign_in, "code=c0de");
    sign_in.accept(callback).unwrap()
}

/// What comes of a refresh at a server that answers so.
pub(crate) async fn refresh_at(server: &Server) -> Result<TokenSet, TokenError> {
    let endpoint = endpoint(server, confidential(Grant::AuthorizationCode));
    endpoint.refresh(&"r3fresh-canary".into()).await
}

/// The head of a request in lower case, and its form.
pub(crate) fn request(server: &Server, index: usize) -> (String, Vec<(String, String)>) {
    let requests = server.requests();
    let (head, form) = requests[index].split_once("\r\n\r\n").unwrap();
    (head.to_owned(), pairs(form))
}

pub(crate) fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}
