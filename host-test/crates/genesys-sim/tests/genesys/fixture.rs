//! A fixture for sign-ins: clients with a redirect URI, a user, and a minimal browser that can also misbehave.

use std::collections::HashMap;
use std::ops::Deref;

use genesys_sim::{OAuthClient, User};
use secrecy::ExposeSecret;

use crate::client::{Answer, Request, Server};

pub(crate) const CALLBACK: &str = "https://control-room.example/callback";
pub(crate) const USERNAME: &str = "jane@example.com";
pub(crate) const PASSWORD: &str = "correct horse & battery+staple";

/// The example of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const FORM: &str = "application/x-www-form-urlencoded";

/// A server with clients and a user for sign-ins.
pub(crate) struct Fixture {
    server: Server,
    /// A confidential client.
    pub(crate) web: OAuthClient,
    /// A public client.
    pub(crate) native: OAuthClient,
    pub(crate) user: User,
}

impl Deref for Fixture {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

pub(crate) fn encode(parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters).finish()
}

/// A well-formed authorization request with PKCE.
pub(crate) fn parameters(client: &OAuthClient) -> Vec<(&str, &str)> {
    vec![
        ("client_id", client.id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("state", "a state & more"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// `parameters` with the value of `name` replaced, or without it if `value` is `None`.
pub(crate) fn with<'a>(
    mut parameters: Vec<(&'a str, &'a str)>,
    name: &'a str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    parameters.retain(|(known, _)| *known != name);
    parameters.extend(value.map(|value| (name, value)));
    parameters
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::on(Server::start().await)
    }

    pub(crate) fn on(server: Server) -> Self {
        let region = server.client.region;
        let add = |client: OAuthClient| {
            let client = client.with_redirect_uri(CALLBACK);
            server.cloud.add_client(client).unwrap()
        };
        let web = add(OAuthClient::new("Control Room", region));
        let native = add(OAuthClient::public("Desktop", region));
        let user = User::new(USERNAME, PASSWORD.into());
        let user = server.cloud.add_user(user).unwrap();
        Self {
            server,
            web,
            native,
            user,
        }
    }

    /// The response to an authorization request from a browser without cookies.
    pub(crate) async fn authorize(&self, parameters: &[(&str, &str)]) -> Answer {
        Browser::new(self).open(parameters).await
    }

    /// Signs in, and returns the code for an authorization request.
    pub(crate) async fn code_for(&self, parameters: &[(&str, &str)]) -> String {
        let mut browser = Browser::new(self);
        let page = browser.open(parameters).await;
        let answer = browser.sign_in(&page).await;
        redirect_parameters(&answer).remove("code").unwrap()
    }

    /// Signs in with PKCE, and returns the code.
    pub(crate) async fn code(&self, client: &OAuthClient) -> String {
        self.code_for(&parameters(client)).await
    }

    /// Redeems a code, with one parameter of the request replaced.
    pub(crate) async fn redeem_with(
        &self,
        client: &OAuthClient,
        code: &str,
        change: Option<(&str, Option<&str>)>,
    ) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        if let Some((name, value)) = change {
            form = with(form, name, value);
        }
        self.send(token_request(client, form)).await
    }

    pub(crate) async fn redeem(&self, client: &OAuthClient, code: &str) -> Answer {
        self.redeem_with(client, code, None).await
    }

    /// Access token and refresh token of a new sign-in to the confidential client.
    pub(crate) async fn tokens(&self) -> (String, String) {
        let code = self.code(&self.web).await;
        tokens_in(&self.redeem(&self.web, &code).await)
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.send(token_request(&self.web, form.into())).await
    }

    /// The status of an API request with a token.
    pub(crate) async fn check(&self, access_token: &str) -> u16 {
        let request = Request::api("HEAD", "/api/v2/tokens/me", access_token);
        self.send(request).await.status
    }
}

/// A token request of a confidential or a public client.
pub(crate) fn token_request<'a>(
    client: &'a OAuthClient,
    mut form: Vec<(&'a str, &'a str)>,
) -> Request {
    let request = Request::new("POST", client.region.login_host(), "/oauth/token")
        .header("Content-Type", FORM);
    let secret = client.secret.expose_secret();
    if secret.is_empty() {
        form.push(("client_id", &client.id));
        return request.body(encode(&form));
    }
    request.basic(&client.id, secret).body(encode(&form))
}

pub(crate) fn tokens_in(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

pub(crate) fn refusal(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    (answer.status, body["error"].as_str().unwrap().to_owned())
}

/// The query parameters of a redirect to the client.
pub(crate) fn redirect_parameters(answer: &Answer) -> HashMap<String, String> {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let location = answer.header("location").unwrap();
    let (callback, query) = location.split_once('?').unwrap();
    assert_eq!(callback, CALLBACK);
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let answer: HashMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(
        answer.len(),
        pairs.len(),
        "no repeated parameter: {location}"
    );
    answer
}

/// The error code of a redirect to the client.
pub(crate) fn error_in_redirect(answer: &Answer) -> String {
    let mut parameters = redirect_parameters(answer);
    assert!(!parameters.contains_key("code"));
    parameters.remove("error").unwrap()
}

/// A browser with one cookie.
pub(crate) struct Browser<'a> {
    server: &'a Server,
    host: String,
    gateway: bool,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Browser {
            server,
            host: server.client.region.login_host(),
            gateway: false,
            cookie: None,
        }
    }

    /// A browser that uses plain HTTP.
    pub(crate) fn at_gateway(server: &'a Server) -> Self {
        Browser {
            gateway: true,
            ..Browser::new(server)
        }
    }

    async fn send(&mut self, mut request: Request) -> Answer {
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", format!("other=1; {cookie}"));
        }
        let answer = if self.gateway {
            self.server.send_to_gateway(request).await
        } else {
            self.server.send(request).await
        };
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }

    /// Opens the authorization request of a client.
    pub(crate) async fn open(&mut self, parameters: &[(&str, &str)]) -> Answer {
        let path = format!("/oauth/authorize?{}", encode(parameters));
        self.send(Request::new("GET", self.host.as_str(), &path))
            .await
    }

    /// Submits the form of `page`.
    pub(crate) async fn submit(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let token = token_of(page);
        let fields = [&[("sign-in", token.as_str())], fields].concat();
        self.post(&encode(&fields)).await
    }

    pub(crate) async fn post(&mut self, body: &str) -> Answer {
        let request = Request::new("POST", self.host.as_str(), "/oauth/sign-in");
        self.send(request.header("Content-Type", FORM).body(body))
            .await
    }

    pub(crate) async fn type_in(&mut self, page: &Answer, name: &str, password: &str) -> Answer {
        let fields = [
            ("username", name),
            ("password", password),
            ("choice", "sign-in"),
        ];
        self.submit(page, &fields).await
    }

    pub(crate) async fn sign_in(&mut self, page: &Answer) -> Answer {
        self.type_in(page, USERNAME, PASSWORD).await
    }

    pub(crate) fn clear_cookie(&mut self) {
        self.cookie = None;
    }
}

/// The hidden field of a sign-in page.
pub(crate) fn token_of(page: &Answer) -> String {
    let begin = "name=\"sign-in\" value=\"";
    let (_, rest) = page.body.split_once(begin).expect(&page.body);
    rest.split('"').next().unwrap().to_owned()
}
