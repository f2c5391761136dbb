//! The layout of the admin pages, and fields that several of them have.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use secrecy::ExposeSecret;

use super::messages::Language;
use super::session::{FORM_TOKEN, PageContext};
use super::{ADMIN_PATH, LANGUAGE, PEOPLE, SCRIPT, SIGN_OUT, STYLE};

/// A whole page.
#[expect(
    clippy::needless_pass_by_value,
    reason = "every caller makes it for this page"
)]
pub(super) fn page(context: &PageContext, title: &str, main: Markup) -> Markup {
    let language = context.language;
    html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – embedded Genesys Cloud" }
                link rel="stylesheet" href=(STYLE);
                script type="module" src=(SCRIPT) {}
            }
            body {
                a.skip href="#main" { (language.skip()) }
                header.top { (header(context)) }
                main #main tabindex="-1" {
                    p.notice #simulation { (language.simulation()) }
                    (main)
                }
            }
        }
    }
}

fn header(context: &PageContext) -> Markup {
    let language = context.language;
    let current = |path: &str| context.path.starts_with(path).then_some("true");
    html! {
        span.brand { "Genesys Cloud" }
        @if context.admin.is_some() {
            nav aria-label=(language.pages()) {
                a href=(ADMIN_PATH) aria-current=[current(ADMIN_PATH)] { "OAuth" }
                a href=(PEOPLE) aria-current=[current(PEOPLE)] { (language.people()) }
            }
        }
        @if !context.form_token.expose_secret().is_empty() {
            div.aside {
                form.inline method="post" action=(LANGUAGE) {
                    (form_token(context))
                    input type="hidden" name="path" value=(context.path);
                    @for other in Language::ALL.into_iter().filter(|other| *other != language) {
                        button.quiet #language name="language" value=(other.code()) lang=(other.code()) {
                            (other.own_name())
                        }
                    }
                }
                @if let Some(admin) = &context.admin {
                    span.user { (admin.name) }
                    form.inline method="post" action=(SIGN_OUT) {
                        (form_token(context))
                        button.quiet #sign-out { (language.sign_out()) }
                    }
                }
            }
        }
    }
}

/// The hidden field that every form has.
pub(super) fn form_token(context: &PageContext) -> Markup {
    html! { input type="hidden" name=(FORM_TOKEN) value=(context.form_token.expose_secret()); }
}

/// The error of a field, below it.
pub(super) fn field_error(id: &str, error: Option<&str>) -> Markup {
    html! { @if let Some(error) = error { p.error id=(id) role="alert" { (error) } } }
}

/// A read-only field with a button that copies it.
pub(super) fn copy_field(language: Language, id: &str, label: &str, value: &str) -> Markup {
    html! {
        label for=(id) { (label) }
        div.copy {
            input id=(id) value=(value) readonly spellcheck="false";
            button type="button" data-copy=(id) data-copied=(language.copied())
                aria-label={ (language.copy()) ": " (label) } { (language.copy()) }
        }
    }
}

impl PageContext {
    /// An error page.
    pub(super) fn error(&self, status: StatusCode, message: &str) -> Response {
        let title = self.language.error_title();
        let main = html! {
            div.narrow.card { h1 { (title) } p #problem role="alert" { (message) } }
        };
        (status, page(self, title, main)).into_response()
    }

    pub(super) fn not_found(&self) -> Response {
        self.error(StatusCode::NOT_FOUND, self.language.not_found())
    }

    pub(super) fn malformed(&self) -> Response {
        self.error(StatusCode::BAD_REQUEST, self.language.malformed())
    }
}
