//! Environment variables.

use std::env;
use std::ffi::OsString;

use secrecy::SecretString;

use super::secret_file::BYTE_ORDER_MARK;

/// The value of an environment variable, if it is set, without a byte order mark. It may be a secret, so errors do not
/// contain it.
pub(crate) fn variable(name: &str) -> anyhow::Result<Option<SecretString>> {
    match env::var_os(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => {
            let value = value.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&value);
            Ok(Some(value.into()))
        }
        Some(Err(_)) => anyhow::bail!("the environment variable {name} is not UTF-8"),
    }
}
