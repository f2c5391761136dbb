//! `bot-runner vault credential`

use clap::Subcommand;
use control_room::vault::{Attribute, Credential, CredentialPath, Kind};
use control_room::{Description, Name, Principal, Vault};
use serde_json::{Value, json};

use crate::cli::output::{self, BOLD, counted, done, line, one_line};
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
                done(&format!("created the credential {credential}"));
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
                    consent
                        .ask(&format!(
                            "This removes {}; bots that use it fail.",
                            contents(&found)
                        ))
                        .await?;
                }
                vault.remove_credential(credential).await?;
                done(&format!("removed the credential {credential}"));
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
        [] => return "no credentials".into(),
        [name] => format!("the credential {name}"),
        names => format!("{} credentials ({})", names.len(), names.join(", ")),
    };
    format!("{credentials} and {}", counted(values, "value"))
}

fn list(locker: &Name, credentials: &[Credential], json: bool) {
    if json {
        let credentials: Vec<_> = credentials.iter().map(as_json).collect();
        return output::object(&json!({ "locker": locker.shown(), "credentials": credentials }));
    }
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
        (Kind::Standard, 0) => "no value yet".into(),
        (Kind::Standard, _) => "has a value".into(),
        (Kind::UserProvided, 1) => "user-provided, 1 value".into(),
        (Kind::UserProvided, count) => format!("user-provided, {count} values"),
    };
    let mut text = format!("{}: {kind}", attribute.name);
    for (is_set, option) in [
        (attribute.masked, ", masked"),
        (attribute.password_only, ", password-only"),
    ] {
        text += if is_set { option } else { "" };
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
