//! *Add client*: the form with the fields that Genesys Cloud asks for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::messages;
use super::{CLIENT, CLIENTS, MOST, Manager, NEW, page};
use crate::app::App;
use crate::failure::Failure;
use crate::forms::Sent;
use crate::layout::{field_error, form_token};
use crate::lists::place;
use genesys_sim::{AddClientError, DEFAULT_TOKEN_DURATION, GrantType, OAuthClient, Region};

/// The longest app name, in characters.
const MAX_APP_NAME: usize = 200;

/// The region that is proposed: Frankfurt, as in the documentation's examples.
const PROPOSED_REGION: &str = "mypurecloud.de";

/// The form, as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Typed {
    app_name: String,
    duration: String,
    code: Option<String>,
    client_credentials: Option<String>,
    redirect_uris: String,
    region: String,
}

impl Typed {
    fn new() -> Typed {
        Typed {
            app_name: String::new(),
            duration: DEFAULT_TOKEN_DURATION.to_string(),
            code: None,
            client_credentials: None,
            redirect_uris: String::new(),
            region: PROPOSED_REGION.into(),
        }
    }

    fn redirect_uris(&self) -> Vec<String> {
        let lines = self.redirect_uris.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .map(Into::into)
            .collect()
    }

    fn grant_types(&self) -> Vec<GrantType> {
        let ticked = [
            (&self.client_credentials, GrantType::ClientCredentials),
            (&self.code, GrantType::AuthorizationCode),
        ];
        let ticked = ticked.into_iter().filter(|(value, _)| value.is_some());
        ticked.map(|(_, grant)| grant).collect()
    }
}

/// What is wrong with what was typed.
#[derive(Default)]
struct Wrong {
    app_name: Option<&'static str>,
    duration: Option<&'static str>,
    grant_types: Option<&'static str>,
    redirect_uris: Option<String>,
}

pub(super) async fn show(State(app): State<Arc<App>>, manager: Manager) -> Markup {
    form_page(&app, &manager, &Typed::new(), &Wrong::default())
}

fn form_page(app: &App, manager: &Manager, typed: &Typed, wrong: &Wrong) -> Markup {
    let frame = manager.user.visitor.frame(app);
    let language = frame.language;
    let ticks = [
        ("code", messages::code(language), &typed.code),
        (
            "client-credentials",
            messages::client_credentials(language),
            &typed.client_credentials,
        ),
    ];
    let invalid = |is: bool| is.then_some("true");
    let main = html! {
        nav.way aria-label=(messages::title(language)) { a href=(CLIENTS) { (messages::place(language)) } " / " span { (messages::add_client(language)) } }
        div.settings {
            h1 { (messages::add_client(language)) }
            form.card method="post" action=(NEW) {
                (form_token(&frame))
                label for="app-name" { (messages::app_name(language)) }
                input #app-name name="app-name" value=(typed.app_name) required maxlength=(MAX_APP_NAME) autocomplete="off"
                    aria-invalid=[invalid(wrong.app_name.is_some())] aria-describedby=[wrong.app_name.map(|_| "app-name-error")];
                (field_error("app-name-error", wrong.app_name))
                label for="duration" { (messages::duration(language)) }
                input #duration name="duration" value=(typed.duration) inputmode="numeric" required autocomplete="off"
                    aria-invalid=[invalid(wrong.duration.is_some())] aria-describedby="duration-hint duration-error";
                p.hint #duration-hint { (messages::duration_hint(language)) }
                (field_error("duration-error", wrong.duration))
                fieldset.choices aria-describedby=[wrong.grant_types.map(|_| "grant-types-error")] {
                    legend.label { (messages::grant_types(language)) }
                    @for (name, label, value) in ticks {
                        label.choice { input id=(name) type="checkbox" name=(name) checked[value.is_some()]; " " (label) }
                    }
                }
                (field_error("grant-types-error", wrong.grant_types))
                label for="redirect-uris" { (messages::redirect_uris(language)) }
                textarea #redirect-uris name="redirect-uris" rows="3" spellcheck="false"
                    aria-invalid=[invalid(wrong.redirect_uris.is_some())] aria-describedby="redirect-uris-hint redirect-uris-error" {
                    "\n" (typed.redirect_uris)
                }
                p.hint #redirect-uris-hint { (messages::redirect_uris_hint(language)) }
                (field_error("redirect-uris-error", wrong.redirect_uris.as_deref()))
                label for="region" { (messages::region(language)) }
                select #region name="region" aria-describedby="region-hint" {
                    @for region in Region::ALL {
                        option value=(region.domain()) selected[region.domain() == typed.region] {
                            (region.name()) " – " (region.domain())
                        }
                    }
                }
                p.hint #region-hint { (messages::region_hint(language)) }
                div.row {
                    button.primary #save { (messages::save(language)) }
                    a.button href=(CLIENTS) { (messages::cancel(language)) }
                }
            }
        }
    };
    page(&frame, messages::add_client(language), main)
}

pub(super) async fn add(
    State(app): State<Arc<App>>,
    manager: Manager,
    Sent(typed): Sent<Typed>,
) -> Result<Response, Failure> {
    let language = manager.user.visitor.language;
    let region = Region::with_domain(&typed.region).ok_or(Failure::Malformed)?;
    let app_name = typed.app_name.trim();
    let (grant_types, redirect_uris) = (typed.grant_types(), typed.redirect_uris());
    let duration = typed.duration.trim().parse::<u32>();
    let mut wrong = Wrong::default();
    if app_name.is_empty() || app_name.chars().count() > MAX_APP_NAME {
        wrong.app_name = Some(messages::no_app_name(language));
    }
    if manager.cloud.clients().len() >= MOST {
        wrong.app_name = Some(messages::too_many(language));
    }
    if grant_types.is_empty() {
        wrong.grant_types = Some(messages::no_grant(language));
    }
    if grant_types.contains(&GrantType::AuthorizationCode) && redirect_uris.is_empty() {
        wrong.redirect_uris = Some(messages::no_redirect_uri(language).into());
    }
    match duration {
        Ok(token_duration)
            if wrong.app_name.is_none()
                && wrong.grant_types.is_none()
                && wrong.redirect_uris.is_none() =>
        {
            let client = OAuthClient {
                token_duration,
                grant_types,
                redirect_uris,
                ..OAuthClient::new(app_name, region)
            };
            match manager.cloud.add_client(client) {
                Ok(client) => {
                    let next = place(CLIENT, &[("id", &client.id)]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(AddClientError::RedirectUri(uri)) => {
                    wrong.redirect_uris = Some(messages::bad_redirect_uri(language, uri));
                }
                Err(AddClientError::TokenDuration(_)) => {
                    wrong.duration = Some(messages::bad_duration(language))
                }
                Err(_) => return Err(Failure::Malformed),
            }
        }
        Ok(_) => {}
        Err(_) => wrong.duration = Some(messages::bad_duration(language)),
    }
    let page = form_page(&app, &manager, &typed, &wrong);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
