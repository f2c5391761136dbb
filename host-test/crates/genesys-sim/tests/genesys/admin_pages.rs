//! *Admin > Integrations > OAuth* and *Admin > People* as pages: the sign-in, the forms, and the protection against
//! other sites.

use std::collections::BTreeMap;
use std::time::Duration;

use genesys_sim::{ADMIN_PATH, LOCKOUT, MAX_WRONG_PASSWORDS, OAuthClient, User};
use secrecy::ExposeSecret;

use crate::client::{Answer, Request, Server, region};
use crate::fixture::encode;

const SIGN_IN: &str = "/admin/sign-in";
const PEOPLE: &str = "/admin/people";
const ADMIN: &str = "admin@example.com";
const PASSWORD: &str = "correct horse & battery+staple";
const EVIL: &str = "\"'><script>alert(1)</script>&amp;";

/// A page, or a form with its fields, for an administrator.
type Route = (
    &'static str,
    Option<&'static [(&'static str, &'static str)]>,
);

/// All routes behind the sign-in. Those that remove something come last.
const ROUTES: &[Route] = &[
    (ADMIN_PATH, None),
    ("/admin/integrations/oauth/new", None),
    (
        "/admin/integrations/oauth/new",
        Some(&[
            ("app-name", "x"),
            ("duration", "300"),
            ("client-credentials", "on"),
            ("region", "mypurecloud.de"),
        ]),
    ),
    ("/admin/integrations/oauth/client?id=app", None),
    (
        "/admin/integrations/oauth/client?id=app",
        Some(&[("change", "disable")]),
    ),
    ("/admin/integrations/oauth/remove?id=app", None),
    ("/admin/integrations/oauth/remove?id=app", Some(&[])),
    (PEOPLE, None),
    (PEOPLE, Some(&[("username", "new@example.com")])),
    (
        "/admin/people/remove",
        Some(&[("username", "jane@example.com")]),
    ),
];

/// A server with an administrator, another user, and a client.
async fn server() -> Server {
    let server = Server::start().await;
    let admin = User {
        password: PASSWORD.into(),
        ..User::admin(ADMIN)
    };
    server.cloud.add_user(admin).unwrap();
    server
        .cloud
        .add_user(User::new("jane@example.com", PASSWORD.into()))
        .unwrap();
    let client = OAuthClient {
        id: "app".into(),
        ..OAuthClient::new("App", server.client.region)
    };
    server.cloud.add_client(client).unwrap();
    server
}

/// Everything that the pages can change.
fn state(server: &Server) -> (Vec<(String, bool)>, Vec<String>) {
    let clients = server
        .cloud
        .clients()
        .into_iter()
        .map(|it| (it.id, it.enabled));
    let users = server.cloud.users().into_iter().map(|it| it.username);
    (clients.collect(), users.collect())
}

/// A browser that remembers cookies, and the form token of the last page.
struct Browser<'a> {
    server: &'a Server,
    /// The gateway if `None`.
    host: Option<&'static str>,
    cookies: BTreeMap<String, String>,
    form_token: String,
    headers: Vec<(&'static str, &'static str)>,
}

impl<'a> Browser<'a> {
    fn new(server: &'a Server) -> Self {
        Self {
            server,
            host: None,
            cookies: BTreeMap::new(),
            form_token: String::new(),
            headers: Vec::new(),
        }
    }

    async fn signed_in(server: &'a Server) -> Self {
        let mut browser = Self::new(server);
        let answer = browser.sign_in(ADMIN, PASSWORD).await;
        assert_eq!(
            answer.header("location"),
            Some(ADMIN_PATH),
            "{}",
            answer.body
        );
        browser.get(ADMIN_PATH).await;
        browser
    }

    async fn sign_in(&mut self, username: &str, password: &str) -> Answer {
        self.get(SIGN_IN).await;
        self.post(SIGN_IN, &[("username", username), ("password", password)])
            .await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, String::new()).await
    }

    /// Submits a form with the token of the last page.
    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let fields = [&[("form-token", token.as_str())], fields].concat();
        self.send("POST", path, encode(&fields)).await
    }

    async fn follow(&mut self, (path, fields): &Route) -> Answer {
        match fields {
            None => self.get(path).await,
            Some(fields) => self.post(path, fields).await,
        }
    }

    async fn send(&mut self, method: &'static str, path: &str, body: String) -> Answer {
        let mut request = Request::new(method, self.host.unwrap_or_default(), path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        for (name, value) in &self.headers {
            request = request.header(name, *value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            request = request.header("Cookie", cookies.join("; "));
        }
        let answer = match self.host {
            None => self.server.send_to_gateway(request).await,
            Some(_) => self.server.send(request).await,
        };
        if let Some(cookie) = answer.header("set-cookie") {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        if let Some((_, rest)) = answer.body.split_once("name=\"form-token\" value=\"") {
            self.form_token = rest.split('"').next().unwrap().into();
        }
        answer
    }
}

#[tokio::test]
async fn a_client_is_added_as_step_six_says() {
    let server = server().await;
    let mut admin = Browser::signed_in(&server).await;
    let shown = admin.get("/admin/integrations/oauth/new").await.body;
    assert!(shown.contains("value=\"86400\""), "{shown}");
    assert!(shown.contains("This is a simulation"), "{shown}");
    let fields = [
        ("app-name", "Control Room"),
        ("duration", "86400"),
        ("code", "on"),
        (
            "redirect-uris",
            "http://127.0.0.1:20000/callback\r\n\r\n https://example.com/b ",
        ),
        ("region", "mypurecloud.de"),
    ];
    let added = admin.post("/admin/integrations/oauth/new", &fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let page = admin.get(added.header("location").unwrap()).await.body;
    let mut clients = server.cloud.clients().into_iter();
    let client = clients.find(|it| it.app_name == "Control Room").unwrap();
    let secret = client.secret.expose_secret();
    assert!(page.contains(&client.id) && page.contains(secret), "{page}");
    assert_eq!(client.token_duration, 86_400);
    let expected = ["http://127.0.0.1:20000/callback", "https://example.com/b"];
    assert_eq!(client.redirect_uris, expected);
}

#[tokio::test]
async fn each_mistake_is_reported_at_its_field() {
    let server = server().await;
    let before = state(&server);
    let mut admin = Browser::signed_in(&server).await;
    let valid = [
        ("app-name", "x"),
        ("duration", "300"),
        ("code", "on"),
        ("redirect-uris", "https://example.com/"),
        ("region", "mypurecloud.de"),
    ];
    for (field, value, id) in [
        ("app-name", " ", "app-name"),
        ("duration", "299", "duration"),
        ("duration", "a day", "duration"),
        ("code", "", "grant-types"),
        ("redirect-uris", "", "redirect-uris"),
        ("redirect-uris", "http://example.com/", "redirect-uris"),
    ] {
        let fields: Vec<_> = valid
            .iter()
            .map(|(name, valid)| (*name, if *name == field { value } else { valid }))
            .collect();
        let answer = admin.post("/admin/integrations/oauth/new", &fields).await;
        assert_eq!(answer.status, 422, "{field}: {value}");
        let error = format!("id=\"{id}-error\"");
        assert!(answer.body.contains(&error), "{field}: {}", answer.body);
    }
    assert_eq!(state(&server), before);
}

#[tokio::test]
async fn a_client_is_disabled_enabled_and_removed() {
    let server = server().await;
    let mut admin = Browser::signed_in(&server).await;
    let client = "/admin/integrations/oauth/client?id=app";
    let enabled = || {
        server
            .cloud
            .clients()
            .into_iter()
            .find(|it| it.id == "app")
            .map(|it| it.enabled)
    };
    for (change, expected) in [("disable", false), ("enable", true), ("expire", true)] {
        assert_eq!(
            admin.post(client, &[("change", change)]).await.status,
            303,
            "{change}"
        );
        assert_eq!(enabled(), Some(expected), "{change}");
    }
    assert_eq!(
        admin.post(client, &[("change", "explode")]).await.status,
        400
    );
    admin.get(client).await;
    assert_eq!(
        admin
            .post("/admin/integrations/oauth/remove?id=app", &[])
            .await
            .status,
        303
    );
    assert_eq!(enabled(), None);
    for path in [
        client,
        "/admin/integrations/oauth/remove?id=app",
        "/admin/nothing",
    ] {
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn people_are_added_with_a_password_and_removed() {
    let server = server().await;
    let mut admin = Browser::signed_in(&server).await;
    for (username, status) in [
        ("new@example.com", 303),
        ("new@example.com", 422),
        (" ", 422),
        (&"x".repeat(255), 422),
    ] {
        let answer = admin.post(PEOPLE, &[("username", username)]).await;
        assert_eq!(answer.status, status, "{username}");
    }
    let mut users = server.cloud.users().into_iter();
    let user = users.find(|it| it.username == "new@example.com").unwrap();
    let page = admin.get(PEOPLE).await.body;
    assert!(page.contains(user.password.expose_secret()), "{page}");
    let remove = "/admin/people/remove";
    for (username, status) in [
        ("new@example.com", 303),
        ("new@example.com", 404),
        (ADMIN, 404),
    ] {
        admin.get(PEOPLE).await;
        let answer = admin.post(remove, &[("username", username)]).await;
        assert_eq!(answer.status, status, "{username}");
    }
}

#[tokio::test]
async fn passwords_of_administrators_are_not_shown() {
    let server = server().await;
    server.cloud.remove_user("jane@example.com");
    let mut admin = Browser::signed_in(&server).await;
    let page = admin.get(PEOPLE).await.body;
    assert!(
        page.contains(ADMIN) && !page.contains("correct horse"),
        "{page}"
    );
}

#[tokio::test]
async fn the_pages_are_served_at_the_apps_host_with_a_secure_cookie() {
    let server = server().await;
    let mut admin = Browser::new(&server);
    let gateway = admin.get(SIGN_IN).await;
    let cookie = gateway.header("set-cookie").unwrap();
    assert!(
        cookie.ends_with("; Path=/admin; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );

    admin = Browser::new(&server);
    admin.host = Some("apps.mypurecloud.ie");
    let apps = admin.get(SIGN_IN).await;
    let cookie = apps.header("set-cookie").unwrap();
    assert!(
        cookie.ends_with("; Path=/admin; HttpOnly; SameSite=Strict; Secure"),
        "{cookie}"
    );
    assert_eq!(admin.sign_in(ADMIN, PASSWORD).await.status, 303);
    let form = admin.get("/admin/integrations/oauth/new").await;
    assert!(
        form.body.contains("value=\"mypurecloud.ie\" selected"),
        "{}",
        form.body
    );

    for host in ["login.mypurecloud.de", "api.mypurecloud.de"] {
        let answer = server.send(Request::new("GET", host, SIGN_IN)).await;
        assert_eq!(answer.status, 404, "{host}");
    }
}

#[tokio::test]
async fn without_a_sign_in_every_route_redirects_to_it() {
    let server = server().await;
    let before = state(&server);
    let mut browser = Browser::new(&server);
    browser.get(SIGN_IN).await;
    for route in ROUTES {
        let answer = browser.follow(route).await;
        let redirect = (answer.status, answer.header("location"));
        assert_eq!(redirect, (303, Some(SIGN_IN)), "{route:?}");
    }
    assert_eq!(state(&server), before);
}

#[tokio::test]
async fn only_administrators_can_sign_in() {
    let server = server().await;
    let mut browser = Browser::new(&server);
    for (username, password, status) in [
        ("jane@example.com", PASSWORD, 403),
        (ADMIN, "wrong", 422),
        ("unknown@example.com", PASSWORD, 422),
    ] {
        let answer = browser.sign_in(username, password).await;
        assert_eq!(answer.status, status, "{username}");
        assert!(answer.body.contains("id=\"notice\""), "{}", answer.body);
        assert_eq!(
            browser.get(ADMIN_PATH).await.header("location"),
            Some(SIGN_IN)
        );
    }
}

#[tokio::test]
async fn wrong_passwords_lock_an_administrator_out() {
    let server = server().await;
    let mut browser = Browser::new(&server);
    for _ in 0..MAX_WRONG_PASSWORDS {
        browser.sign_in(ADMIN, "wrong").await;
    }
    let answer = browser.sign_in(ADMIN, PASSWORD).await;
    assert_eq!(answer.status, 429);
    assert!(answer.body.contains("300 seconds"), "{}", answer.body);
    server.clock.advance(LOCKOUT);
    assert_eq!(browser.sign_in(ADMIN, PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_sign_in_replaces_the_session_and_a_sign_out_ends_it() {
    let server = server().await;
    let mut admin = Browser::new(&server);
    admin.get(SIGN_IN).await;
    let (cookies, form_token) = (admin.cookies.clone(), admin.form_token.clone());
    admin.sign_in(ADMIN, PASSWORD).await;
    admin.get(ADMIN_PATH).await;
    assert_ne!(admin.cookies, cookies);
    assert_ne!(admin.form_token, form_token);

    let stolen = admin.cookies.clone();
    assert_eq!(admin.post("/admin/sign-out", &[]).await.status, 303);
    admin.cookies = stolen;
    assert_eq!(
        admin.get(ADMIN_PATH).await.header("location"),
        Some(SIGN_IN)
    );
}

#[tokio::test]
async fn a_session_ends_with_a_new_password_with_its_user_and_after_twelve_hours() {
    let server = server().await;
    let mut admin = Browser::signed_in(&server).await;
    server
        .cloud
        .change_password(ADMIN, PASSWORD.into())
        .unwrap();
    assert_eq!(admin.get(ADMIN_PATH).await.status, 303);

    admin = Browser::signed_in(&server).await;
    server.clock.advance(Duration::from_secs(12 * 60 * 60 - 1));
    assert_eq!(admin.get(ADMIN_PATH).await.status, 200);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(admin.get(ADMIN_PATH).await.status, 303);

    admin = Browser::signed_in(&server).await;
    server.cloud.remove_user(ADMIN);
    assert_eq!(admin.get(ADMIN_PATH).await.status, 303);
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_is_rejected() {
    let server = server().await;
    let before = state(&server);
    let mut other = Browser::signed_in(&server).await;
    other.get(PEOPLE).await;
    let mut admin = Browser::signed_in(&server).await;
    for token in ["", "x", &"A".repeat(86), &other.form_token] {
        for route in ROUTES.iter().filter(|(_, fields)| fields.is_some()) {
            admin.form_token = token.to_owned();
            let answer = admin.follow(route).await;
            assert_eq!(answer.status, 403, "{route:?} with {token:?}");
        }
    }
    assert_eq!(state(&server), before);
    let mut browser = Browser::new(&server);
    let answer = browser
        .post(SIGN_IN, &[("username", ADMIN), ("password", PASSWORD)])
        .await;
    assert_eq!(answer.status, 403, "sign-in without a session");
}

#[tokio::test]
async fn a_form_of_another_site_is_rejected_even_with_the_token() {
    let server = server().await;
    let before = state(&server);
    let mut admin = Browser::signed_in(&server).await;
    for header in [
        ("Origin", "https://example.com"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        for route in ROUTES.iter().filter(|(_, fields)| fields.is_some()) {
            admin.headers = Vec::new();
            admin.get(PEOPLE).await;
            admin.headers = vec![header];
            assert_eq!(
                admin.follow(route).await.status,
                403,
                "{route:?} with {header:?}"
            );
        }
    }
    assert_eq!(state(&server), before);
}

#[tokio::test]
async fn with_its_token_every_form_is_accepted() {
    let server = server().await;
    let mut admin = Browser::signed_in(&server).await;
    for route in ROUTES {
        let answer = admin.follow(route).await;
        assert!(
            matches!(answer.status, 200 | 303),
            "{route:?}: {}",
            answer.status
        );
    }
}

/// A name of another site can resolve to loopback for a moment (DNS rebinding).
#[tokio::test]
async fn another_name_for_this_machine_is_rejected() {
    let server = server().await;
    for name in ["example.com", "127.0.0.1.example.com"] {
        let answer = server
            .send_to_gateway_as(Request::new("GET", name, SIGN_IN))
            .await;
        assert_eq!(answer.status, 403, "{name}");
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers_and_loads_nothing_from_elsewhere() {
    let server = server().await;
    let mut admin = Browser::signed_in(&server).await;
    let mut answers = vec![
        admin.get("/admin/nothing").await,
        admin.get("/admin/static/admin.css").await,
        admin.get("/admin/static/copy.js").await,
        admin.get(SIGN_IN).await,
        Browser::new(&server).get(ADMIN_PATH).await,
    ];
    for route in ROUTES {
        answers.push(admin.follow(route).await);
    }
    for answer in answers {
        let header = |name| answer.header(name);
        let policy = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
        assert_eq!(header("content-security-policy"), Some(policy));
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("x-frame-options"), Some("DENY"));
        assert_eq!(header("referrer-policy"), Some("same-origin"));
        assert_eq!(header("cache-control"), Some("no-store"));
        if answer.body.starts_with("<!DOCTYPE html>") {
            for forbidden in [
                "<style",
                " style=",
                "<script>",
                " onclick=",
                "src=\"http",
                "href=\"http",
            ] {
                assert!(
                    !answer.body.contains(forbidden),
                    "{forbidden}: {}",
                    answer.body
                );
            }
        }
    }
}

#[tokio::test]
async fn texts_are_escaped() {
    let server = server().await;
    let client = OAuthClient {
        id: EVIL.into(),
        ..OAuthClient::new(EVIL, region("mypurecloud.de"))
    };
    server.cloud.add_client(client).unwrap();
    server.cloud.add_user(User::new(EVIL, EVIL.into())).unwrap();
    let mut admin = Browser::signed_in(&server).await;
    let id = encode(&[("id", EVIL)]);
    let fields = [
        ("app-name", EVIL),
        ("duration", EVIL),
        ("redirect-uris", EVIL),
        ("region", "mypurecloud.de"),
        ("code", "on"),
    ];
    let mut answers = vec![
        admin.get(ADMIN_PATH).await,
        admin
            .get(&format!("/admin/integrations/oauth/client?{id}"))
            .await,
        admin
            .get(&format!("/admin/integrations/oauth/remove?{id}"))
            .await,
        admin.get(PEOPLE).await,
        admin.post(PEOPLE, &[("username", EVIL)]).await,
        admin.post("/admin/integrations/oauth/new", &fields).await,
    ];
    answers.push(Browser::new(&server).sign_in(EVIL, "wrong").await);
    for answer in answers {
        assert!(answer.body.contains("&lt;script&gt;"), "{}", answer.body);
        assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
        assert!(!answer.body.contains("\"'>"), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_language_is_that_of_the_browser_or_the_chosen_one() {
    let server = server().await;
    let mut admin = Browser::signed_in(&server).await;
    admin.headers = vec![("Accept-Language", "de-AT, en;q=0.5")];
    assert!(
        admin
            .get(ADMIN_PATH)
            .await
            .body
            .contains("Client hinzufügen")
    );
    for (path, expected) in [
        (PEOPLE, PEOPLE),
        ("//example.com", ADMIN_PATH),
        ("https://example.com", ADMIN_PATH),
        ("/admin/\\example.com", ADMIN_PATH),
        ("/admin/\r\nSet-Cookie: a=b", ADMIN_PATH),
        ("", ADMIN_PATH),
    ] {
        let answer = admin
            .post("/admin/language", &[("language", "en"), ("path", path)])
            .await;
        assert_eq!(answer.header("location"), Some(expected), "{path}");
    }
    assert!(admin.get(ADMIN_PATH).await.body.contains("Add client"));
    assert_eq!(
        admin
            .post("/admin/language", &[("language", "fr")])
            .await
            .status,
        400
    );
}
