//! The operations of a designer in the editor, with a mouse.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use serde_json::Value;
use tokio::time::sleep;

use crate::browser::{Browser, TIMEOUT};
use crate::element::Found;

/// The interval of polling a page.
const INTERVAL: Duration = Duration::from_millis(20);

/// An edge of the flow.
#[derive(Clone, Copy)]
pub(crate) enum Edge {
    Upper,
    Lower,
}

impl Browser {
    /// Waits for the first element that a selector finds.
    pub(crate) async fn css<'a>(&'a self, selector: &'a str) -> Found<'a> {
        Found::by(&self.client, Locator::Css(selector)).await
    }

    /// Waits until a JavaScript expression is true, on this page or a following one. It polls, because a script that waits
    /// within a page never answers if the page is left.
    pub(crate) async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let end = Instant::now() + TIMEOUT;
        loop {
            let found = self.client.execute(&script, Vec::new()).await;
            if matches!(found, Ok(Value::Bool(true))) {
                return;
            }
            if Instant::now() > end {
                let page = self.client.source().await.unwrap_or_default();
                panic!("never true: {expression}: {found:?}\n{page}");
            }
            sleep(INTERVAL).await;
        }
    }

    /// Waits until the current state of the open bot has been checked, and returns the status of its problems.
    pub(crate) async fn checked(&self) -> String {
        self.until("document.getElementById('mistakes')?.ariaBusy === 'false'")
            .await;
        self.text("mistakes").await
    }

    /// The problem at a field of the selected step, once the current state of the bot has been checked.
    pub(crate) async fn problem(&self, field: &str) -> String {
        self.checked().await;
        self.text(&format!("problem-{field}")).await
    }

    /// Picks the client id and secret of the selected step from a credential in the locker `genesys`.
    pub(crate) async fn pick_client(&self, credential: &str) {
        for field in ["client-id", "client-secret"] {
            self.choose(&format!("field-{field}-locker"), "genesys")
                .await;
            self.fill(&format!("field-{field}-credential-name"), credential)
                .await;
            self.choose(&format!("field-{field}-attribute"), field)
                .await;
        }
    }

    /// Drags the element `from` to a point above the middle of the element `to`: before it, if it is a step.
    pub(crate) async fn drag(&self, from: &str, to: &str) {
        self.count_clicks(1);
        let point = async |selector: &str, part: f64| {
            let (x, y, width, height) = self.css(selector).await.rectangle().await;
            ((x + width / 2.0).trunc(), (y + height * part).trunc())
        };
        let (from, to) = (point(from, 0.5).await, point(to, 0.4).await);
        let duration = Some(Duration::from_millis(50));
        let to_point = |(x, y)| PointerAction::MoveTo { duration, x, y };
        let mouse = MouseActions::new("mouse".into())
            .then(to_point(from))
            .then(PointerAction::Down { button: 0 })
            .then(to_point((from.0 + 20.0, from.1 + 5.0)))
            .then(to_point(to))
            .then(PointerAction::Up { button: 0 });
        self.client.perform_actions(mouse).await.unwrap();
    }

    /// Drags an element to an edge of the flow, holds it there until another element has scrolled into view, and drops it
    /// beyond that one.
    pub(crate) async fn hold(&self, from: &str, edge: Edge, until: &str) {
        let (x, y, width, height) = self.css(from).await.rectangle().await;
        let from = (x + width / 2.0, y + height / 2.0);
        let (x, y, width, height) = self.css("#flow").await.rectangle().await;
        let (edge_y, is_in_view) = match edge {
            Edge::Upper => (y + 10.0, "top >"),
            Edge::Lower => (y + height - 10.0, "bottom <"),
        };
        let edge = (x + width / 2.0, edge_y);
        let duration = Some(Duration::from_millis(50));
        let to_point = |(x, y): (f64, f64)| PointerAction::MoveTo {
            duration,
            x: x.trunc(),
            y: y.trunc(),
        };
        let mouse = || MouseActions::new("mouse".into());
        let held = mouse()
            .then(to_point(from))
            .then(PointerAction::Down { button: 0 })
            .then(to_point((from.0 + 20.0, from.1 + 5.0)))
            .then(to_point(edge));
        self.client.perform_actions(held).await.unwrap();
        self.until(&format!(
            "document.querySelector('{until}').getBoundingClientRect().{is_in_view} {edge_y}"
        ))
        .await;
        let dropped = mouse().then(PointerAction::Up { button: 0 });
        self.client.perform_actions(dropped).await.unwrap();
    }

    /// Clicks the first element that a selector finds.
    pub(crate) async fn click(&self, selector: &str) {
        self.count_clicks(1);
        self.css(selector).await.click().await;
    }

    /// Selects a step of the open bot, counted from 1.
    pub(crate) async fn select(&self, step: usize) {
        self.click(&format!("#steps > li:nth-child({step}) .step-main"))
            .await;
    }

    /// Waits until a run or a test of the open bot, by its `kind`, is in a state that begins like this.
    pub(crate) async fn until_state(&self, kind: &str, beginning: &str) {
        self.until(&format!(
            "document.getElementById('{kind}-state').textContent.startsWith('{beginning}')"
        ))
        .await;
    }

    /// The states of the steps while the open bot runs or is tested.
    pub(crate) async fn statuses(&self) -> Value {
        let statuses = "[...document.querySelectorAll('.step')].map((it) => it.dataset.status)";
        self.evaluate(statuses).await
    }

    /// Opens the page of the last run of the open bot.
    pub(crate) async fn open_log(&self) {
        self.until("!document.getElementById('run-log').hidden")
            .await;
        let log = self.find("run-log").await.prop("href").await;
        self.go(&log.unwrap()).await;
    }

    /// Chooses an option of a `select` by its value.
    pub(crate) async fn choose(&self, id: &str, value: &str) {
        self.count_clicks(2);
        self.until(&format!(
            "[...document.getElementById('{id}').options].some((it) => it.value === '{value}')"
        ))
        .await;
        self.find(id).await.select_by_value(value).await;
    }

    /// Chooses the first real option of a `select`.
    pub(crate) async fn choose_first(&self, id: &str) {
        self.until(&format!(
            "document.getElementById('{id}').options.length > 1"
        ))
        .await;
        self.find(id).await.select_by_index(1).await;
    }

    /// Saves the open bot, and waits until it is saved.
    pub(crate) async fn save(&self) {
        self.press("save").await;
        self.until(
            "['Saved', 'Gespeichert'].includes(document.getElementById('state').textContent)",
        )
        .await;
    }

    /// The exported bot file of the open bot.
    pub(crate) async fn exported(&self) -> Value {
        let script = "const done = arguments[0]; \
            fetch(document.getElementById('export').href).then((it) => it.json()).then(done)";
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }
}
