//! Why the last request for a token failed. It is stored with the sign-in, so that the state of a connection is the truth of
//! its last use in every process.

use std::collections::BTreeMap;

use bot_engine::Language;

use super::ConnectionError;
use super::error::texts;

/// Why a token could not be got when it was last needed: the message in each language, by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFailure(BTreeMap<String, String>);

impl LastFailure {
    /// What the error says about the connection. `None` if it says nothing about it, such as that the store failed, or that
    /// the connection was changed meanwhile.
    pub(super) fn of(error: &ConnectionError) -> Option<Self> {
        let message = |language| match error {
            ConnectionError::NoToken { error, .. } => Some(error.message(language)),
            ConnectionError::TimedOut(_) => Some(texts::too_slow(language).to_owned()),
            _ => None,
        };
        let messages = Language::ALL.map(|language| {
            let tag = language.tag().to_owned();
            message(language).map(|message| (tag, message))
        });
        messages.into_iter().collect::<Option<_>>().map(Self)
    }

    /// What happened, and what to do.
    pub fn message(&self, language: Language) -> &str {
        self.0.get(language.tag()).map_or("", String::as_str)
    }

    /// As it is stored.
    pub(super) fn to_json(&self) -> String {
        serde_json::json!(self.0).to_string()
    }

    /// Reads what [`Self::to_json`] wrote.
    pub(super) fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use bot_engine::ProviderError as _;

    use super::*;
    use crate::oauth::TokenError;

    #[test]
    fn a_failure_is_stored_with_its_message_in_each_language() {
        let name = || "prod".parse().unwrap();
        let no_token = ConnectionError::NoToken {
            name: name(),
            error: Box::new(TokenError::WrongGrant),
        };
        for error in [no_token, ConnectionError::TimedOut(name())] {
            let failure = LastFailure::of(&error).unwrap();
            let stored = LastFailure::from_json(&failure.to_json()).unwrap();
            for language in Language::ALL {
                let message = stored.message(language);
                assert!(!message.is_empty() && error.message(language).ends_with(message));
            }
        }
        assert_eq!(LastFailure::of(&ConnectionError::Changed(name())), None);
    }
}
