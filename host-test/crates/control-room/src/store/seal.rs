//! Sealing: how a secret value is encrypted in the database.
//!
//! XChaCha20-Poly1305 with a random nonce for each value. The associated data is the place of the
//! value (table, column and identity of the row), so a value that was moved to another place does not
//! open there. A sealed value is a version byte, 24 bytes of nonce, ciphertext and tag.
//!
//! This file knows keys and bytes, not their sources.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::StoreError;
use super::key::Key;

/// The longest value, in bytes. Keys of certificates fit, files do not.
pub const MAX_VALUE: usize = 64 * 1024;

/// The longest bot file or log, in bytes. Who makes these has limits of their own, which are lower.
const MAX_TEXT: usize = 128 << 20;

/// A column that holds sealed values.
#[derive(Debug)]
pub(crate) struct SealedColumn {
    /// Its table.
    pub(crate) table: &'static str,
    /// The columns that identify a row: texts, and never changed.
    pub(crate) identity: &'static [&'static str],
    /// The column itself, a BLOB.
    pub(crate) column: &'static str,
    /// The longest value, in bytes.
    pub(crate) max: usize,
}

/// A standard value.
pub(crate) const STANDARD_VALUE: SealedColumn = SealedColumn {
    table: "standard_values",
    identity: &["attribute_id"],
    column: "sealed",
    max: MAX_VALUE,
};

/// A user-provided value.
pub(crate) const USER_VALUE: SealedColumn = SealedColumn {
    table: "user_values",
    identity: &["attribute_id", "user_id"],
    column: "sealed",
    max: MAX_VALUE,
};

/// The client secret of an OAuth connection.
pub(crate) const CLIENT_SECRET: SealedColumn = SealedColumn {
    table: "connections",
    identity: &["id"],
    column: "sealed_client_secret",
    max: MAX_VALUE,
};

/// The access token of a sign-in to a connection.
pub(crate) const ACCESS_TOKEN: SealedColumn = SealedColumn {
    table: "connection_sign_ins",
    identity: &["id"],
    column: "sealed_access_token",
    max: MAX_VALUE,
};

/// The refresh token of a sign-in to a connection.
pub(crate) const REFRESH_TOKEN: SealedColumn = SealedColumn {
    table: "connection_sign_ins",
    identity: &["id"],
    column: "sealed_refresh_token",
    max: MAX_VALUE,
};

/// The file of a version of a bot.
pub(crate) const BOT_FILE: SealedColumn = SealedColumn {
    table: "bot_versions",
    identity: &["id"],
    column: "sealed_file",
    max: MAX_TEXT,
};

/// The log of a run.
pub(crate) const RUN_LOG: SealedColumn = SealedColumn {
    table: "runs",
    identity: &["id"],
    column: "sealed_log",
    max: MAX_TEXT,
};

/// What a queued run consists of.
pub(crate) const QUEUED_WORK: SealedColumn = SealedColumn {
    table: "queued_runs",
    identity: &["run_id"],
    column: "sealed_work",
    max: MAX_TEXT,
};

/// The sessions that a queued run has opened.
pub(crate) const QUEUED_SESSIONS: SealedColumn = SealedColumn {
    table: "queued_runs",
    identity: &["run_id"],
    column: "sealed_sessions",
    max: MAX_TEXT,
};

/// What is given for the inputs of a bot with a schedule.
pub(crate) const SCHEDULED_INPUTS: SealedColumn = SealedColumn {
    table: "schedules",
    identity: &["id"],
    column: "sealed_inputs",
    max: MAX_TEXT,
};

/// What the Control Room knows about itself, which only the right key opens.
pub(super) const FACTS: SealedColumn = SealedColumn {
    table: "store_key",
    identity: &[],
    column: "sealed",
    max: MAX_VALUE,
};

/// Every column whose values are resealed when the key is rotated: all except the facts, which are written again.
pub(crate) const SEALED_COLUMNS: &[SealedColumn] = &[
    STANDARD_VALUE,
    USER_VALUE,
    CLIENT_SECRET,
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    BOT_FILE,
    RUN_LOG,
    QUEUED_WORK,
    QUEUED_SESSIONS,
    SCHEDULED_INPUTS,
];

/// How a value is sealed: its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// In a store whose rows have no codes. Opened once, when it gets them.
    Unbound = 1,
    /// In a store whose rows have codes.
    Bound = 2,
}

impl Format {
    /// The format of a sealed value.
    pub(super) fn of(sealed: &[u8]) -> Option<Self> {
        [Self::Unbound, Self::Bound]
            .into_iter()
            .find(|format| sealed.first() == Some(&(*format as u8)))
    }
}

const NONCE: usize = 24;

/// Seals a value for its place: the values of the column's `identity`, in that order.
pub(super) fn seal(
    key: &Key,
    column: &SealedColumn,
    identity: &[&str],
    value: &SecretString,
) -> Result<Vec<u8>, StoreError> {
    let value = value.expose_secret().as_bytes();
    if value.len() > column.max {
        return Err(StoreError::TooLarge(column.max));
    }
    let nonce = super::random::bytes::<NONCE>();
    let payload = Payload {
        msg: value,
        aad: &associated_data(Format::Bound, column, identity),
    };
    let ciphertext = cipher(key)
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| StoreError::TooLarge(column.max))?;
    Ok([&[Format::Bound as u8][..], &nonce, &ciphertext].concat())
}

/// Opens a value in its place.
pub(super) fn open(
    key: &Key,
    column: &SealedColumn,
    identity: &[&str],
    sealed: &[u8],
) -> Result<SecretString, StoreError> {
    open_as(Format::Bound, key, column, identity, sealed)
}

/// Opens a value of one format in its place.
pub(super) fn open_as(
    format: Format,
    key: &Key,
    column: &SealedColumn,
    identity: &[&str],
    sealed: &[u8],
) -> Result<SecretString, StoreError> {
    let failed = || StoreError::Sealed(column.table);
    let (_, rest) = sealed.split_first().ok_or_else(failed)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or_else(failed)?;
    if Format::of(sealed) != Some(format) {
        return Err(failed());
    }
    let payload = Payload {
        msg: ciphertext,
        aad: &associated_data(format, column, identity),
    };
    let value = cipher(key)
        .decrypt(&XNonce::from(*nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| failed())?;
    let value = std::str::from_utf8(&value).map_err(|_| failed())?;
    Ok(value.into())
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

/// The associated data. Each part has its length before it, so that different places never have the same encoding.
fn associated_data(format: Format, column: &SealedColumn, identity: &[&str]) -> Vec<u8> {
    let mut place = vec![format as u8];
    for part in [column.table, column.column].iter().chain(identity) {
        place.extend((part.len() as u64).to_be_bytes());
        place.extend(part.as_bytes());
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_in_its_place_and_with_its_key() {
        let key = Key::random();
        let value = SecretString::from("canary");
        let sealed = seal(&key, &USER_VALUE, &["a", "bc"], &value).unwrap();
        let opened = open(&key, &USER_VALUE, &["a", "bc"], &sealed).unwrap();
        assert_eq!(opened.expose_secret(), "canary");
        for (key, column, identity) in [
            (&Key::random(), &USER_VALUE, &["a", "bc"]),
            (&key, &STANDARD_VALUE, &["a", "bc"]),
            (&key, &USER_VALUE, &["ab", "c"]),
            (&key, &USER_VALUE, &["bc", "a"]),
        ] {
            assert!(open(key, column, identity, &sealed).is_err());
        }
    }

    #[test]
    fn tampering_with_any_byte_is_detected() {
        let key = Key::random();
        let sealed = seal(&key, &STANDARD_VALUE, &["a"], &"canary".into()).unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(open(&key, &STANDARD_VALUE, &["a"], &changed).is_err());
            assert!(open(&key, &STANDARD_VALUE, &["a"], &sealed[..index]).is_err());
        }
    }

    #[test]
    fn sealing_a_value_twice_gives_different_results() {
        let key = Key::random();
        let sealed = || seal(&key, &STANDARD_VALUE, &["a"], &"canary".into()).unwrap();
        assert_ne!(sealed(), sealed());
    }

    #[test]
    fn oversized_values_are_rejected() {
        let key = Key::random();
        let of_length = |length| seal(&key, &STANDARD_VALUE, &["a"], &"x".repeat(length).into());
        assert!(of_length(MAX_VALUE).is_ok());
        assert!(matches!(
            of_length(MAX_VALUE + 1),
            Err(StoreError::TooLarge(MAX_VALUE))
        ));
    }
}
