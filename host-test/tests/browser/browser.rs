//! A browser with the operations of a user: open, type, press, read. It waits up to [`TIMEOUT`] for what should appear.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, Locator};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{ParseError, Url};

use crate::driver::Driver;
use crate::element::Found;
use crate::page;
use crate::trust::public_key;

/// The time limit for a page or an element.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// A viewport with a colour scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// The size of the window, in CSS pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
}

impl Look {
    /// A phone in the light colour scheme and a large screen in the dark one. The width changes only the layout and the
    /// scheme only the colours, so these two cover both.
    pub(crate) const ALL: [Self; 2] = [Self::new(360, false), Self::new(1600, true)];

    /// A large screen in the light colour scheme.
    pub(crate) const WIDE: Self = Self::new(1600, false);

    /// Phones of usual sizes.
    pub(crate) const PHONES: [Self; 2] = [
        Self {
            height: 740,
            ..Self::new(360, false)
        },
        Self {
            height: 844,
            ..Self::new(390, false)
        },
    ];

    pub(crate) const fn new(width: u32, dark: bool) -> Self {
        Self {
            width,
            height: 800,
            dark,
        }
    }
}

pub(crate) struct Browser {
    pub(crate) client: Client,
    /// How often a person would have clicked: on links, buttons, options, and fields without the focus.
    clicks: AtomicU32,
    process: Option<Process>,
}

/// A browser process, which one test uses at a time.
struct Process {
    driver: Driver,
    session: String,
    arguments: Vec<String>,
    is_shared: bool,
}

/// The browsers that no test uses at present. To start one takes as long as most tests do, so the tests of a process
/// share them, one after the other.
static IDLE: Mutex<Vec<Process>> = Mutex::new(Vec::new());

/// Ends the browsers. They would outlive this process otherwise.
pub(crate) fn end_all() {
    idle().clear();
}

fn idle() -> MutexGuard<'static, Vec<Process>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Browser {
    /// A new browser that reaches the embedded Genesys Cloud at `address`, whose certificate `ca` vouches
    /// for, by the names of Genesys; loopback by its address; and nothing else.
    pub(crate) async fn open(address: SocketAddr, ca: &[u8]) -> Self {
        let key = STANDARD.encode(Sha256::digest(public_key(address, ca).await));
        let arguments = [
            format!(
                "--host-resolver-rules=MAP login.* {address},MAP api.* {address},\
                 MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
            ),
            // Beside all that is checked as ever.
            format!("--ignore-certificate-errors-spki-list={key}"),
        ];
        Self::start(arguments.into(), false).await
    }

    /// A browser that reaches loopback by its address, and nothing else. It has no cookies, and one window.
    pub(crate) async fn open_for_loopback(language: &str) -> Self {
        let arguments = vec![
            "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1".to_owned(),
            format!("--accept-lang={language}"),
        ];
        let found = {
            let mut idle = idle();
            let place = idle.iter().position(|it| it.arguments == arguments);
            place.map(|place| idle.swap_remove(place))
        };
        match found {
            Some(process) => Self::reuse(process).await,
            None => Self::start(arguments, true).await,
        }
    }

    async fn start(arguments: Vec<String>, is_shared: bool) -> Self {
        let driver = Driver::start();
        let client = driver.open(&arguments).await;
        let patience = Some(TIMEOUT);
        let timeouts = TimeoutConfiguration::new(patience, patience, patience);
        client.update_timeouts(timeouts).await.unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        let process = Process {
            driver,
            session,
            arguments,
            is_shared,
        };
        Self::of(client, process)
    }

    /// Removes what the test before has left: its windows, with what they emulate, its cookies and its permissions.
    async fn reuse(process: Process) -> Self {
        let client = process.driver.reopen(&process.session).await;
        let browser = Self::of(client, process);
        let client = &browser.client;
        let windows = client.windows().await.unwrap();
        // The current window may be closed already.
        client.switch_to_window(windows[0].clone()).await.unwrap();
        let new = client.new_window(true).await.unwrap();
        for window in windows {
            client.switch_to_window(window).await.unwrap();
            client.close_window().await.unwrap();
        }
        client.switch_to_window(new.handle).await.unwrap();
        browser
            .devtools("Network.clearBrowserCookies", json!({}))
            .await;
        browser
            .devtools("Browser.resetPermissions", json!({}))
            .await;
        browser
    }

    fn of(client: Client, process: Process) -> Self {
        Self {
            client,
            clicks: AtomicU32::new(0),
            process: Some(process),
        }
    }

    /// How often a person would have clicked so far.
    pub(crate) fn clicks(&self) -> u32 {
        self.clicks.load(Ordering::Relaxed)
    }

    pub(crate) fn count_clicks(&self, clicks: u32) {
        self.clicks.fetch_add(clicks, Ordering::Relaxed);
    }

    pub(crate) async fn go(&self, url: &str) {
        self.count_clicks(1);
        self.client.goto(url).await.unwrap();
    }

    pub(crate) async fn switch_to(&self, window: &WindowHandle) {
        let window = window.clone();
        self.client.switch_to_window(window).await.unwrap();
    }

    /// Switches to the window that opens beside these.
    pub(crate) async fn to_new_window(&self, before: &[WindowHandle]) {
        let opened = loop {
            let windows = self.client.windows().await.unwrap();
            if let Some(other) = windows.into_iter().find(|it| !before.contains(it)) {
                break other;
            }
        };
        self.client.switch_to_window(opened).await.unwrap();
    }

    /// Waits for the element with this id.
    pub(crate) async fn find<'a>(&'a self, id: &'a str) -> Found<'a> {
        Found::by(&self.client, Locator::Id(id)).await
    }

    /// Waits for the element with this id and returns its text.
    pub(crate) async fn text(&self, id: &str) -> String {
        self.find(id).await.text().await
    }

    /// Waits for the element with this id, and asserts that it shows these texts.
    pub(crate) async fn shows(&self, id: &str, texts: &[&str]) {
        let shown = self.text(id).await;
        for text in texts {
            assert!(shown.contains(text), "{text}: {shown}");
        }
    }

    /// Waits for a message of success with this text. The page before it may have had another one.
    pub(crate) async fn done(&self, text: &str) {
        let text = Value::from(text);
        self.until(&format!(
            "[...document.querySelectorAll('[class*=done]')].some((it) => it.textContent.includes({text}))"
        ))
        .await;
    }

    /// Replaces the field's content by `text`. A field that has the focus needs no click.
    pub(crate) async fn fill(&self, id: &str, text: &str) {
        if !page::fill(&self.client, Locator::Id(id), text).await {
            self.count_clicks(1);
        }
    }

    pub(crate) async fn press(&self, id: &str) {
        self.count_clicks(1);
        page::click(&self.client, Locator::Id(id)).await;
    }

    /// Types into the focused element.
    pub(crate) async fn keys(&self, keys: &str) {
        loop {
            let focused = self.client.active_element().await.unwrap();
            match focused.send_keys(keys).await {
                Err(error) if error.is_stale_element_reference() => {}
                sent => return sent.unwrap(),
            }
        }
    }

    /// The id of the focused element.
    pub(crate) async fn focus(&self) -> String {
        let focused = self.evaluate("document.activeElement?.id ?? ''").await;
        focused.as_str().unwrap().to_owned()
    }

    /// Opens a sign-in page of Genesys Cloud, and signs in.
    pub(crate) async fn sign_in(&self, url: &str, username: &str, password: &str) {
        self.go(url).await;
        self.enter(username, password).await;
    }

    /// Signs in on the sign-in page that is shown.
    pub(crate) async fn enter(&self, username: &str, password: &str) {
        self.fill("username", username).await;
        self.fill("password", password).await;
        self.press("sign-in").await;
    }

    /// The value of a JavaScript expression on the current page.
    pub(crate) async fn evaluate(&self, expression: &str) -> Value {
        let value = page::evaluate(&self.client, expression).await;
        value.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Changes the viewport of the current page.
    pub(crate) async fn look(&self, look: Look) {
        let scheme = if look.dark { "dark" } else { "light" };
        self.media("prefers-color-scheme", scheme).await;
        let size = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// What the person has set in the system, by the name of the CSS media feature.
    pub(crate) async fn media(&self, feature: &str, value: &str) {
        let features = json!([{ "name": feature, "value": value }]);
        let features = json!({ "features": features });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Lets scripts read and write the clipboard.
    pub(crate) async fn allow_clipboard(&self) {
        let permissions =
            json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.devtools("Browser.grantPermissions", permissions).await;
    }

    /// Gives the browser what a server has set, as scripts cannot read it.
    pub(crate) async fn set_cookie(&self, url: &str, name: &str, value: &str) {
        let cookie = json!({
            "url": url, "name": name, "value": value, "httpOnly": true, "sameSite": "Strict",
        });
        self.devtools("Network.setCookie", cookie).await;
    }

    pub(crate) async fn time_zone(&self, zone: &str) {
        let zone = json!({ "timezoneId": zone });
        self.devtools("Emulation.setTimezoneOverride", zone).await;
    }

    /// Writes a screenshot to `screenshots` in the target folder.
    pub(crate) async fn screenshot(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        fs::write(folder.join(name).with_extension("png"), picture).unwrap();
    }

    /// A screenshot as PNG of at most this height, without empty space below and without a scroll bar.
    pub(crate) async fn picture(&self, height: u32) -> Vec<u8> {
        self.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true }))
            .await;
        self.evaluate("scrollTo(0, 0)").await;
        let end = "Math.max(...[...document.querySelectorAll('main *')]\
                   .map((it) => it.getBoundingClientRect().bottom))";
        let size = format!("[innerWidth, Math.min({height}, Math.ceil({end}) + 20)]");
        let size = self.evaluate(&size).await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let options = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true });
        let taken = self.devtools("Page.captureScreenshot", options).await;
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// A command that WebDriver does not have.
    async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let command = DevTools::new(command, parameters);
        self.client.issue_cmd(command).await.unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After a failure, nobody knows what it is doing.
        if let Some(process) = self.process.take()
            && process.is_shared
            && !thread::panicking()
        {
            idle().push(process);
        }
    }
}

/// A command of the DevTools protocol, by an extension of chromedriver's.
#[derive(Debug)]
pub(crate) struct DevTools(Value);

impl DevTools {
    #[allow(clippy::needless_pass_by_value, reason = "it is made for the call")]
    pub(crate) fn new(command: &'static str, parameters: Value) -> Self {
        Self(json!({ "cmd": command, "params": parameters }))
    }
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}
