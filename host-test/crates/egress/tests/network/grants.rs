//! A client with a grant of its own sends only what the grant allows.

use bytes::Bytes;
use egress::{AllowList, Client, Error, Grant, Options, RequestPart, RequestRule, Timeouts};
use http::{Method, Request};
use http_body_util::Empty;
use test_support::https::{Reply, Server};
use test_support::{HOST, URL, client, get, options, read, request};

fn rule() -> RequestRule {
    RequestRule {
        hosts: vec![HOST.into()],
        methods: vec!["GET".into()],
        paths: vec!["/users/*".into()],
        headers: vec!["authorization".into()],
    }
}

fn users() -> Grant {
    Grant::new([rule()]).unwrap()
}

fn with(method: Method, path: &str, header: &'static str) -> Request<Empty<Bytes>> {
    let mut request = request(&format!("https://{HOST}{path}"));
    *request.method_mut() = method;
    request.headers_mut().clear();
    request.headers_mut().insert(header, "x".parse().unwrap());
    request
}

fn not_granted(what: RequestPart) -> Error {
    let host = HOST.into();
    Error::RequestNotGranted { host, what }
}

#[tokio::test]
async fn a_request_that_is_granted_is_sent() {
    let server = Server::start(Reply::ok("yes")).await;
    let client = client(&server).with_grant(users());
    let request = with(Method::GET, "/users/ada?fields=/../x", "authorization");
    let response = client.send(request, Timeouts::default()).await.unwrap();
    assert_eq!(read(response).await.unwrap().1, "yes");
    assert!(server.requests()[0].starts_with("GET /users/ada?fields=/../x HTTP/1.1"));
}

#[tokio::test]
async fn a_request_that_differs_in_one_part_reaches_no_server() {
    let server = Server::start(Reply::ok("")).await;
    let client = client(&server).with_grant(users());
    for (method, path, header, what) in [
        (Method::PUT, "/users/ada", "accept", RequestPart::Method),
        (Method::GET, "/users", "accept", RequestPart::Path),
        (Method::GET, "/users/", "accept", RequestPart::Path),
        (Method::GET, "/users/..", "accept", RequestPart::Path),
        (Method::GET, "/users/%2e%2E", "accept", RequestPart::Path),
        (Method::GET, "/users/a%2Fb", "accept", RequestPart::Path),
        (Method::GET, "/users/ada", "cookie", RequestPart::Header),
        (Method::GET, "/users/ada", "x-secret", RequestPart::Header),
    ] {
        let request = with(method, path, header);
        let error = client.send(request, Timeouts::default()).await;
        assert_eq!(error.unwrap_err(), not_granted(what), "{path} {header}");
    }
    let error = get(&client, "https://login.example.com/users/ada").await;
    let host = "login.example.com".to_owned();
    assert_eq!(error, Err(Error::HostNotAllowed { host, port: 443 }));
    assert_eq!(client.statistics().connections_opened, 0);
    assert_eq!(server.accepted(), 0);
}

/// `Host` is always that of the URL, whatever the request says.
#[tokio::test]
async fn a_host_header_does_not_reach_another_virtual_host() {
    let server = Server::start(Reply::ok("")).await;
    let client = client(&server).with_grant(users());
    let mut request = with(Method::GET, "/users/ada", "accept");
    let other = "admin.example.com".parse().unwrap();
    request.headers_mut().insert("host", other);
    client.send(request, Timeouts::default()).await.unwrap();
    let sent = server.requests()[0].to_ascii_lowercase();
    assert!(sent.contains(&format!("host: {HOST}\r\n")), "{sent}");
    assert!(!sent.contains("admin"), "{sent}");
}

#[tokio::test]
async fn a_grant_takes_the_place_of_the_allow_list() {
    let server = Server::start(Reply::ok("")).await;
    let nothing = AllowList::default();
    let client = Client::new(Options {
        allow: nothing,
        ..options(&server)
    });
    let client = client.unwrap();
    assert!(get(&client, URL).await.is_err());
    let hosts = AllowList::parse([HOST]).unwrap();
    let granted = client.with_grant(Grant::any_request_to(hosts));
    get(&granted, URL).await.unwrap();
    assert!(get(&client, URL).await.is_err());
}

#[tokio::test]
async fn clients_with_different_grants_share_their_connections() {
    let server = Server::start(Reply::ok("")).await;
    let all = client(&server);
    let some = all.with_grant(users());
    let none = some.with_grant(Grant::default());
    get(&all, URL).await.unwrap();
    get(&some, &format!("https://{HOST}/users/ada"))
        .await
        .unwrap();
    assert!(get(&none, URL).await.is_err());
    assert_eq!(server.accepted(), 1);
    assert_eq!(all.statistics(), some.statistics());
    assert_eq!(none.statistics().requests_sent, 2);
}

#[tokio::test]
async fn a_client_for_another_runtime_has_the_same_grant() {
    let server = Server::start(Reply::ok("")).await;
    let client = client(&server).with_grant(users()).for_another_runtime();
    let request = with(Method::GET, "/users", "accept");
    let error = client.send(request, Timeouts::default()).await;
    assert_eq!(error.unwrap_err(), not_granted(RequestPart::Path));
    get(&client, &format!("https://{HOST}/users/ada"))
        .await
        .unwrap();
    assert_eq!(server.accepted(), 1);
}
