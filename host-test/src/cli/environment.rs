//! Environment variables.

use std::env;
use std::ffi::OsString;

use bot_engine::name::without_byte_order_mark;
use secrecy::SecretString;

use super::locale::language;
use super::messages;

/// The value of an environment variable, if it is set, without a byte order mark. It may be a secret, so errors do not
/// contain it.
pub(crate) fn variable(name: &str) -> anyhow::Result<Option<SecretString>> {
    match env::var_os(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(without_byte_order_mark(&value).into())),
        Some(Err(_)) => anyhow::bail!(messages::variable_not_utf8(language(), name)),
    }
}
