//! The guides, as pages. They are the documents in `docs`, except the reference of the actions: that has those of this
//! Control Room, in the reader's language.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use super::app::App;
use super::extract::Path;
use super::failure::Failure;
use super::layout::page;
use super::messages;
use super::user_session::SignedIn;
use bot_engine::{Language, reference};

/// The address of the guides, which leads to the first one.
pub(super) const PATH: &str = "/learn";

const DESIGNERS: &str = "designers";
const REFERENCE: &str = "bot-file";
const OPERATORS: &str = "operators";

/// The address of what the reference says of an action.
pub(super) fn section(action: &str) -> String {
    format!("{PATH}/{REFERENCE}#{}", slug(action))
}

pub(super) async fn first(_: SignedIn) -> Redirect {
    Redirect::to(&format!("{PATH}/{DESIGNERS}"))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(name): Path<String>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(&app);
    let language = frame.language;
    let guides = [
        (DESIGNERS, messages::guide_for_designers(language)),
        (REFERENCE, messages::guide_to_bot_files(language)),
        (OPERATORS, messages::guide_for_operators(language)),
    ];
    let Some((_, title)) = guides.iter().find(|(guide, _)| *guide == name) else {
        return Err(Failure::NotFound);
    };
    let (markdown, written_in): (Cow<'_, str>, _) = match (&*name, language) {
        (DESIGNERS, Language::English) => {
            (include_str!("../../../docs/designers.md").into(), language)
        }
        (DESIGNERS, Language::German) => (
            include_str!("../../../docs/designers.de.md").into(),
            language,
        ),
        (REFERENCE, _) => (
            reference(app.catalogue.forms(language), language).into(),
            language,
        ),
        _ => (
            include_str!("../../../docs/operators.md").into(),
            Language::English,
        ),
    };
    let main = html! {
        ul.guides {
            @for (guide, title) in guides {
                li {
                    a href={ (PATH) "/" (guide) } aria-current=[(guide == name).then_some("page")] { (title) }
                }
            }
        }
        article.guide.card lang=(written_in.tag()) { (PreEscaped(as_html(&markdown))) }
    };
    Ok(page(&frame, title, main))
}

/// A guide as HTML. Markup in it is shown as text, pictures are left out, and links lead to other guides or out with https.
fn as_html(markdown: &str) -> String {
    // The page has a switch for this.
    let is_about_language =
        |line: &&str| line.starts_with("*Auf Deutsch: ") || line.starts_with("*In English: ");
    let lines: Vec<_> = markdown
        .lines()
        .filter(|line| !is_about_language(line))
        .collect();
    let markdown = lines.join("\n");
    let events: Vec<_> = Parser::new_ext(&markdown, Options::ENABLE_TABLES).collect();
    let mut shown = Vec::new();
    let mut open_links = Vec::new();
    let mut pictures = 0;
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Image { .. }) => pictures += 1,
            Event::End(TagEnd::Image) => pictures -= 1,
            _ if pictures > 0 => {}
            Event::Html(text) | Event::InlineHtml(text) => shown.push(Event::Text(text.clone())),
            Event::Start(Tag::Heading { level, .. }) => {
                shown.push(Event::Start(Tag::Heading {
                    level: *level,
                    id: Some(slug(&text_of_heading(&events[at..])).into()),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let address = address(dest_url);
                open_links.push(address.is_some());
                shown.extend(address.map(|dest_url| {
                    Event::Start(Tag::Link {
                        link_type: *link_type,
                        dest_url,
                        title: title.clone(),
                        id: id.clone(),
                    })
                }));
            }
            Event::End(TagEnd::Link) => {
                if open_links.pop() == Some(true) {
                    shown.push(event.clone());
                }
            }
            other => shown.push(other.clone()),
        }
    }
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, shown.into_iter());
    html.replace("<p></p>\n", "")
}

/// Where a link of a document leads on the pages; `None` if that is not there.
fn address(target: &str) -> Option<CowStr<'static>> {
    if target.starts_with('#') || target.starts_with("https://") {
        return Some(target.to_owned().into());
    }
    let (file, section) = target.split_once('#').unwrap_or((target, ""));
    let guide = match file {
        "designers.md" | "designers.de.md" => DESIGNERS,
        "bot-file.md" => REFERENCE,
        "operators.md" => OPERATORS,
        _ => return None,
    };
    let hash = if section.is_empty() { "" } else { "#" };
    Some(format!("{guide}{hash}{section}").into())
}

fn text_of_heading(events: &[Event<'_>]) -> String {
    let inside = events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let texts = inside.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        _ => None,
    });
    texts.collect()
}

/// The anchor of a heading, as GitHub makes it.
fn slug(heading: &str) -> String {
    let letters = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        _ if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
        _ => None,
    });
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_as_text_and_only_guides_and_https_are_linked() {
        let html = as_html(
            "*In English: [x](x.md)*\n\na <script>1</script> <b>b</b> ![c](c.png) [d](javascript:1) [e](../e.md)\n\n\
             ![f](f.png)\n\n[g](operators.md#g) [h](https://h.example/) [i](//evil.example)",
        );
        let expected = "<p>a &lt;script&gt;1&lt;/script&gt; &lt;b&gt;b&lt;/b&gt;  d e</p>\n\
            <p><a href=\"operators#g\">g</a> <a href=\"https://h.example/\">h</a> i</p>\n";
        assert_eq!(html, expected);
    }

    #[test]
    fn headings_have_the_anchors_of_the_documents() {
        let html = as_html("## The bot's `own` – session\n\n## `genesys/api-request`");
        assert!(html.contains("<h2 id=\"the-bots-own--session\">"), "{html}");
        assert!(section("genesys/api-request").ends_with("#genesysapi-request"));
        assert!(html.contains("<h2 id=\"genesysapi-request\">"), "{html}");
    }
}
