//! The guides among the pages.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::ControlRoom;

/// What stands between two texts, everywhere.
fn all_between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let pieces = text.split(before).skip(1);
    pieces.map(|it| it.split(after).next().unwrap()).collect()
}

#[tokio::test]
async fn every_link_of_the_guides_leads_to_a_heading_of_a_guide_in_both_languages() {
    let room = ControlRoom::start().await;
    for (language, title) in [
        ("en", "<h1 id=\"guide-for-bot-designers\">"),
        ("de", "<h1 id=\"anleitung-für-bot-designer\">"),
    ] {
        let mut ada = room.signed_in("ada").await;
        ada.with("accept-language", language);
        let start = ada.get("/learn").await;
        assert_eq!(start.header("location"), Some("/learn/designers"));
        let mut anchors = BTreeMap::new();
        let mut links = Vec::new();
        for guide in ["designers", "bot-file", "operators"] {
            let page = ada.get(&format!("/learn/{guide}")).await;
            assert_eq!(page.status, 200);
            let ids = all_between(&page.body, " id=\"", "\"");
            let unique: BTreeSet<_> = ids.iter().map(|id| (*id).to_owned()).collect();
            assert_eq!(ids.len(), unique.len(), "{guide}: {ids:?}");
            let (_, article) = page.body.split_once("<article").unwrap();
            assert!(!article.contains("<img"), "{article}");
            let found = all_between(article, "href=\"", "\"").into_iter();
            links.extend(found.map(|link| (guide, link.to_owned())));
            anchors.insert(guide, unique);
            if guide == "designers" {
                assert!(article.contains(title), "{article}");
            }
        }
        assert!(links.len() >= 10, "{links:?}");
        for (guide, link) in &links {
            if link.starts_with("https://") {
                continue;
            }
            let (target, section) = link.split_once('#').unwrap_or((link, "main"));
            let target = if target.is_empty() { guide } else { target };
            let section = percent_encoding::percent_decode_str(section).decode_utf8();
            assert!(
                anchors[target].contains(&*section.unwrap()),
                "{guide}: {link}"
            );
        }
    }
    assert_eq!(
        room.signed_in("bob")
            .await
            .get("/learn/nothing")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_reference_has_the_section_that_each_form_links_to_in_the_readers_language() {
    let room = ControlRoom::start().await;
    for (language, field) in [("en", "<th>required</th>"), ("de", "<th>erforderlich</th>")] {
        let mut ada = room.signed_in("ada").await;
        ada.with("accept-language", language);
        let bot = ada.create("Hello").await;
        let editor = ada.get(&bot).await.body;
        let reference = ada.get("/learn/bot-file").await.body;
        let sections = all_between(&editor, "/learn/bot-file#", "&quot;");
        assert!(sections.contains(&"genesysapi-request"), "{sections:?}");
        for section in sections {
            let heading = format!("<h2 id=\"{section}\">");
            assert!(reference.contains(&heading), "{section}");
        }
        assert!(reference.contains(field), "{reference}");
    }
}
