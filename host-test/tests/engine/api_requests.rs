//! Requests to the API: methods, bodies, the pages of listings, and what may be tried again.

use bot_engine::{Bot, interruption};
use serde_json::{Value, json};
use test_support::https::{Reply, Server};

use super::{TOKEN, answer, kind, ok, parse, run, serve, server};

/// Authenticates, and runs these steps.
fn bot(steps: &[Value]) -> Bot {
    let mut all = vec![json!({
        "action": "genesys/oauth-authenticate",
        "url": "eu-central-1",
        "client-id": "id",
        "client-secret": { "insecure-string": "secret" },
        "session": "own",
    })];
    all.extend_from_slice(steps);
    let bot = json!({ "name": "Test", "steps": all });
    parse(bot.to_string().as_bytes())
}

fn request(method: &str, path: &str) -> Value {
    json!({ "action": "genesys/api-request", "method": method, "path": path })
}

/// The API requests that arrived, by their first lines.
fn api_requests(server: &Server) -> Vec<String> {
    let lines = server.requests().into_iter();
    let lines = lines.map(|request| request.lines().next().unwrap_or_default().to_owned());
    lines
        .filter(|line| line.contains(" /api/") && !line.contains("/tokens/me"))
        .map(|line| line.trim_end_matches(" HTTP/1.1").to_owned())
        .collect()
}

#[tokio::test]
async fn a_body_is_sent_as_json_with_the_values_of_earlier_steps() {
    let (_interrupter, interrupt) = interruption();
    let server = server(vec![
        ok(TOKEN),
        ok(r#"{"id":"u-1","version":7,"name":"Ada \"the\" Countess"}"#),
        ok("{}"),
        ok(""),
    ])
    .await;
    let mut read = request("GET", "/api/v2/users/me");
    read["output"] = "user".into();
    let mut change = request("PATCH", "/api/v2/users/{user.id}");
    change["body"] = json!({ "version": "{user.version}", "title": "{user.name}, manager" });
    let (result, _) = run(&server, &bot(&[read, change]), &interrupt).await;
    assert!(result.is_ok(), "{result:?}");
    let sent = &server.requests()[2];
    assert!(sent.starts_with("PATCH /api/v2/users/u-1 "), "{sent}");
    assert!(
        sent.to_lowercase()
            .contains("content-type: application/json\r\n"),
        "{sent}"
    );
    let (_, body) = sent.split_once("\r\n\r\n").unwrap();
    let expected = json!({ "version": 7, "title": "Ada \"the\" Countess, manager" });
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
}

#[tokio::test]
async fn headers_are_sent_with_the_values_of_earlier_steps_and_end_no_line() {
    for (version, is_sent) in [("7", true), (r"7\r\nX-Other: 1", false)] {
        let (_interrupter, interrupt) = interruption();
        let user = ok(&format!(r#"{{"version":"{version}"}}"#));
        let server = server(vec![ok(TOKEN), user, ok("{}"), ok("")]).await;
        let mut read = request("GET", "/api/v2/scim/users/u-1");
        read["output"] = "user".into();
        let mut change = request("PUT", "/api/v2/scim/users/u-1");
        change["headers"] = json!({ "If-Match": "\"{user.version}\"", "Accept-Language": "de" });
        let (result, _) = run(&server, &bot(&[read, change]), &interrupt).await;
        let sent = api_requests(&server).len();
        assert_eq!(sent, 1 + usize::from(is_sent), "{result:?}");
        if is_sent {
            let sent = server.requests()[2].to_lowercase();
            assert!(sent.contains("if-match: \"7\"\r\n"), "{sent}");
            assert!(sent.contains("accept-language: de\r\n"), "{sent}");
        } else {
            assert_eq!(kind(&result), (3, "invalid-input"));
        }
    }
}

#[tokio::test]
async fn what_changes_something_is_tried_again_only_if_it_was_not_done() {
    let unavailable = || answer("503 Service Unavailable", "", "{}");
    let too_many = || answer("429 Too Many Requests", "Retry-After: 0\r\n", "{}");
    let broken = || Reply::close("");
    for (method, first, is_repeated) in [
        ("GET", unavailable(), true),
        ("PUT", unavailable(), true),
        ("DELETE", unavailable(), true),
        ("POST", unavailable(), false),
        ("PATCH", unavailable(), false),
        ("POST", broken(), false),
        ("POST", too_many(), true),
        ("PATCH", too_many(), true),
    ] {
        let (_interrupter, interrupt) = interruption();
        let replies = vec![ok(TOKEN), first, ok("{}"), ok("")];
        let server = server(replies).await;
        let bot = bot(&[request(method, "/api/v2/things")]);
        let (result, watched) = run(&server, &bot, &interrupt).await;
        assert_eq!(result.is_ok(), is_repeated, "{method}: {result:?}");
        if !is_repeated {
            assert_eq!(kind(&result), (2, "api-request-unconfirmed"));
        }
        assert_eq!(watched.waits.len(), usize::from(is_repeated), "{method}");
        let sent = api_requests(&server).len();
        assert_eq!(sent, 1 + usize::from(is_repeated), "{method}");
    }
}

/// A listing of two entities a page, which names the next page or only numbers its pages.
async fn listing(pages: usize, names_next: bool) -> Server {
    serve(move |request| {
        if !request.starts_with("GET") {
            return ok(TOKEN);
        }
        let number: usize = request
            .split_once("pageNumber=")
            .map_or("1", |(_, rest)| rest.split(['&', ' ']).next().unwrap())
            .parse()
            .unwrap();
        let mut page = json!({
            "entities": [{ "id": 2 * number - 1 }, { "id": 2 * number }],
            "pageNumber": number, "pageCount": pages,
        });
        if names_next && number < pages {
            page["nextUri"] = format!("/api/v2/things?pageNumber={}", number + 1).into();
        }
        ok(&page.to_string())
    })
    .await
}

#[tokio::test]
async fn all_pages_of_a_listing_become_one_output() {
    for names_next in [true, false] {
        let (_interrupter, interrupt) = interruption();
        let server = listing(3, names_next).await;
        let mut all = request("GET", "/api/v2/things?expand=x");
        all["pages"] = "all".into();
        all["output"] = "things".into();
        let use_last = request("GET", "/api/v2/last/{things.entities[5].id}");
        let (result, _) = run(&server, &bot(&[all, use_last]), &interrupt).await;
        assert!(result.is_ok(), "{result:?}");
        let next = if names_next { "" } else { "expand=x&" };
        let expected = [
            "GET /api/v2/things?expand=x".to_owned(),
            format!("GET /api/v2/things?{next}pageNumber=2"),
            format!("GET /api/v2/things?{next}pageNumber=3"),
            "GET /api/v2/last/6".to_owned(),
        ];
        assert_eq!(api_requests(&server), expected);
    }
}

#[tokio::test]
async fn one_page_is_requested_unless_all_are_wanted() {
    let (_interrupter, interrupt) = interruption();
    let server = listing(3, true).await;
    let (result, _) = run(
        &server,
        &bot(&[request("GET", "/api/v2/things")]),
        &interrupt,
    )
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(api_requests(&server).len(), 1);
}

#[tokio::test]
async fn a_listing_without_an_end_is_given_up() {
    let (_interrupter, interrupt) = interruption();
    let server = listing(usize::MAX, true).await;
    let mut all = request("GET", "/api/v2/things");
    all["pages"] = "all".into();
    let (result, _) = run(&server, &bot(&[all]), &interrupt).await;
    assert_eq!(kind(&result), (2, "api-request-failed"));
    assert_eq!(api_requests(&server).len(), 400);
}

#[tokio::test]
async fn the_next_page_is_below_the_api_of_the_session() {
    for next in [
        "https://evil.example/api/v2/things",
        "//evil.example/api/v2/things",
        "/oauth/token",
        "@evil.example/api/v2/things",
    ] {
        let (_interrupter, interrupt) = interruption();
        let page = json!({ "entities": [1], "nextUri": next }).to_string();
        let server = server(vec![ok(TOKEN), ok(&page), ok("")]).await;
        let mut all = request("GET", "/api/v2/things");
        all["pages"] = "all".into();
        let (result, _) = run(&server, &bot(&[all]), &interrupt).await;
        assert_eq!(kind(&result), (2, "api-request-failed"), "{next}");
        assert_eq!(api_requests(&server), ["GET /api/v2/things"]);
    }
}
