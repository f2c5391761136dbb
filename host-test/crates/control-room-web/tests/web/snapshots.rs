//! What the main pages say, in both languages: a change of a text, a label or a heading shows in a diff.

use std::fmt::Write as _;

use crate::routes::{ROUTES, Route, fixture};

/// The texts in the main part of a page, one line each. Numbers are mostly times, ports and identifiers.
fn texts(html: &str) -> String {
    let (_, main) = html.split_once("<main").unwrap();
    let mut lines = String::new();
    for (_, text) in main.split('<').filter_map(|piece| piece.split_once('>')) {
        let words: Vec<_> = text.split_whitespace().map(hide_number).collect();
        if !words.is_empty() {
            writeln!(lines, "  {}", words.join(" ")).unwrap();
        }
    }
    lines
}

fn hide_number(word: &str) -> &str {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let is_number = digits > 1 || digits == word.len();
    if is_number { "#" } else { word }
}

async fn pages_in(language: &str) -> String {
    let mut fixture = fixture().await;
    let ids = fixture.ids();
    let mut pages = String::new();
    // The guides are documents.
    let is_shown = |route: &&Route| route.is_page() && route.at != "/learn/{guide}";
    for route in ROUTES.iter().filter(is_shown) {
        let client = fixture.client_for(route);
        client.with("accept-language", language);
        let answer = route.ask(client, &ids).await;
        let kind = answer.header("content-type").unwrap_or_default();
        if answer.status == 200 && kind.starts_with("text/html") {
            writeln!(pages, "{}\n{}", route.at, texts(&answer.body)).unwrap();
        }
    }
    pages
}

#[tokio::test]
async fn pages_in_english() {
    insta::assert_snapshot!(pages_in("en").await);
}

#[tokio::test]
async fn pages_in_german() {
    insta::assert_snapshot!(pages_in("de").await);
}
