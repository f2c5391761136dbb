//! Checks the values of the fields. What it returns can be put into a request as it is.

use oauth_authentication::environment::Environment;
use oauth_authentication::error::Reason;
use oauth_authentication::form::BASE_URL;
use oauth_authentication::run::detail;
use oauth_authentication::run::wit::{Argument, Failure, Session, Value};
use oauth_authentication::token;
use secrecy::{ExposeSecret, SecretString};

use crate::failure::invalid;
use crate::form::{
    DEPARTMENT, EMAIL, NAME, PAGE_NUMBER, PAGE_SIZE, SESSION_NAME, STATE, STATES, TITLE, USER_ID,
};
use crate::texts::Text;

/// The longest name, e-mail address, department or title, in characters.
const MAX_TEXT: usize = 256;

/// The most users on a page, at Genesys.
const MAX_PAGE_SIZE: u32 = 100;

/// The lengths of the parts of a UUID, in hexadecimal digits (RFC 9562, section 4).
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// A session with Genesys Cloud.
pub struct Access {
    /// The host of the API: one of Genesys, whatever the session says.
    pub host: String,
    /// The access token.
    pub token: SecretString,
}

/// The text in a field, checked and without the white space around it, or `None` if it is empty.
///
/// # Errors
///
/// If it cannot be used as it is, or is not a text.
pub fn text(arguments: &[Argument], field: &str) -> Result<Option<String>, Failure> {
    let Some(argument) = arguments.iter().find(|argument| argument.name == field) else {
        return Ok(None);
    };
    match &argument.value {
        Value::Text(text) if text.trim().is_empty() => Ok(None),
        Value::Text(text) => checked(field, text.trim()).map(Some),
        _ => Err(invalid(field, Reason::WrongKind.code())),
    }
}

/// The text in a field that must be filled in.
///
/// # Errors
///
/// As [`text`], and if it is empty.
pub fn required(arguments: &[Argument], field: &str) -> Result<String, Failure> {
    text(arguments, field)?.ok_or_else(|| invalid(field, Reason::Empty.code()))
}

/// Checks a field for which there is a value.
///
/// # Errors
///
/// If it cannot be used as it is.
pub fn check(argument: &Argument) -> Result<(), Failure> {
    let is_required = [NAME, EMAIL, USER_ID].contains(&argument.name.as_str());
    let arguments = std::slice::from_ref(argument);
    match &argument.value {
        Value::Session(session) if argument.name == SESSION_NAME => access(session).map(drop),
        _ if is_required => required(arguments, &argument.name).map(drop),
        _ => text(arguments, &argument.name).map(drop),
    }
}

fn checked(field: &str, value: &str) -> Result<String, Failure> {
    let refuse = |reason: Text| Err(invalid(field, crate::failure::code(reason)));
    let number_to = |max: u32| {
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
        let number = value.parse().ok().filter(|_| is_number);
        number.filter(|number| (1..=max).contains(number))
    };
    match field {
        STATE if STATES.iter().all(|(state, _)| *state != value) => {
            Err(invalid(field, Reason::NotAnOption.code()))
        }
        PAGE_SIZE => match number_to(MAX_PAGE_SIZE) {
            Some(number) => Ok(number.to_string()),
            None => refuse(Text::ReasonPageSizeRange),
        },
        PAGE_NUMBER => match number_to(u32::MAX) {
            Some(number) => Ok(number.to_string()),
            None => refuse(Text::ReasonPageNumberRange),
        },
        USER_ID => match user_id(value) {
            Some(id) => Ok(id),
            None => refuse(Text::ReasonNotAUserId),
        },
        NAME | EMAIL | DEPARTMENT | TITLE => {
            if value.chars().nth(MAX_TEXT).is_some() {
                Err(invalid(field, Reason::TooLong.code()))
            } else if value.chars().any(char::is_control) {
                Err(invalid(field, Reason::ControlCharacters.code()))
            } else if field == EMAIL && !is_email(value) {
                refuse(Text::ReasonNotAnEmail)
            } else {
                Ok(value.into())
            }
        }
        _ => Ok(value.into()),
    }
}

/// A user id in lower case, if it is a UUID. It becomes a segment of a path, so nothing else may pass.
fn user_id(text: &str) -> Option<String> {
    let parts = || text.split('-');
    let is_uuid = parts().map(str::len).eq(UUID)
        && parts().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_uuid.then(|| text.to_ascii_lowercase())
}

/// Whether this looks like an e-mail address. Genesys decides whether it is one.
fn is_email(text: &str) -> bool {
    let is_filled = |(local, domain): (&str, &str)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    };
    text.split_once('@').is_some_and(is_filled) && !text.contains(char::is_whitespace)
}

/// What a session gives access to.
///
/// # Errors
///
/// If it is not one of Genesys Cloud. Its token must not be sent anywhere then.
pub fn access(session: &Session) -> Result<Access, Failure> {
    let refuse = |member: &str| {
        let mut failure = invalid(SESSION_NAME, Reason::NotAGenesysSession.code());
        failure.details.push(detail("member", member));
        failure
    };
    let environment = Environment::parse(&session.base_url).map_err(|_| refuse(BASE_URL))?;
    if !token::is_bearer(&session.token_type) {
        return Err(refuse("token-type"));
    }
    let token = SecretString::from(session.token.clone());
    if !token::is_usable(token.expose_secret()) {
        return Err(refuse("token"));
    }
    Ok(Access {
        host: environment.api_host(),
        token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f60";

    fn read(field: &str, value: &str) -> Result<Option<String>, String> {
        let argument = Argument {
            name: field.into(),
            value: Value::Text(value.into()),
        };
        text(&[argument], field).map_err(|failure| failure.details[0].value.clone())
    }

    #[test]
    fn only_a_uuid_is_a_user_id() {
        let upper = format!(" {} ", ID.to_uppercase());
        assert_eq!(read(USER_ID, &upper), Ok(Some(ID.into())));
        let unhyphenated = ID.replace('-', "");
        let braced = format!("{{{ID}}}");
        for (position, _) in ID.char_indices() {
            for hostile in ["/", "..", "%2f", "%", "?", "#", "\\", ";", "\0", "ä", "g"] {
                let mut id = ID.to_owned();
                id.replace_range(position..=position, hostile);
                assert_eq!(read(USER_ID, &id), Err("not-a-user-id".into()), "{id}");
            }
        }
        for id in [
            "me",
            "..",
            "../tokens/me",
            "%2e%2e",
            "a/b",
            "*",
            "0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f6",
            "0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f600",
            "0b6ae1f42-c1d-4f3e-9a57-1d2c3b4a5f60",
            "0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f60-",
            "0b6ae1f4 2c1d 4f3e 9a57 1d2c3b4a5f60",
            &unhyphenated,
            &braced,
        ] {
            assert_eq!(read(USER_ID, id), Err("not-a-user-id".into()), "{id}");
        }
    }

    #[test]
    fn pages_are_limited() {
        for (text, number) in [("1", "1"), (" 100\n", "100"), ("007", "7")] {
            assert_eq!(read(PAGE_SIZE, text), Ok(Some(number.into())));
        }
        for text in ["0", "101", "-1", "+1", "1.5", "1e2", "ten", "٣", "1&x=2"] {
            let refused = Err("page-size-range".into());
            assert_eq!(read(PAGE_SIZE, text), refused, "{text}");
        }
        assert_eq!(
            read(PAGE_NUMBER, "4294967295"),
            Ok(Some("4294967295".into()))
        );
        for text in ["0", "4294967296", "x"] {
            assert_eq!(read(PAGE_NUMBER, text), Err("page-number-range".into()));
        }
        assert_eq!(read(PAGE_SIZE, "  "), Ok(None));
        assert_eq!(read(STATE, "any"), Ok(Some("any".into())));
        assert_eq!(read(STATE, "any&x"), Err("not-an-option".into()));
    }

    #[test]
    fn the_texts_of_a_new_user_are_checked() {
        let longest = "ü".repeat(MAX_TEXT);
        assert_eq!(read(NAME, &longest), Ok(Some(longest.clone())));
        assert_eq!(read(NAME, &format!("{longest}x")), Err("too-long".into()));
        assert_eq!(read(TITLE, "a\nb"), Err("control-characters".into()));
        assert_eq!(read(EMAIL, " j@x.de "), Ok(Some("j@x.de".into())));
        for text in ["j", "j@", "@x", "j@x@y", "j x@y"] {
            assert_eq!(read(EMAIL, text), Err("not-an-email".into()), "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_taken_for_a_text() {
        let argument = Argument {
            name: NAME.into(),
            value: Value::Secret("canary".into()),
        };
        let failure = check(&argument).err().unwrap();
        assert_eq!(failure.details[0].value, "wrong-kind");
    }

    #[test]
    fn a_token_goes_to_genesys_only() {
        let session = |base_url: &str, token: &str, token_type: &str| Session {
            token: token.into(),
            token_type: token_type.into(),
            base_url: base_url.into(),
            expires_in: None,
        };
        let good = "https://api.mypurecloud.de";
        let opened = access(&session(good, "t0ken", "bearer")).unwrap_or_else(|_| panic!());
        assert_eq!(opened.host, "api.mypurecloud.de");
        for (session, member) in [
            (
                session("https://api.example.com", "t", "Bearer"),
                "base-url",
            ),
            (
                session("http://api.mypurecloud.de", "t", "Bearer"),
                "base-url",
            ),
            (
                session("https://api.mypurecloud.de@evil.example", "t", "Bearer"),
                "base-url",
            ),
            (
                session("https://api.mypurecloud.de:8443", "t", "Bearer"),
                "base-url",
            ),
            (session("", "t", "Bearer"), "base-url"),
            (session(good, "t", "MAC"), "token-type"),
            (session(good, "a b", "Bearer"), "token"),
            (session(good, "a\r\nb", "Bearer"), "token"),
            (session(good, "", "Bearer"), "token"),
        ] {
            let failure = access(&session).err().unwrap();
            assert_eq!(failure.field.as_deref(), Some(SESSION_NAME));
            assert_eq!(failure.details[1].value, member);
        }
    }
}
