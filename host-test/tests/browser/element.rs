//! An element of the page. If the page or a part of it was replaced meanwhile, the element is looked up again.

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};

use crate::page;

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

    /// Clicks, and waits until a form is sent.
    pub(crate) async fn click(&self) {
        page::click(self.client, self.locator).await;
    }

    /// Types at the end of the content.
    pub(crate) async fn send_keys(&self, keys: &str) {
        self.fresh(async |it| it.send_keys(keys).await).await;
    }

    pub(crate) async fn select_by_index(&self, index: usize) {
        page::choose_at(self.client, self.locator, index).await;
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
