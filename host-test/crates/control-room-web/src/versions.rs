//! The versions of a bot: who changed what and when, and restoring one.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, PreEscaped, html};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use similar::{DiffOp, DiffTag, TextDiff};

use super::app::App;
use super::document::Document;
use super::extract::{Path, Query};
use super::failure::Failure;
use super::forms::FormData;
use super::layout::{form_token, page};
use super::lists::ListQuery;
use super::messages;
use super::moments;
use super::user_session::SignedIn;
use bot_engine::Language;
use control_room::bots::{BotsError, Save, Version};

/// The versions on a page: each is read as a whole, to say what it changed.
const VERSIONS: u32 = 10;

/// After this time, the rest of two files counts as different.
const DIFF_TIMEOUT: Duration = Duration::from_millis(50);

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    let mut query = query.of_size(VERSIONS);
    let bots = app.store.bots(&user.account);
    let bot = bots.get(&id).await?;
    let (found, before) = loop {
        // With the one before the oldest of the page, which that one is compared with.
        let mut some = bots.versions(&id, query.offset(), VERSIONS + 1).await?;
        let before = (some.items.len() > VERSIONS as usize)
            .then(|| some.items.pop())
            .flatten();
        if let Some(found) = query.page_of(some.items, some.total) {
            break (found, before);
        }
    };
    let frame = user.session.frame(&app);
    let language = frame.language;
    let place = format!("/bots/{id}");
    let files: Vec<_> = found.rows.iter().chain(&before).map(parsed).collect();
    let earlier = (1..).map(|at| files.get(at));
    let main = html! {
        div.bar {
            h1 { (messages::versions_of(language, &bot.summary.name)) }
            a.button #edit href=(place) { (messages::back_to_editor(language)) }
        }
        p.soft { (messages::versions_advice(language)) }
        table.list {
            thead { tr {
                th scope="col" { (messages::version_saved(language)) }
                th scope="col" { (messages::version_by(language)) }
                th scope="col" { (messages::version_changes(language)) }
            } }
            tbody {
                @for ((version, file), earlier) in found.rows.iter().zip(&files).zip(earlier) {
                    @let is_current = version.number == bot.summary.version;
                    tr {
                        th.when scope="row" {
                            a href={ (place) "/versions/" (version.number) } { (moments::date_and_time(version.saved)) }
                            @if is_current { " " (messages::version_current(language)) }
                        }
                        td { (version.saved_by) }
                        td { (changes(earlier, file, language)) }
                    }
                }
            }
        }
        (found.paging(&frame, &format!("{place}/versions"), &[]))
    };
    Ok(page(&frame, messages::versions(language), main))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path((id, number)): Path<(String, i64)>,
) -> Result<Markup, Failure> {
    let bots = app.store.bots(&user.account);
    let bot = bots.get(&id).await?;
    let version = bots.version(&id, number).await?;
    let frame = user.session.frame(&app);
    let language = frame.language;
    // Parts of messages, as markup.
    let saved = moments::date_and_time(version.saved).into_string();
    let name = html! { (bot.summary.name) }.into_string();
    let (then, now) = (version.file.expose_secret(), bot.file.as_str());
    let [old, new] = marked(then, now);
    let side = |id: &str, title: &Markup, file: &Markup| {
        html! { div { h2 id=(id) { (title) } pre tabindex="0" role="region" aria-labelledby=(id) { (file) } } }
    };
    let main = html! {
        div.bar {
            h1 { (PreEscaped(messages::version_of(language, &saved, &name))) }
            @if then != now {
                form.inline method="post" action={ "/bots/" (id) "/versions/" (number) } {
                    (form_token(&frame))
                    input type="hidden" name="version" value=(bot.summary.version);
                    button.primary #restore { (messages::restore(language)) }
                }
            }
            a.button href={ "/bots/" (id) "/versions" } { (messages::all_versions(language)) }
        }
        p.soft {
            @if then == now { (messages::version_is_current(language)) } @else { (messages::restore_advice(language)) }
        }
        div.versions {
            (side("then", &PreEscaped(messages::version_then(language, &saved)), &old))
            (side("now", &html! { (messages::version_now(language)) }, &new))
        }
    };
    Ok(page(&frame, messages::versions(language), main))
}

#[derive(Deserialize)]
pub(super) struct Restore {
    /// The version that the user has seen as the current one.
    version: i64,
}

/// Saves the file of a version as the current one. A bot that was changed since the user looked at it is shown again.
pub(super) async fn restore(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path((id, number)): Path<(String, i64)>,
    FormData(Restore { version: seen }): FormData<Restore>,
) -> Result<Redirect, Failure> {
    let bots = app.store.bots(&user.account);
    let version = bots.version(&id, number).await?;
    let file = version.file.expose_secret();
    let document = Document::parse(file).map_err(|_| Failure::Broken)?;
    let saved = bots.save(&id, seen, &document.name, file, Save::InPlace);
    Ok(Redirect::to(&match saved.await {
        Ok(_) => format!("/bots/{id}"),
        Err(BotsError::Changed(_)) => format!("/bots/{id}/versions/{number}"),
        Err(other) => return Err(other.into()),
    }))
}

fn parsed(version: &Version) -> Value {
    serde_json::from_str(version.file.expose_secret()).unwrap_or_default()
}

/// What a version changed, in words.
fn changes(before: Option<&Value>, after: &Value, language: Language) -> String {
    let Some(before) = before else {
        return messages::version_is_first(language).into();
    };
    let mut changes = Vec::new();
    if before["name"] != after["name"] {
        let name = after["name"].as_str().unwrap_or_default();
        changes.push(messages::version_renamed(language, name));
    }
    let steps = |file: &Value| file["steps"].as_array().cloned().unwrap_or_default();
    let (old, new) = (steps(before), steps(after));
    let (start, end) = common_ends(&old, &new);
    let (old, new) = (old.len() - start - end, new.len() - start - end);
    let changed = old.min(new);
    match changed {
        0 => {}
        1 => changes.push(messages::version_step_changed(language, start + 1)),
        _ => changes.push(messages::version_steps_changed(
            language,
            start + 1,
            start + changed,
        )),
    }
    match new.saturating_sub(old) {
        0 => {}
        1 => changes.push(messages::version_step_added(language, start + changed + 1)),
        added => changes.push(messages::version_steps_added(language, added)),
    }
    match old.saturating_sub(new) {
        0 => {}
        1 => changes.push(messages::version_step_removed(language).into()),
        removed => changes.push(messages::version_steps_removed(language, removed)),
    }
    if !changes.is_empty() {
        return changes.join(", ");
    }
    if before == after {
        messages::version_same(language).into()
    } else {
        messages::version_other(language).into()
    }
}

/// How many elements two lists have in common at the beginning, and behind these at the end.
fn common_ends<T: PartialEq>(one: &[T], other: &[T]) -> (usize, usize) {
    let same = |(one, other): &(&T, &T)| one == other;
    let start = one.iter().zip(other).take_while(same).count();
    let ends = one[start..].iter().rev().zip(other[start..].iter().rev());
    (start, ends.take_while(same).count())
}

/// Two files, with the lines that differ marked.
fn marked(one: &str, other: &str) -> [Markup; 2] {
    let diff = TextDiff::configure()
        .timeout(DIFF_TIMEOUT)
        .diff_lines(one, other);
    let side = |lines: &[&str], range: fn(&DiffOp) -> Range<usize>| {
        html! {
            @for op in diff.ops() {
                @let text = lines[range(op)].concat();
                @if op.tag() == DiffTag::Equal || text.is_empty() { (text) } @else { mark { (text) } }
            }
        }
    };
    [
        side(diff.old_slices(), DiffOp::old_range),
        side(diff.new_slices(), DiffOp::new_range),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(file: &str) -> Value {
        serde_json::from_str(file).unwrap()
    }

    #[test]
    fn a_version_says_what_it_changed() {
        let bot = |name: &str, steps: &str| {
            version(&format!(r#"{{"name": "{name}", "steps": [{steps}]}}"#))
        };
        let two = bot("Bot", "1, 2");
        for (after, expected) in [
            (bot("Bot", "1, 2"), "nothing"),
            (bot("New", "1, 2"), "renamed to “New”"),
            (bot("Bot", "1, 3"), "step 2 changed"),
            (bot("Bot", "3, 4"), "steps 1 to 2 changed"),
            (bot("Bot", "1, 3, 2"), "step 2 added"),
            (bot("Bot", "1, 3, 4, 2"), "2 steps added"),
            (bot("Bot", "2"), "1 step removed"),
            (bot("Bot", ""), "2 steps removed"),
            (
                bot("New", "1, 3, 4"),
                "renamed to “New”, step 2 changed, step 3 added",
            ),
            (
                version(r#"{"name": "Bot", "steps": [1, 2], "description": "new"}"#),
                "description, variables or settings",
            ),
        ] {
            assert_eq!(changes(Some(&two), &after, Language::English), expected);
        }
        assert_eq!(changes(None, &two, Language::English), "oldest version");
    }

    #[test]
    fn the_lines_that_differ_are_marked() {
        let [one, other] = marked("a\nb\nc\nd\n", "a\nx\nc\nd\n&\n").map(Markup::into_string);
        assert_eq!(one, "a\n<mark>b\n</mark>c\nd\n");
        assert_eq!(other, "a\n<mark>x\n</mark>c\nd\n<mark>&amp;\n</mark>");
        let [one, other] = marked("a\na\n", "a\n").map(Markup::into_string);
        assert_eq!(
            (one.as_str(), other.as_str()),
            ("a\n<mark>a\n</mark>", "a\n")
        );
    }
}
