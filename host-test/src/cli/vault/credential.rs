//! `bot-runner vault credential`

use clap::Subcommand;
use control_room::vault::{Attribute, Credential, CredentialPath, Kind};
use control_room::{Description, Name, Principal, Vault};
use serde_json::{Value, json};

use super::messages as texts;
use crate::cli::control_room_messages::{counted, value, values};
use crate::cli::locale::language;
use crate::cli::output::{self, BOLD, done, line, one_line};
use crate::cli::prompt::Consent;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a credential without attributes
    Create {
        #[arg(value_name = "LOCKER/CREDENTIAL")]
        credential: CredentialPath,
        /// The purpose of the credential
        #[arg(long, value_name = "TEXT", default_value = "")]
        description: Description,
    },
    /// List the credentials in a locker with their attributes, without values
    List {
        locker: Name,
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Remove a credential and its values
    Remove {
        #[arg(value_name = "LOCKER/CREDENTIAL")]
        credential: CredentialPath,
        #[command(flatten)]
        consent: Consent,
    },
}

impl Command {
    pub(super) fn wants_json(&self) -> bool {
        matches!(self, Self::List { json: true, .. })
    }

    pub(super) async fn run(&self, vault: &Vault) -> anyhow::Result<()> {
        match self {
            Self::Create {
                credential,
                description,
            } => {
                vault.create_credential(credential, description).await?;
                done(&texts::credential_created(language(), credential));
            }
            Self::List { locker, json } => {
                let locker = vault.locker(&Principal::System, locker).await?.name;
                list(&locker, &vault.credentials(&locker).await?, *json);
            }
            Self::Remove {
                credential,
                consent,
            } => {
                let mut found = vault.credentials(&credential.locker).await?;
                found.retain(|it| it.name == credential.credential);
                if !found.is_empty() {
                    let removal = texts::credential_removal(language(), contents(&found));
                    consent.ask(&removal).await?;
                }
                vault.remove_credential(credential).await?;
                done(&texts::credential_removed(language(), credential));
            }
        }
        Ok(())
    }
}

/// What credentials contain, as a sentence goes on.
pub(super) fn contents(credentials: &[Credential]) -> String {
    let values: u64 = credentials
        .iter()
        .flat_map(|credential| &credential.attributes)
        .map(|attribute| attribute.values)
        .sum();
    let names: Vec<_> = credentials.iter().map(|it| it.name.to_string()).collect();
    let credentials = match names.as_slice() {
        [] => return texts::no_credentials(language()).into(),
        [name] => texts::credential(language(), name),
        names => texts::credentials(language(), names.len(), names.join(", ")),
    };
    texts::and_values(language(), credentials, values_counted(values))
}

/// A number of values.
pub(super) fn values_counted(count: u64) -> String {
    counted(count, [value, values], language())
}

fn list(locker: &Name, credentials: &[Credential], json: bool) {
    if json {
        let credentials: Vec<_> = credentials.iter().map(as_json).collect();
        return output::object(&json!({ "locker": locker.shown(), "credentials": credentials }));
    }
    output::say_if_empty(credentials);
    for credential in credentials {
        let description = one_line(&credential.description);
        let name = &credential.name;
        let text = format!("{BOLD}{locker}/{name}{BOLD:#}  {description}");
        line(false, text.trim_end());
        for attribute in &credential.attributes {
            line(false, &format!("    {}", as_text(attribute)));
        }
    }
}

fn as_text(attribute: &Attribute) -> String {
    let kind = match (attribute.kind, attribute.values) {
        (Kind::Standard, 0) => texts::no_value_yet(language()).into(),
        (Kind::Standard, _) => texts::has_value(language()).into(),
        (Kind::UserProvided, count) => texts::user_provided(language(), values_counted(count)),
    };
    let mut text = format!("{}: {kind}", attribute.name);
    for (is_set, option) in [
        (attribute.masked, texts::masked(language())),
        (attribute.password_only, texts::password_only(language())),
    ] {
        if is_set {
            text += &format!(", {option}");
        }
    }
    if !attribute.description.is_empty() {
        text += &format!("  {}", one_line(&attribute.description));
    }
    text
}

fn as_json(credential: &Credential) -> Value {
    let attribute = |attribute: &Attribute| {
        json!({
            "name": attribute.name.shown(),
            "description": attribute.description,
            "kind": match attribute.kind {
                Kind::Standard => "standard",
                Kind::UserProvided => "user-provided",
            },
            "masked": attribute.masked,
            "password-only": attribute.password_only,
            "values": attribute.values,
        })
    };
    json!({
        "name": credential.name.shown(),
        "description": credential.description,
        "attributes": credential.attributes.iter().map(attribute).collect::<Vec<_>>(),
    })
}
