//! The operations of a designer in the editor, with a mouse.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use serde_json::Value;

use crate::browser::Browser;
use crate::element::Found;
use crate::page;

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

    /// Waits until a JavaScript expression is true, on this page or a following one.
    pub(crate) async fn until(&self, expression: &str) {
        page::wait_for(&self.client, &format!("Boolean({expression})")).await;
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
        page::click(&self.client, Locator::Css(selector)).await;
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
        page::choose(&self.client, Locator::Id(id), value).await;
    }

    /// Chooses the first real option of a `select`.
    pub(crate) async fn choose_first(&self, id: &str) {
        page::choose_at(&self.client, Locator::Id(id), 1).await;
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
