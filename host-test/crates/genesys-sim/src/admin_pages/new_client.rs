//! *Add client*: the form with the fields of Genesys Cloud.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::layout::{field_error, form_token, page};
use super::messages::Language;
use super::session::{Admin, AdminForm, Form, PageContext};
use super::{ADMIN_PATH, CLIENT, MAX_ENTRIES, NEW_CLIENT, see_other, with_query};
use crate::client::{AddClientError, DEFAULT_TOKEN_DURATION, GrantType, OAuthClient};
use crate::cloud::Cloud;
use crate::region::Region;

/// The longest app name, in characters.
const MAX_APP_NAME: usize = 200;

/// The preselected region at a gateway: Frankfurt, as in the documentation's examples.
const DEFAULT_REGION: &str = "mypurecloud.de";

/// The content of the form.
struct Fields<'a> {
    app_name: &'a str,
    duration: &'a str,
    has_code: bool,
    has_client_credentials: bool,
    redirect_uris: &'a str,
    region: &'a str,
}

impl<'a> Fields<'a> {
    fn of(form: &'a Form) -> Self {
        Self {
            app_name: form.field("app-name"),
            duration: form.field("duration"),
            has_code: !form.field("code").is_empty(),
            has_client_credentials: !form.field("client-credentials").is_empty(),
            redirect_uris: form.field("redirect-uris"),
            region: form.field("region"),
        }
    }

    /// The client, or the errors of the fields.
    fn client(&self, region: Region, language: Language) -> Result<OAuthClient, Errors> {
        let mut errors = Errors::default();
        let app_name = self.app_name.trim();
        if app_name.is_empty() || app_name.chars().count() > MAX_APP_NAME {
            errors.app_name = Some(language.app_name_empty());
        }
        let lines = self.redirect_uris.lines().map(str::trim);
        let redirect_uris: Vec<_> = lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        let mut grant_types = Vec::new();
        if self.has_client_credentials {
            grant_types.push(GrantType::ClientCredentials);
        }
        if self.has_code {
            grant_types.push(GrantType::AuthorizationCode);
            if redirect_uris.is_empty() {
                errors.redirect_uris = Some(language.redirect_uri_missing().into());
            }
        }
        if grant_types.is_empty() {
            errors.grant_types = Some(language.grant_type_missing());
        }
        let Ok(token_duration) = self.duration.trim().parse() else {
            errors.duration = Some(language.duration_invalid());
            return Err(errors);
        };
        if errors != Errors::default() {
            return Err(errors);
        }
        Ok(OAuthClient {
            token_duration,
            grant_types,
            redirect_uris,
            ..OAuthClient::new(app_name, region)
        })
    }
}

/// The errors of the fields.
#[derive(Default, PartialEq, Eq)]
struct Errors {
    app_name: Option<&'static str>,
    duration: Option<&'static str>,
    grant_types: Option<&'static str>,
    redirect_uris: Option<String>,
}

pub(super) async fn show(Admin(context): Admin) -> Markup {
    let duration = DEFAULT_TOKEN_DURATION.to_string();
    let fields = Fields {
        app_name: "",
        duration: &duration,
        has_code: false,
        has_client_credentials: false,
        redirect_uris: "",
        region: context.region.map_or(DEFAULT_REGION, Region::domain),
    };
    form_page(&context, &fields, &Errors::default())
}

fn form_page(context: &PageContext, fields: &Fields<'_>, errors: &Errors) -> Markup {
    let language = context.language;
    let invalid = |is_invalid: bool| is_invalid.then_some("true");
    let grants = [
        ("code", language.code_authorization(), fields.has_code),
        (
            "client-credentials",
            language.client_credentials(),
            fields.has_client_credentials,
        ),
    ];
    let main = html! {
        nav.breadcrumbs aria-label=(language.clients()) {
            a href=(ADMIN_PATH) { (language.clients_path()) } " / " (language.add_client())
        }
        h1 { (language.add_client()) }
        form.card method="post" action=(NEW_CLIENT) {
            (form_token(context))
            label for="app-name" { (language.app_name()) }
            input #app-name name="app-name" value=(fields.app_name) required autofocus maxlength=(MAX_APP_NAME)
                autocomplete="off" aria-invalid=[invalid(errors.app_name.is_some())]
                aria-describedby=[errors.app_name.map(|_| "app-name-error")];
            (field_error("app-name-error", errors.app_name))
            label for="duration" { (language.duration()) }
            input #duration name="duration" value=(fields.duration) inputmode="numeric" required autocomplete="off"
                aria-invalid=[invalid(errors.duration.is_some())] aria-describedby="duration-hint duration-error";
            p.hint #duration-hint { (language.duration_hint()) }
            (field_error("duration-error", errors.duration))
            fieldset aria-describedby=[errors.grant_types.map(|_| "grant-types-error")] {
                legend { (language.grant_types()) }
                @for (name, label, is_checked) in grants {
                    label.choice { input id=(name) type="checkbox" name=(name) checked[is_checked]; " " (label) }
                }
            }
            (field_error("grant-types-error", errors.grant_types))
            label for="redirect-uris" { (language.redirect_uris()) }
            textarea #redirect-uris name="redirect-uris" rows="3" spellcheck="false"
                aria-invalid=[invalid(errors.redirect_uris.is_some())]
                aria-describedby="redirect-uris-hint redirect-uris-error" {
                "\n" (fields.redirect_uris)
            }
            p.hint #redirect-uris-hint { (language.redirect_uris_hint()) }
            (field_error("redirect-uris-error", errors.redirect_uris.as_deref()))
            label for="region" { (language.region()) }
            select #region name="region" aria-describedby="region-hint" {
                @for region in Region::ALL {
                    option value=(region.domain()) selected[region.domain() == fields.region] {
                        (region.name()) " – " (region.domain())
                    }
                }
            }
            p.hint #region-hint { (language.region_hint()) }
            div.row {
                button.primary #save { (language.save()) }
                a.button href=(ADMIN_PATH) { (language.cancel()) }
            }
        }
    };
    page(context, language.add_client(), main)
}

pub(super) async fn add(State(cloud): State<Arc<Cloud>>, AdminForm(form): AdminForm) -> Response {
    let fields = Fields::of(&form);
    let language = form.context.language;
    let Some(region) = Region::with_domain(fields.region) else {
        return form.context.malformed();
    };
    let errors = match fields.client(region, language) {
        Err(errors) => errors,
        Ok(client) => {
            let next = with_query(CLIENT, "id", &client.id);
            let added = {
                let mut accounts = cloud.accounts();
                let has_room = accounts.clients.list().len() < MAX_ENTRIES;
                has_room.then(|| accounts.clients.add(client))
            };
            match added {
                Some(Ok(())) => return see_other(&next),
                None => Errors {
                    app_name: Some(language.too_many()),
                    ..Errors::default()
                },
                Some(Err(AddClientError::RedirectUri(uri))) => Errors {
                    redirect_uris: Some(language.redirect_uri_invalid(&uri)),
                    ..Errors::default()
                },
                Some(Err(AddClientError::TokenDuration(_))) => Errors {
                    duration: Some(language.duration_invalid()),
                    ..Errors::default()
                },
                Some(Err(_)) => return form.context.malformed(),
            }
        }
    };
    let page = form_page(&form.context, &fields, &errors);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
