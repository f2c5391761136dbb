//! Virtual hosts, and what all responses have in common.

use std::collections::HashSet;

use genesys_sim::{OAuthClient, Region};
use tokio_rustls::rustls::ProtocolVersion;

use crate::client::{Answer, Request, Server, region, tls};

const TOKEN: &str = "/api/v2/tokens/me";

#[tokio::test]
async fn every_region_has_a_login_and_an_api_host() {
    let server = Server::start().await;
    for region in Region::ALL {
        let client = OAuthClient::new("test", region);
        let client = server.cloud.add_client(client).unwrap();
        let token = server.token_of(&client).await;
        let request = Request::new("GET", region.api_host(), TOKEN).bearer(&token);
        assert_eq!(server.send(request).await.status, 200, "{region}");
    }
}

#[tokio::test]
async fn host_names_match_with_any_port_and_case() {
    let server = Server::start().await;
    for host in ["LOGIN.MyPureCloud.DE", "login.mypurecloud.de:443"] {
        let request = Request::token(&server.client).host(host);
        assert_eq!(server.send(request).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn the_name_in_the_target_has_precedence_over_the_header() {
    let server = Server::start().await;
    let token = server.token().await;
    for (name, status) in [("api.mypurecloud.de", 200), ("api.mypurecloud.ie", 401)] {
        let target = format!("http://{name}{TOKEN}");
        let answer = server
            .send_to_gateway(Request::api("GET", &target, &token))
            .await;
        assert_eq!(answer.status, status, "{name}");
    }
}

#[tokio::test]
async fn paths_of_other_hosts_are_not_found() {
    let server = Server::start().await;
    let token = server.token().await;
    for host in ["api.mypurecloud.de", "apps.mypurecloud.de"] {
        let request = Request::token(&server.client).host(host);
        let answer = server.send(request).await;
        assert_eq!(answer.api_error(), (404, "not.found".to_owned()), "{host}");
    }
    for host in ["login.mypurecloud.de", "apps.mypurecloud.de"] {
        let request = Request::api("GET", TOKEN, &token).host(host);
        let answer = server.send(request).await;
        assert_eq!(answer.api_error(), (404, "not.found".to_owned()), "{host}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let server = Server::start().await;
    for host in ["login.mypurecloud.de", "api.mypurecloud.de"] {
        let answer = server.send(Request::new("GET", host, "/nothing")).await;
        assert_eq!(answer.api_error(), (404, "not.found".to_owned()));
    }
}

#[tokio::test]
async fn a_wrong_method_is_answered_with_the_allowed_ones() {
    let server = Server::start().await;
    let cases = [
        ("GET", "login.mypurecloud.de", "/oauth/token", &["POST"][..]),
        (
            "POST",
            "api.mypurecloud.de",
            TOKEN,
            &["DELETE", "GET", "HEAD"],
        ),
        (
            "PUT",
            "api.mypurecloud.de",
            "/api/v2/users/me",
            &["GET", "HEAD"],
        ),
    ];
    for (method, host, path, allowed) in cases {
        let answer = server.send(Request::new(method, host, path)).await;
        assert_eq!(
            answer.api_error(),
            (405, "method.not.allowed".to_owned()),
            "{method} {path}"
        );
        let mut allow: Vec<_> = answer.header("allow").unwrap().split(',').collect();
        allow.sort_unstable();
        assert_eq!(allow, allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_gateway_serves_all_hosts_of_every_region() {
    let server = Server::start().await;
    let tokyo = OAuthClient::new("tokyo", region("mypurecloud.jp"));
    let tokyo = server.cloud.add_client(tokyo).unwrap();
    for client in [&server.client, &tokyo] {
        let answer = server.send_to_gateway(Request::token(client)).await;
        let body = answer.json();
        let token = body["access_token"].as_str().unwrap();
        let answer = server
            .send_to_gateway(Request::api("GET", TOKEN, token))
            .await;
        assert_eq!(answer.json()["OAuthClient"]["id"], client.id);
    }
}

#[tokio::test]
async fn every_answer_has_its_own_correlation_id_and_is_not_cached() {
    let server = Server::start().await;
    let token = server.token().await;
    let stranger = OAuthClient::new("stranger", server.client.region);
    let answers = [
        server.send(Request::token(&server.client)).await,
        server.send(Request::token(&stranger)).await,
        server
            .send(Request::new("GET", "login.mypurecloud.de", "/oauth/token"))
            .await,
        server
            .send(Request::new("GET", "apps.mypurecloud.de", "/"))
            .await,
        server.send(Request::api("HEAD", TOKEN, &token)).await,
        server.send(Request::api("GET", TOKEN, "unknown")).await,
        server
            .send(Request::api("GET", "/api/v2/users/me", &token))
            .await,
        server.send(Request::api("DELETE", TOKEN, &token)).await,
    ];
    let correlation_id = |answer: &Answer| {
        let id = answer.header("inin-correlation-id").unwrap();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        id.to_owned()
    };
    let ids: HashSet<_> = answers.iter().map(correlation_id).collect();
    assert_eq!(ids.len(), answers.len());
}

#[tokio::test]
async fn http_1_1_is_negotiated() {
    let server = Server::start().await;
    let connection = server.connect("login.mypurecloud.de").await;
    let (_, session) = connection.0.get_ref().get_ref();
    assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(session.protocol_version(), Some(ProtocolVersion::TLSv1_3));
}

#[tokio::test]
async fn the_certificate_is_valid_for_genesys_names_only() {
    let server = Server::start().await;
    let ca = server.cloud.ca_certificate();
    for name in ["localhost", "127.0.0.1", "mypurecloud.de.example"] {
        assert!(tls(server.https(), ca, name).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn each_instance_has_its_own_ca() {
    let (one, other) = (Server::start().await, Server::start().await);
    let ca = other.cloud.ca_certificate();
    let connected = tls(one.https(), ca, "login.mypurecloud.de").await;
    assert!(connected.is_err());
}
