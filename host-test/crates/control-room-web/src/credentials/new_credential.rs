//! Creates a credential with its attributes and their values, and its locker if that is new: all of it, or nothing with all
//! mistakes.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::attribute::value_error;
use super::messages;
use crate::app::App;
use crate::editor_dialogs::{Mistakes, chosen_roles};
use crate::failure::Failure;
use crate::user_session::SignedIn;
use bot_engine::Language;
use control_room::Name;
use control_room::vault::{
    AttributeOptions, CredentialPath, Kind, NewAttribute, NewCredential, VaultError, valid_value,
};

/// What was typed for a new credential. The names of the fields are those of their mistakes.
pub(super) struct Draft {
    pub(super) locker: String,
    /// The roles that may use the locker, if it is new.
    pub(super) roles: Option<Vec<String>>,
    pub(super) credential: String,
    pub(super) description: String,
    /// The attributes by their fields, which have `-name` and `-value` behind that.
    pub(super) attributes: BTreeMap<String, DraftAttribute>,
}

pub(super) struct DraftAttribute {
    pub(super) name: String,
    pub(super) options: AttributeOptions,
    pub(super) value: Option<SecretString>,
}

impl Draft {
    /// Creates it. `taken` is the mistake if the locker already has a credential of this name.
    pub(super) async fn create(
        &self,
        app: &App,
        user: &SignedIn,
        taken: &'static str,
    ) -> Result<Result<NewCredential, Mistakes>, Failure> {
        let language = user.session.language;
        let mut mistakes = Mistakes::default();
        let new_locker = match &self.roles {
            Some(roles) => Some(chosen_roles(app, user, roles, &mut mistakes).await?),
            None => None,
        };
        let attributes = self.attributes(language, &mut mistakes);
        let description = self.description.parse();
        if description.is_err() {
            let message = messages::bad_description(language);
            mistakes.insert("description".into(), message.into());
        }
        let locker = valid_name("locker", &self.locker, language, &mut mistakes);
        let credential = valid_name("credential", &self.credential, language, &mut mistakes);
        if let Some(locker) = &locker {
            let credential = credential.as_ref();
            self.find_conflicts(app, user, (locker, credential), taken, &mut mistakes)
                .await;
        }
        let (Some(locker), Some(credential), true) = (locker, credential, mistakes.is_empty())
        else {
            return Ok(Err(mistakes));
        };
        let new = NewCredential {
            path: CredentialPath { locker, credential },
            new_locker,
            description: description.unwrap_or_default(),
            attributes,
        };
        match user.vault(app).create_with_values(&new).await {
            Ok(()) => Ok(Ok(new)),
            // Somebody was faster.
            Err(
                VaultError::LockerExists(_)
                | VaultError::CredentialExists(_)
                | VaultError::NoLocker(_),
            ) => {
                let path = (&new.path.locker, Some(&new.path.credential));
                self.find_conflicts(app, user, path, taken, &mut mistakes)
                    .await;
                Ok(Err(mistakes))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The valid attributes.
    fn attributes(&self, language: Language, mistakes: &mut Mistakes) -> Vec<NewAttribute> {
        let mut attributes: Vec<NewAttribute> = Vec::new();
        for (field, typed) in &self.attributes {
            let place = format!("{field}-name");
            if let Some(value) = &typed.value {
                let message = match (typed.options.kind, valid_value(value)) {
                    (Kind::UserProvided, _) => Some(messages::value_of_users(language).into()),
                    (Kind::Standard, Err(error)) => Some(value_error(error, language)),
                    (Kind::Standard, Ok(_)) => None,
                };
                mistakes.extend(message.map(|message| (format!("{field}-value"), message)));
            }
            let Some(name) = valid_name(&place, &typed.name, language, mistakes) else {
                continue;
            };
            if attributes.iter().any(|other| other.name == name) {
                mistakes.insert(place, messages::attribute_exists(language).into());
            }
            attributes.push(NewAttribute {
                name,
                options: typed.options.clone(),
                value: typed.value.clone(),
            });
        }
        attributes
    }

    /// Finds what cannot be created because of what is in the vault.
    async fn find_conflicts(
        &self,
        app: &App,
        user: &SignedIn,
        (locker, credential): (&Name, Option<&Name>),
        taken: &'static str,
        mistakes: &mut Mistakes,
    ) {
        let (vault, by, language) = (app.store.vault(), user.principal(), user.session.language);
        let is_new = self.roles.is_some();
        let mistake = match (is_new, vault.locker(&by, locker).await.is_ok()) {
            (true, true) => Some(messages::locker_exists(language)),
            (false, false) => Some(messages::locker_gone(language)),
            _ => None,
        };
        mistakes.extend(mistake.map(|message| ("locker".into(), message.into())));
        if let Some(credential) = credential.cloned() {
            let locker = locker.clone();
            let path = CredentialPath { locker, credential };
            if !is_new && vault.credential(&by, &path).await.is_ok() {
                mistakes.insert("credential".into(), taken.into());
            }
        }
    }
}

fn valid_name(
    field: &str,
    typed: &str,
    language: Language,
    mistakes: &mut Mistakes,
) -> Option<Name> {
    let name = typed.parse().ok();
    if name.is_none() {
        mistakes.insert(field.into(), messages::bad_name(language).into());
    }
    name
}
