//! Long lists: searched, and shown a page at a time.

use maud::{Markup, html};
use serde::Deserialize;

use super::layout::Frame;
use super::messages;
use bot_engine::Language;

/// How many rows a page shows.
pub(super) const SHOWN: u32 = 50;

/// The longest text that is searched for, in characters.
const MAX_SEARCH: usize = 100;

/// What of a list is asked for, in an address.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    search: String,
    /// The first one is 1.
    #[serde(default)]
    page: u32,
}

impl Asked {
    /// The beginning of the whole list.
    pub(super) fn all() -> Asked {
        Asked {
            search: String::new(),
            page: 1,
        }
    }

    pub(super) fn search(&self) -> String {
        self.search.chars().take(MAX_SEARCH).collect()
    }

    /// How many rows stand before the page.
    pub(super) fn offset(&self) -> u32 {
        (self.page.max(1) - 1).saturating_mul(SHOWN)
    }

    /// The page, of rows that were looked for with [`Asked::search`] and [`Asked::offset`], and how many there are in
    /// all. None where the list has become shorter than that: then the last page is asked for from now on.
    pub(super) fn found<T>(&mut self, rows: Vec<T>, total: u64) -> Option<Found<T>> {
        if rows.is_empty() && total > 0 {
            self.page = u32::try_from(total.div_ceil(SHOWN.into())).unwrap_or(1);
            return None;
        }
        Some(Found {
            rows,
            total,
            page: self.page.max(1),
            search: self.search(),
        })
    }
}

/// A page of a list.
pub(super) struct Found<T> {
    pub(super) rows: Vec<T>,
    pub(super) total: u64,
    page: u32,
    search: String,
}

impl<T> Found<T> {
    /// Where one is in the list, and the ways to the pages beside. `path` with `pairs` is the list's address.
    pub(super) fn paging(&self, frame: &Frame<'_>, path: &str, pairs: &[(&str, &str)]) -> Markup {
        let language = frame.language;
        let before = u64::from(self.page - 1) * u64::from(SHOWN);
        let last = before + self.rows.len() as u64;
        let counted = match last - before == self.total {
            true => messages::in_all(language, self.total),
            false => messages::counted(language, before + 1, last, self.total),
        };
        let at = |page: u32| {
            let page = page.to_string();
            let mut all = pairs.to_vec();
            if !self.search.is_empty() {
                all.push(("search", &self.search));
            }
            all.push(("page", &page));
            place(path, &all)
        };
        html! {
            nav.paging aria-label=(messages::pages(language)) {
                span { (counted) }
                @if self.page > 1 { a.button rel="prev" href=(at(self.page - 1)) { (messages::previous(language)) } }
                @if last < self.total { a.button rel="next" href=(at(self.page + 1)) { (messages::next(language)) } }
            }
        }
    }
}

/// What a page shows in place of an empty list: `empty`, or that the search found nothing.
pub(super) fn empty_list(language: Language, search: &str, empty: &str) -> Markup {
    html! {
        p.empty { @if search.is_empty() { (empty) } @else { (messages::list_empty_search(language)) } }
    }
}

/// The field to search a list with. `pairs` are what else the list's address has.
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

/// An address with a query, whatever is in it. Names stand in queries: in a path, `..` would be the folder above.
pub(super) fn place(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}
