//! An element of the page. If the page or a part of it was replaced meanwhile, the element is looked up again.

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::json;

use crate::browser::DevTools;

/// An element, and how it was found.
pub(crate) struct Found<'a> {
    client: &'a Client,
    locator: Locator<'a>,
    element: Element,
}

impl<'a> Found<'a> {
    /// Waits for the element.
    pub(crate) async fn by(client: &'a Client, locator: Locator<'a>) -> Self {
        let element = match client.find(locator).await {
            Ok(element) => element,
            Err(error) => {
                let page = client.source().await.unwrap_or_default();
                panic!("no {locator:?}: {error}\n{page}");
            }
        };
        Self {
            client,
            locator,
            element,
        }
    }

    pub(crate) async fn text(&self) -> String {
        self.fresh(async |it| it.text().await).await
    }

    pub(crate) async fn prop(&self, name: &str) -> Option<String> {
        self.fresh(async |it| it.prop(name).await).await
    }

    pub(crate) async fn attr(&self, name: &str) -> Option<String> {
        self.fresh(async |it| it.attr(name).await).await
    }

    pub(crate) async fn is_enabled(&self) -> bool {
        self.fresh(async |it| it.is_enabled().await).await
    }

    /// The place in the viewport: x, y, width and height, in CSS pixels.
    pub(crate) async fn rectangle(&self) -> (f64, f64, f64, f64) {
        self.fresh(async |it| it.rectangle().await).await
    }

    /// Clicks. A page sends a form only once it knows that the user is still signed in.
    pub(crate) async fn click(&self) {
        self.fresh(async |it| it.click().await).await;
        // An error means that the page is being replaced, so the form was sent.
        let sent = "const done = arguments[0]; \
            const look = () => document.querySelector('form[aria-busy]') ? setTimeout(look, 5) : done(); look()";
        drop(self.client.execute_async(sent, Vec::new()).await);
    }

    /// Types at the end of the content.
    pub(crate) async fn send_keys(&self, keys: &str) {
        self.fresh(async |it| it.send_keys(keys).await).await;
    }

    /// Replaces the content at once, as a paste does: a key for each character would take longer than all else in these
    /// tests. Returns whether the element had the focus.
    pub(crate) async fn fill(&self, text: &str) -> bool {
        let select = "const [it] = arguments; const had = document.activeElement === it; \
            it.focus(); it.select(); return had";
        let fill = async |it: &Element| {
            let had_focus = self.client.execute(select, vec![serde_json::to_value(it)?]);
            let had_focus = had_focus.await? == true;
            if text.is_empty() {
                it.clear().await?;
            } else {
                let insert = DevTools::new("Input.insertText", json!({ "text": text }));
                self.client.issue_cmd(insert).await?;
            }
            Ok(had_focus)
        };
        self.fresh(fill).await
    }

    pub(crate) async fn select_by_value(&self, value: &str) {
        self.fresh(async |it| it.select_by_value(value).await).await;
    }

    pub(crate) async fn select_by_index(&self, index: usize) {
        self.fresh(async |it| it.select_by_index(index).await).await;
    }

    /// Runs an operation on the element. If the element is stale, looks it up again and repeats the operation.
    async fn fresh<T>(&self, operation: impl AsyncFn(&Element) -> Result<T, CmdError>) -> T {
        let mut element = self.element.clone();
        loop {
            match operation(&element).await {
                Ok(result) => return result,
                Err(error) if error.is_stale_element_reference() => {
                    element = Self::by(self.client, self.locator).await.element;
                }
                Err(error) => panic!("{:?}: {error}", self.locator),
            }
        }
    }
}
