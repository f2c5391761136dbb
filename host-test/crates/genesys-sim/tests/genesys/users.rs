//! The API resource `/api/v2/users`.

use genesys_sim::{MAX_BODY, User};
use serde_json::{Value, json};

use crate::client::{Answer, Request, Server};
use crate::fixture::Fixture;

const USERS: &str = "/api/v2/users";
const UNKNOWN: &str = "/api/v2/users/11111111-2222-4333-8444-555555555555";

fn creation(token: &str, body: impl Into<String>) -> Request {
    Request::api("POST", USERS, token)
        .header("Content-Type", "application/json; charset=utf-8")
        .body(body)
}

async fn create(server: &Server, token: &str, body: &Value) -> Answer {
    server.send(creation(token, body.to_string())).await
}

async fn get(server: &Server, token: &str, path: &str) -> Answer {
    server.send(Request::api("GET", path, token)).await
}

fn message(answer: &Answer) -> String {
    answer.json()["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_is_created_found_and_deleted() {
    let server = Server::start().await;
    let token = server.token().await;
    let new = json!({
        "name": " Jane Doe ",
        "email": "jane@example.com",
        "department": "Sales",
        "title": null,
    });
    let answer = create(&server, &token, &new).await;
    assert_eq!(answer.status, 200);
    let created = answer.json();
    let path = created["selfUri"].as_str().unwrap();
    let id = created["id"].as_str().unwrap();
    assert_eq!(
        created,
        json!({
            "id": id,
            "name": "Jane Doe",
            "email": "jane@example.com",
            "username": "jane@example.com",
            "department": "Sales",
            "state": "active",
            "version": 1,
            "acdAutoAnswer": false,
            "selfUri": format!("{USERS}/{id}"),
        })
    );
    assert_eq!(server.cloud.users()[0].id, id);
    assert_eq!(get(&server, &token, path).await.json(), created);

    let answer = server.send(Request::api("DELETE", path, &token)).await;
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert!(server.cloud.users().is_empty());
    for method in ["GET", "DELETE"] {
        let answer = server.send(Request::api(method, path, &token)).await;
        assert_eq!(answer.api_error(), (404, "not.found".to_owned()));
    }
}

#[tokio::test]
async fn users_are_listed_in_pages() {
    let server = Server::start().await;
    let token = server.token().await;
    let empty = get(&server, &token, USERS).await.json();
    assert_eq!(
        (&empty["entities"], &empty["pageCount"]),
        (&json!([]), &json!(0))
    );
    for number in 1..=5 {
        let user = User::new(format!("u{number}@example.com"), "x".into());
        server.cloud.add_user(user).unwrap();
    }
    let page = async |query: &str| {
        let answer = get(&server, &token, &format!("{USERS}{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let listing = answer.json();
        let entities = listing["entities"].as_array().unwrap().iter();
        let emails: Vec<_> = entities
            .map(|user| user["email"].as_str().unwrap().to_owned())
            .collect();
        (emails, listing)
    };
    let (emails, listing) = page("?pageSize=2&pageNumber=2").await;
    assert_eq!(emails, ["u3@example.com", "u4@example.com"]);
    assert_eq!(
        (
            &listing["pageSize"],
            &listing["pageNumber"],
            &listing["total"],
            &listing["pageCount"]
        ),
        (&json!(2), &json!(2), &json!(5), &json!(3))
    );
    for (member, number) in [
        ("firstUri", 1),
        ("previousUri", 1),
        ("selfUri", 2),
        ("nextUri", 3),
        ("lastUri", 3),
    ] {
        let uri = format!("{USERS}?pageSize=2&pageNumber={number}");
        assert_eq!(listing[member], uri, "{member}");
    }
    let (emails, listing) = page("?pageNumber=99999999999999999&pageSize=100").await;
    assert!(emails.is_empty() && listing.get("nextUri").is_none());
    let (emails, listing) = page("?state=any&expand=skills").await;
    assert_eq!((emails.len(), &listing["pageSize"]), (5, &json!(25)));
    assert!(page("?state=deleted").await.0.is_empty());
}

#[tokio::test]
async fn a_page_that_cannot_be_is_a_bad_request() {
    let server = Server::start().await;
    let token = server.token().await;
    for query in [
        "pageSize=101",
        "pageSize=0",
        "pageSize=-1",
        "pageSize=many",
        "pageNumber=0",
        "pageNumber=",
        "pageNumber=99999999999999999999999",
        "state=asleep",
    ] {
        let answer = get(&server, &token, &format!("{USERS}?{query}")).await;
        let error = answer.api_error();
        assert_eq!(error, (400, "bad.request".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_user_needs_a_name_and_an_email_address() {
    let server = Server::start().await;
    let token = server.token().await;
    for (body, part) in [
        (json!({ "email": "jane@example.com" }), "name"),
        (json!({ "name": " ", "email": "jane@example.com" }), "name"),
        (json!({ "name": "Jane" }), "email"),
        (json!({ "name": "Jane", "email": "jane" }), "email"),
        (json!({ "name": "Jane", "email": "j@e@x" }), "email"),
        (json!({ "name": "Jane", "email": "j e@x" }), "email"),
        (json!({ "name": 1, "email": "jane@example.com" }), "text"),
        (
            json!({ "name": "x".repeat(257), "email": "j@x.de" }),
            "long",
        ),
        (json!([]), "object"),
    ] {
        let answer = create(&server, &token, &body).await;
        assert_eq!(answer.api_error(), (400, "bad.request".to_owned()));
        assert!(message(&answer).contains(part), "{body} {}", answer.body);
    }
    let answer = server.send(creation(&token, "{")).await;
    assert_eq!(answer.api_error(), (400, "bad.request".to_owned()));
    assert!(server.cloud.users().is_empty());
}

#[tokio::test]
async fn an_email_address_is_taken_once() {
    let server = Server::start().await;
    let token = server.token().await;
    let first = json!({ "name": "Jane", "email": "jane@example.com" });
    assert_eq!(create(&server, &token, &first).await.status, 200);
    for email in ["jane@example.com", "JANE@example.com"] {
        let again = json!({ "name": "Other", "email": email });
        let answer = create(&server, &token, &again).await;
        assert_eq!(answer.api_error(), (409, "general.conflict".to_owned()));
    }
    assert_eq!(server.cloud.users().len(), 1);
}

#[tokio::test]
async fn a_body_is_json_and_limited() {
    let server = Server::start().await;
    let token = server.token().await;
    let body = json!({ "name": "Jane", "email": "jane@example.com" }).to_string();
    let padding = " ".repeat(MAX_BODY - body.len());
    let fits = format!("{body}{padding}");
    assert_eq!(server.send(creation(&token, fits)).await.status, 200);

    let longer = format!("{body}{padding} ");
    let answer = server.send(creation(&token, longer)).await;
    assert_eq!(answer.api_error().0, 413);
    for content_type in ["", "text/plain", "application/x-www-form-urlencoded"] {
        let request = creation(&token, body.clone()).header("Content-Type", content_type);
        assert_eq!(server.send(request).await.api_error().0, 415);
    }
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let server = Server::start().await;
    let token = server.token().await;
    for path in [
        UNKNOWN,
        "/api/v2/users/x",
        "/api/v2/users/%2e%2e",
        "/api/v2/users/%ff",
        "/api/v2/users/a/b",
        "/api/v2/users/",
    ] {
        for method in ["GET", "DELETE"] {
            let answer = server.send(Request::api(method, path, &token)).await;
            assert_eq!(answer.api_error().0, 404, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn another_method_is_not_allowed() {
    let server = Server::start().await;
    let token = server.token().await;
    for (method, path) in [
        ("DELETE", USERS),
        ("PUT", USERS),
        ("POST", UNKNOWN),
        ("DELETE", "/api/v2/users/me"),
    ] {
        let answer = server.send(Request::api(method, path, &token)).await;
        assert_eq!(answer.api_error(), (405, "method.not.allowed".to_owned()));
    }
}

#[tokio::test]
async fn a_wrong_token_changes_nothing() {
    let server = Server::start().await;
    let user = User::new("jane@example.com", "x".into());
    let user = server.cloud.add_user(user).unwrap();
    let path = format!("{USERS}/{}", user.id);
    let body = json!({ "name": "Joe", "email": "joe@example.com" });
    let answer = create(&server, "wrong", &body).await;
    assert_eq!(answer.api_error(), (401, "bad.credentials".to_owned()));
    for (method, path) in [("GET", USERS), ("GET", &path), ("DELETE", &path)] {
        let answer = server.send(Request::api(method, path, "wrong")).await;
        assert_eq!(answer.api_error(), (401, "bad.credentials".to_owned()));
    }
    assert_eq!(server.cloud.users().len(), 1);
}

#[tokio::test]
async fn deleting_a_user_revokes_the_tokens_on_their_behalf() {
    let fixture = Fixture::start().await;
    let (user_token, _) = fixture.tokens().await;
    assert_eq!(fixture.check(&user_token).await, 200);
    let token = fixture.token().await;
    let path = format!("{USERS}/{}", fixture.user.id);
    let answer = fixture.send(Request::api("DELETE", &path, &token)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(fixture.check(&user_token).await, 401);
}
