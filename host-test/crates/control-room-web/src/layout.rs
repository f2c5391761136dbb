//! The layout of all pages: head, navigation, language switch.

use maud::{DOCTYPE, Markup, html};

use super::assets;
use super::form_token::FIELD;
use super::language::own_name;
use super::messages;
use super::simulation;
use bot_engine::Language;
use control_room::Name;

/// What the layout needs to know of a request.
pub(super) struct Frame<'a> {
    pub(super) language: Language,
    /// The signed-in user.
    pub(super) user: Option<&'a Name>,
    pub(super) form_token: String,
    /// The path and query of the page.
    pub(super) path: &'a str,
    pub(super) simulation: bool,
    /// Whether the user is an administrator.
    pub(super) administrator: bool,
}

/// A page.
pub(super) fn page(frame: &Frame<'_>, title: &str, main: Markup) -> Markup {
    page_with(frame, title, "", main)
}

/// A page with a script of its own, one of the assets.
#[expect(
    clippy::needless_pass_by_value,
    reason = "every caller makes it for this page"
)]
pub(super) fn page_with(frame: &Frame<'_>, title: &str, script: &str, main: Markup) -> Markup {
    let language = frame.language;
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Control Room" }
                link rel="stylesheet" href=(assets::url(assets::STYLE));
                link rel="stylesheet" href=(assets::url(assets::STYLE_OF_MANAGING));
                link rel="icon" href=(assets::url(assets::ICON)) type="image/svg+xml";
                script type="module" src=(assets::url(assets::TIMES)) {}
                @if frame.user.is_some() { script type="module" src=(assets::url(assets::SESSION)) {} }
                @if !script.is_empty() { script type="module" src=(assets::url(script)) {} }
            }
            body {
                a.skip href="#main" { (messages::skip(language)) }
                header.top { (header(frame)) }
                @if let Some(user) = frame.user {
                    p.notice #signed-out role="status" data-user=(user) hidden {
                        (messages::no_longer_signed_in(language, user)) " "
                        a href="/sign-in" target="_blank" { (messages::sign_in(language)) }
                    }
                }
                main #main tabindex="-1" { (main) }
            }
        }
    }
}

fn header(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let current = |section: &str| frame.path.starts_with(section).then_some("true");
    html! {
        a.brand href="/bots" { "Control Room" }
        @if frame.simulation && frame.administrator {
            a.simulation href=(simulation::LINK) { (messages::simulation(language)) }
        } @else if frame.simulation {
            span.simulation { (messages::simulation(language)) }
        }
        @if frame.user.is_some() {
            nav aria-label=(messages::navigation(language)) {
                a href="/bots" aria-current=[current("/bots")] { (messages::bots(language)) }
                a href="/runs" aria-current=[current("/runs")] { (messages::runs(language)) }
                a href="/credentials" aria-current=[current("/credentials")] { (messages::credentials(language)) }
                a href="/connections" aria-current=[current("/connections")] { (messages::connections(language)) }
                @if frame.administrator {
                    a href="/users" aria-current=[current("/users")] { (messages::users(language)) }
                }
                a href="/learn" aria-current=[current("/learn")] { (messages::learn(language)) }
            }
        }
        div.aside {
            form.inline method="post" action="/language" {
                (form_token(frame))
                input type="hidden" name="place" value=(frame.path);
                @for language in Language::ALL.into_iter().filter(|it| *it != language) {
                    button.quiet #language name="language" value=(language.tag()) lang=(language.tag()) {
                        (own_name(language))
                    }
                }
            }
            @if let Some(user) = frame.user {
                span.user { (user) }
                form.inline method="post" action="/sign-out" {
                    (form_token(frame))
                    button.quiet #sign-out { (messages::sign_out(language)) }
                }
            }
        }
    }
}

/// The hidden field with the form token, which every form has.
pub(super) fn form_token(frame: &Frame<'_>) -> Markup {
    html! { input type="hidden" name=(FIELD) value=(frame.form_token); }
}

/// The error below a field.
pub(super) fn field_error(id: &str, error: Option<&str>) -> Markup {
    html! {
        @if let Some(error) = error { p.error #(id) role="alert" { (error) } }
    }
}
