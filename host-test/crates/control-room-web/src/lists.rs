//! Lists with search and pagination.

use maud::{Markup, html};
use serde::Deserialize;

use super::layout::Frame;
use super::messages;
use bot_engine::Language;

/// The rows of a page.
pub(super) const PAGE_SIZE: u32 = 50;

/// The longest search text, in characters.
const MAX_SEARCH: usize = 100;

/// The search and the page number, in the query.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    search: String,
    /// Counted from 1.
    #[serde(default)]
    page: u32,
    /// The most rows of a page.
    #[serde(skip, default = "page_size")]
    size: u32,
}

fn page_size() -> u32 {
    PAGE_SIZE
}

impl ListQuery {
    /// The first page of the whole list.
    pub(super) fn all() -> Self {
        Self {
            search: String::new(),
            page: 1,
            size: PAGE_SIZE,
        }
    }

    /// A page of a search.
    pub(super) fn new(search: String, page: u32) -> Self {
        Self {
            search,
            page,
            size: PAGE_SIZE,
        }
    }

    /// The same with shorter pages.
    pub(super) fn of_size(self, size: u32) -> Self {
        Self { size, ..self }
    }

    pub(super) fn search(&self) -> String {
        self.search.chars().take(MAX_SEARCH).collect()
    }

    /// The number of rows before the page.
    pub(super) fn offset(&self) -> u32 {
        (self.page.max(1) - 1).saturating_mul(self.size)
    }

    /// The page with these rows, found by [`Self::search`] and [`Self::offset`], of `total` rows. `None` if the list has
    /// become shorter: the query then continues with its last page.
    pub(super) fn page_of<T>(&mut self, rows: Vec<T>, total: u64) -> Option<ListPage<T>> {
        if rows.is_empty() && total > 0 {
            self.page = u32::try_from(total.div_ceil(self.size.into())).unwrap_or(1);
            return None;
        }
        Some(ListPage {
            rows,
            total,
            page: self.page.max(1),
            size: self.size,
            search: self.search(),
        })
    }
}

/// A page of a list.
pub(super) struct ListPage<T> {
    pub(super) rows: Vec<T>,
    pub(super) total: u64,
    page: u32,
    size: u32,
    search: String,
}

impl<T> ListPage<T> {
    /// The position in the list, and links to the pages beside. `path` with `pairs` is the URL of the list.
    pub(super) fn paging(&self, frame: &Frame<'_>, path: &str, pairs: &[(&str, &str)]) -> Markup {
        let language = frame.language;
        let before = u64::from(self.page - 1) * u64::from(self.size);
        let last = before + self.rows.len() as u64;
        let position = if last - before == self.total {
            messages::in_all(language, self.total)
        } else {
            messages::counted(language, before + 1, last, self.total)
        };
        let at = |page: u32| {
            let page = page.to_string();
            let mut all = pairs.to_vec();
            if !self.search.is_empty() {
                all.push(("search", &self.search));
            }
            all.push(("page", &page));
            url(path, &all)
        };
        html! {
            nav.paging aria-label=(messages::pages(language)) {
                span { (position) }
                @if self.page > 1 { a.button rel="prev" href=(at(self.page - 1)) { (messages::previous(language)) } }
                @if last < self.total { a.button rel="next" href=(at(self.page + 1)) { (messages::next(language)) } }
            }
        }
    }
}

/// The text in place of an empty list: `empty`, or that the search found nothing.
pub(super) fn empty_list(language: Language, search: &str, empty: &str) -> Markup {
    html! {
        p.empty { @if search.is_empty() { (empty) } @else { (messages::list_empty_search(language)) } }
    }
}

/// The search field of a list. `pairs` are the other parameters of the list's URL.
pub(super) fn search_form(
    frame: &Frame<'_>,
    label: &str,
    path: &str,
    pairs: &[(&str, &str)],
    search: &str,
) -> Markup {
    let language = frame.language;
    html! {
        form.search role="search" method="get" action=(path) {
            @for (name, value) in pairs { input type="hidden" name=(name) value=(value); }
            input #search name="search" type="search" value=(search) aria-label=(label) placeholder=(label)
                maxlength=(MAX_SEARCH);
            button { (messages::search(language)) }
        }
    }
}

/// A URL with an encoded query. Names go into the query: in a path, a name such as `..` would be the folder above.
pub(super) fn url(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}
