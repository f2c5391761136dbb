//! A successful response of a token endpoint (RFC 6749, section 5.1).

use std::fmt;
use std::time::{Duration, SystemTime};

use bot_engine::action::Redactor;
use oauth2::basic::BasicTokenType;
use oauth2::helpers::deserialize_untagged_enum_case_insensitive;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::error::Unexpected;
use super::scopes::Scopes;

/// The longest access token, in bytes: it goes into a header, and servers commonly accept headers of 8 KiB.
const MAX_ACCESS_TOKEN: usize = 8000;

/// Tokens as the provider issued them.
#[derive(Clone)]
pub struct TokenSet {
    /// The access token, fit for a header.
    pub access_token: SecretString,
    /// Its type, always `Bearer` (RFC 6750).
    pub token_type: &'static str,
    /// Its lifetime in seconds from [`requested_at`](Self::requested_at); `None` if the provider said nothing usable.
    pub expires_in: Option<u32>,
    /// The refresh token to store: the new one, or the one that was used if the response has none
    /// (RFC 6749, section 6).
    pub refresh_token: Option<SecretString>,
    /// The granted scopes, if the provider names them. Otherwise they are the requested ones, or after a refresh those
    /// that were granted before (RFC 6749, sections 3.3 and 6).
    pub granted: Option<Scopes>,
    /// Whether the granted scopes differ from the requested ones.
    pub scope_differs: bool,
    /// The time just before the request was sent.
    pub requested_at: SystemTime,
}

impl TokenSet {
    /// When the access token expires; `None` if that is not known or cannot be represented.
    pub fn expires_at(&self) -> Option<SystemTime> {
        let lifetime = Duration::from_secs(self.expires_in?.into());
        self.requested_at.checked_add(lifetime)
    }
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSet")
            .field("expires_in", &self.expires_in)
            .field("refresh_token", &self.refresh_token)
            .field("granted", &self.granted)
            .field("scope_differs", &self.scope_differs)
            .field("requested_at", &self.requested_at)
            .finish_non_exhaustive()
    }
}

/// The response on the wire. `oauth2` requires `Serialize`, which is not used.
#[derive(Deserialize, Serialize)]
pub(super) struct Response {
    access_token: AccessToken,
    #[serde(deserialize_with = "deserialize_untagged_enum_case_insensitive")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u32>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    scope: Option<String>,
}

impl Response {
    /// The tokens of a request that was sent at `requested_at` for the scopes `requested`, with the refresh token
    /// `used`. The scopes have no secret, neither a new one nor one of `redactor`.
    pub(super) fn into_tokens(
        self,
        requested: &Scopes,
        requested_at: SystemTime,
        used: Option<&SecretString>,
        mut redactor: Redactor,
    ) -> Result<TokenSet, Unexpected> {
        if self.token_type != BasicTokenType::Bearer {
            return Err(Unexpected::TokenType);
        }
        let access_token = self.access_token.into_secret();
        let length = access_token.len();
        if !(1..=MAX_ACCESS_TOKEN).contains(&length)
            || !access_token.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(Unexpected::UnusableToken);
        }
        let access_token = SecretString::from(access_token);
        let refresh_token = self
            .refresh_token
            .map(RefreshToken::into_secret)
            .filter(|token| !token.is_empty())
            .map(SecretString::from);
        let new = [Some(&access_token), refresh_token.as_ref()];
        new.into_iter()
            .flatten()
            .for_each(|token| redactor.add(token));
        let scope = self.scope.as_deref();
        let granted = scope.map(|scope| Scopes::granted(&redactor.redact(scope)));
        Ok(TokenSet {
            access_token,
            token_type: "Bearer",
            expires_in: self.expires_in,
            refresh_token: refresh_token.or_else(|| used.cloned()),
            scope_differs: !requested.is_empty()
                && granted.as_ref().is_some_and(|g| g != requested),
            granted,
            requested_at,
        })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").finish_non_exhaustive()
    }
}

impl TokenResponse for Response {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(|s| Duration::from_secs(s.into()))
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// A lifetime. Some servers send the number as a string. Anything else that is not a number of seconds is ignored, as
/// it is no reason to discard a token.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and negative numbers are filtered out"
)]
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let seconds = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(digits) => digits.trim().parse().ok(),
        _ => None,
    };
    Ok(seconds.filter(|s| *s >= 0.0).map(|s| s as u32))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn tokens(members: &str) -> Result<TokenSet, Unexpected> {
        let json = format!(r#"{{"access_token":"t","token_type":"bearer"{members}}}"#);
        let response: Response = serde_json::from_str(&json).map_err(|_| Unexpected::Malformed)?;
        let requested = "a b".parse().unwrap();
        response.into_tokens(
            &requested,
            SystemTime::UNIX_EPOCH,
            Some(&"used".into()),
            Redactor::default(),
        )
    }

    #[test]
    fn expires_in_is_read_without_overflow() {
        for (json, expected) in [
            ("86400", Some(86_400)),
            ("0", Some(0)),
            ("\"3600\"", Some(3600)),
            ("3599.9", Some(3599)),
            ("\"3600.0\"", Some(3600)),
            ("\" 3600 \"", Some(3600)),
            ("3.6e3", Some(3600)),
            ("4294967296", Some(u32::MAX)),
            ("99999999999999999999999999", Some(u32::MAX)),
            ("1e300", Some(u32::MAX)),
            ("-1", None),
            ("\"\"", None),
            ("\"soon\"", None),
            ("\"NaN\"", None),
            ("null", None),
            ("true", None),
            ("[60]", None),
        ] {
            let set = tokens(&format!(",\"expires_in\":{json}")).unwrap();
            assert_eq!(set.expires_in, expected, "{json}");
        }
        assert_eq!(tokens("").unwrap().expires_at(), None);
        let set = tokens(",\"expires_in\":60").unwrap();
        let minute = SystemTime::UNIX_EPOCH + Duration::from_mins(1);
        assert_eq!(set.expires_at(), Some(minute));
    }

    #[test]
    fn an_absent_scope_is_the_requested_one_and_a_different_one_is_reported() {
        for (members, granted, differs) in [
            ("", None, false),
            (",\"scope\":null", None, false),
            (",\"scope\":\"b a\"", Some("b a"), false),
            (",\"scope\":\"a\"", Some("a"), true),
            (",\"scope\":\"a b c\"", Some("a b c"), true),
            (",\"scope\":\"\"", Some(""), true),
        ] {
            let set = tokens(members).unwrap();
            let shown = set.granted.map(|scopes| scopes.to_string());
            assert_eq!(
                (shown.as_deref(), set.scope_differs),
                (granted, differs),
                "{members}"
            );
        }
    }

    #[test]
    fn the_old_refresh_token_is_kept_if_the_response_has_none() {
        for (members, expected) in [
            ("", "used"),
            (",\"refresh_token\":null", "used"),
            (",\"refresh_token\":\"\"", "used"),
            (",\"refresh_token\":\"new\"", "new"),
        ] {
            let kept = tokens(members).unwrap().refresh_token.unwrap();
            assert_eq!(kept.expose_secret(), expected, "{members}");
        }
    }

    #[test]
    fn duplicate_or_mistyped_members_are_malformed() {
        for members in [
            ",\"access_token\":\"u\"",
            ",\"refresh_token\":5",
            ",\"scope\":[\"a\"]",
        ] {
            assert_eq!(tokens(members).unwrap_err(), Unexpected::Malformed);
        }
    }

    #[test]
    fn debug_output_contains_no_token() {
        let json = r#"{"access_token":"canary","token_type":"bearer","refresh_token":"canary"}"#;
        let response: Response = serde_json::from_str(json).unwrap();
        let mut shown = format!("{response:?}");
        let set = response.into_tokens(
            &Scopes::default(),
            SystemTime::UNIX_EPOCH,
            None,
            Redactor::default(),
        );
        shown += &format!("{set:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
