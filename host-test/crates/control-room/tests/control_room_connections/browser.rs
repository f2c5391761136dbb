//! A minimal browser that signs Jane in to the embedded Genesys Cloud.

use genesys_sim::GenesysCloud;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Certificate, Client, redirect::Policy};

use crate::fixture::{PASSWORD, USERNAME};

const LOGIN: &str = "login.mypurecloud.de";
const API: &str = "api.mypurecloud.de";

pub(crate) struct Browser(Client);

impl Browser {
    pub(crate) fn new(cloud: &GenesysCloud) -> Self {
        let address = cloud.https_addr().unwrap();
        let ca = Certificate::from_der(cloud.ca_certificate().der()).unwrap();
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .add_root_certificate(ca)
            .resolve(LOGIN, address)
            .resolve(API, address);
        Self(client.build().unwrap())
    }

    /// Opens the page and signs in. Returns the callback that the browser is redirected to.
    pub(crate) async fn sign_in(&self, url: &str) -> String {
        self.choose(url, "sign-in").await
    }

    /// Opens the page and refuses access. Returns the callback that the browser is redirected to.
    pub(crate) async fn refuse(&self, url: &str) -> String {
        self.choose(url, "refuse").await
    }

    async fn choose(&self, url: &str, choice: &str) -> String {
        let page = self.0.get(url).send().await.unwrap();
        let cookie = page.headers()[SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let page = page.text().await.unwrap();
        let (_, rest) = page.split_once("name=\"sign-in\" value=\"").expect(&page);
        let hidden = rest.split('"').next().unwrap();
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("sign-in", hidden),
                ("username", USERNAME),
                ("password", PASSWORD),
                ("choice", choice),
            ])
            .finish();
        let answer = self
            .0
            .post(format!("https://{LOGIN}/oauth/sign-in"))
            .header(COOKIE, cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        let location = answer.headers().get(LOCATION);
        location.expect("a redirect").to_str().unwrap().to_owned()
    }

    /// Requests the callback and returns the page that the browser is shown.
    pub(crate) async fn visit(&self, callback: &str) -> String {
        let answer = self.0.get(callback).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// Whether the API accepts a token.
    pub(crate) async fn is_accepted(&self, token: &str) -> bool {
        let request = self.0.head(format!("https://{API}/api/v2/tokens/me"));
        let answer = request.bearer_auth(token).send().await.unwrap();
        answer.status().is_success()
    }
}
