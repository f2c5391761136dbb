//! A provider for the tests. Its token endpoint is a scripted server; its sign-in page is never opened, as the tests
//! build the callback themselves.

use std::collections::VecDeque;
use std::sync::Mutex;

use control_room::oauth::{
    Callback, CallbackHost, CallbackUrl, Code, Grant, Provider, Registration, Scopes, SignIn,
    TokenEndpoint, TokenError, TokenSet,
};
use secrecy::SecretString;
use test_support::https::{Reply, Server};
use test_support::{HOST, options};

pub(crate) const AUTHORIZATION_URL: &str = "https://id.example.com/authorize?tenant=1";
pub(crate) const CLIENT_ID: &str = "the-id";
pub(crate) const CLIENT_SECRET: &str = "s3cret-canary";

/// A successful response as in RFC 6749, section 5.1.
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

/// A confidential client that requests two scopes.
pub(crate) fn confidential(grant: Grant) -> Registration {
    register(grant, CLIENT_ID, Some(CLIENT_SECRET), "read, write")
}

pub(crate) fn endpoint(server: &Server, registration: Registration) -> TokenEndpoint {
    TokenEndpoint::new(registration, options(server)).unwrap()
}

/// A response, JSON unless `headers` say otherwise. Each line of `headers` ends with CR LF.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Reply {
    Reply::keep(test_support::scripted::answer(status, headers, body))
}

pub(crate) async fn server(status: &str, headers: &str, body: &str) -> Server {
    Server::start(answer(status, headers, body)).await
}

/// A server that sends these responses in order, and no others.
pub(crate) async fn server_with(bodies: &[(&str, &str)]) -> Server {
    let replies = bodies.iter().map(|(status, body)| answer(status, "", body));
    let replies = Mutex::new(replies.collect::<VecDeque<_>>());
    Server::with(move |_| replies.lock().unwrap().pop_front().unwrap()).await
}

pub(crate) fn begin(endpoint: &TokenEndpoint) -> SignIn {
    let callback_url = CallbackUrl::on_loopback(CallbackHost::Address, 8976);
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
    assert!(values.next().is_none(), "{name} appears twice");
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

/// The result of a refresh at this server.
pub(crate) async fn refresh_at(server: &Server) -> Result<TokenSet, TokenError> {
    let endpoint = endpoint(server, confidential(Grant::AuthorizationCode));
    endpoint.refresh(&"r3fresh-canary".into()).await
}

/// The head of a request, and its form.
pub(crate) fn request(server: &Server, index: usize) -> (String, Vec<(String, String)>) {
    let requests = server.requests();
    let (head, form) = requests[index].split_once("\r\n\r\n").unwrap();
    (head.to_owned(), pairs(form))
}

pub(crate) fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}
