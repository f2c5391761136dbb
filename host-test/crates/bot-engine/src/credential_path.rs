//! Paths of credentials and of their attributes.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::messages::Language;
use crate::name::{Name, NameError};

/// The path of an attribute: `locker/credential/attribute`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributePath {
    /// The credential that the attribute belongs to.
    pub credential: CredentialPath,
    /// The attribute's name.
    pub attribute: Name,
}

/// The path of a credential: `locker/credential`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CredentialPath {
    /// The locker that contains the credential.
    pub locker: Name,
    /// The credential's name.
    pub credential: Name,
}

/// Why a path is not valid. `Display` is the message in English.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("{}", self.message(Language::English))]
pub enum PathError {
    /// The path of an attribute does not have three names.
    NotThreeNames,
    /// The path of a credential does not have two names.
    NotTwoNames,
    /// One of the names is not valid.
    BadName(#[from] NameError),
}

impl PathError {
    /// What is wrong, as part of a sentence.
    pub fn message(self, language: Language) -> String {
        match self {
            Self::NotThreeNames => texts::not_three_names(language).into(),
            Self::NotTwoNames => texts::not_two_names(language).into(),
            Self::BadName(error) => error.message(language),
        }
    }
}

mod texts {
    crate::messages! {
        not_three_names {
            en: "the path of a credential must have the form locker/credential/attribute",
            de: "der Pfad von Anmeldedaten hat die Form Locker/Anmeldedaten/Attribut",
        }
        not_two_names {
            en: "the path of a credential without an attribute must have the form locker/credential",
            de: "der Pfad von Anmeldedaten ohne Attribut hat die Form Locker/Anmeldedaten",
        }
    }
}

impl AttributePath {
    /// The form that is compared, with the names in lower case.
    pub fn comparable(&self) -> String {
        let CredentialPath { locker, credential } = &self.credential;
        let names = [locker, credential, &self.attribute];
        names.map(Name::as_str).join("/")
    }
}

impl FromStr for AttributePath {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let [locker, credential, attribute] = names(path)?.ok_or(PathError::NotThreeNames)?;
        Ok(Self {
            credential: CredentialPath { locker, credential },
            attribute,
        })
    }
}

impl FromStr for CredentialPath {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let [locker, credential] = names(path)?.ok_or(PathError::NotTwoNames)?;
        Ok(Self { locker, credential })
    }
}

/// Splits `path` at its slashes into `N` names. `None` if there are more or fewer.
fn names<const N: usize>(path: &str) -> Result<Option<[Name; N]>, NameError> {
    if path.split('/').count() != N {
        return Ok(None);
    }
    let names: Vec<Name> = path.split('/').map(str::parse).collect::<Result<_, _>>()?;
    Ok(names.try_into().ok())
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.credential, self.attribute)
    }
}

impl fmt::Display for CredentialPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.locker, self.credential)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::MAX_NAME;

    #[test]
    fn an_attribute_path_has_three_names() {
        let path: AttributePath = " Genesys / Hello-Bot/CLIENT-ID".parse().unwrap();
        assert_eq!(path.to_string(), "Genesys/Hello-Bot/CLIENT-ID");
        assert_eq!(path, "genesys/hello-bot/client-id".parse().unwrap());
        let longest = "x".repeat(MAX_NAME);
        assert!(format!("{longest}/b/c").parse::<AttributePath>().is_ok());
        for (text, expected) in [
            ("", PathError::NotThreeNames),
            ("a/b", PathError::NotThreeNames),
            ("a/b/c/d", PathError::NotThreeNames),
            ("a//c", NameError::Empty.into()),
            ("a/ /c", NameError::Empty.into()),
            ("a/b\n b/c", NameError::Invisible('\n').into()),
            (&format!("{longest}x/b/c"), NameError::TooLong.into()),
        ] {
            assert_eq!(text.parse::<AttributePath>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_credential_path_has_two_names() {
        let path: CredentialPath = "Genesys/ Hello-Bot".parse().unwrap();
        assert_eq!(path.to_string(), "Genesys/Hello-Bot");
        assert_eq!("a".parse::<CredentialPath>(), Err(PathError::NotTwoNames));
    }
}
