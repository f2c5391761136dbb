//! The key that the values are sealed with, and its files.
//!
//! The key file contains 32 random bytes in base64. A second line, `sealed`, says that a Control Room with row codes uses
//! the key: with it, no database without row codes is opened any more. So nobody who can change only the database can
//! pass it off as one of a version that had none. During a rotation the next key is beside it (`.new`), and the
//! database says by its id which of the two is in force. So the right key exists at any moment, and the next process
//! that opens the folder cleans up the files.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bot_engine::name::without_byte_order_mark;
use egress::read_file;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::StoreError;
#[cfg(feature = "postgres")]
use super::folder::lock;
use super::folder::{Folder, refuse_others, remove, rename, with_suffix, write_new};
use super::random;

/// The source of the key. A Control Room in memory has its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The data folder, in which it is created at the first start.
    InFolder,
    /// This file, which the operator has created (`head -c 32 /dev/urandom | base64`).
    File(PathBuf),
}

const LENGTH: usize = 32;

/// The largest file, in bytes.
const MAX_FILE: usize = 4 << 10;

/// The second line of a key file: a Control Room with row codes uses the key.
const SEALED: &str = "sealed";

/// A key.
pub(super) struct Key {
    bytes: Zeroizing<[u8; LENGTH]>,
    /// Derived from it, as HMAC takes a key.
    codes: Zeroizing<[u8; BLOCK]>,
    id: String,
    /// Whether its file says [`SEALED`].
    is_marked: bool,
}

/// The block of SHA-256, to which HMAC extends a key with zeros.
const BLOCK: usize = 64;

impl Key {
    /// A new key.
    pub(super) fn random() -> Self {
        Self::from_bytes(Zeroizing::new(random::bytes()), false)
    }

    fn from_bytes(bytes: Zeroizing<[u8; LENGTH]>, is_marked: bool) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"control room key");
        hash.update(*bytes);
        // 64 bits tell keys apart, and reveal nothing of 256 random bits.
        let id = random::hex(&hash.finalize()[..8]);
        // HKDF-Expand (RFC 5869, section 2.3), with the key as it is: it is random.
        let mut codes = Zeroizing::new([0; BLOCK]);
        codes[..LENGTH].copy_from_slice(&*bytes);
        let mut derived = Hmac::<Sha256>::new((&*codes).into());
        derived.update(b"control room row codes\x01");
        codes[..LENGTH].copy_from_slice(&derived.finalize().into_bytes());
        Self {
            bytes,
            codes,
            id,
            is_marked,
        }
    }

    /// Begins the code of a row.
    pub(super) fn code(&self) -> Hmac<Sha256> {
        Hmac::new((&*self.codes).into())
    }

    /// Whether a Control Room with row codes uses it.
    pub(super) fn is_marked(&self) -> bool {
        self.is_marked
    }

    pub(super) fn bytes(&self) -> &[u8; LENGTH] {
        &self.bytes
    }

    /// Identifies the key without revealing it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The content of its file.
    fn to_text(&self, is_marked: bool) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(BLOCK));
        STANDARD.encode_string(*self.bytes, &mut text);
        text.push('\n');
        if is_marked {
            text.push_str(SEALED);
            text.push('\n');
        }
        text
    }

    fn from_text(text: &str) -> Option<Self> {
        // The decoder needs a buffer for its estimate, which is a byte too long.
        let mut buffer = Zeroizing::new([0; LENGTH + 1]);
        let text = without_byte_order_mark(text);
        let (key, mark) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        let is_marked = match mark.trim() {
            "" => false,
            SEALED => true,
            _ => return None,
        };
        let length = STANDARD.decode_slice(key.trim(), &mut *buffer).ok()?;
        let bytes = buffer[..length].try_into().ok()?;
        Some(Self::from_bytes(Zeroizing::new(bytes), is_marked))
    }

    /// Reads a key file; `None` if it does not exist.
    fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        let text = match read_file(path, MAX_FILE) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(StoreError::MalformedKey(path.to_owned()));
            }
            Err(source) => {
                let path = path.to_owned();
                return Err(StoreError::Io { path, source });
            }
        };
        // Only the owner may read a key.
        refuse_others(path, 0o077, StoreError::KeyReadableByOthers)?;
        std::str::from_utf8(&text)
            .ok()
            .and_then(Self::from_text)
            .map(Some)
            .ok_or_else(|| StoreError::MalformedKey(path.to_owned()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// The files of the key.
#[derive(Debug, Clone)]
pub(super) struct KeyFiles {
    key: PathBuf,
    is_created_here: bool,
}

impl KeyFiles {
    pub(super) fn new(source: &KeySource, folder: &Folder) -> Self {
        match source {
            KeySource::InFolder => Self {
                key: folder.key(),
                is_created_here: true,
            },
            KeySource::File(path) => Self {
                key: path.clone(),
                is_created_here: false,
            },
        }
    }

    /// A file that the operator has created, with a database on a server.
    #[cfg(feature = "postgres")]
    pub(super) fn named(path: &Path) -> Self {
        Self {
            key: path.to_owned(),
            is_created_here: false,
        }
    }

    /// Waits until no other process of this machine changes the files, of which none is in a data folder.
    #[cfg(feature = "postgres")]
    pub(super) async fn lock(&self) -> Result<fs::File, StoreError> {
        lock(with_suffix(&self.key, ".lock")).await
    }

    /// The file of the present key.
    pub(super) fn path(&self) -> &Path {
        &self.key
    }

    fn new_key(&self) -> PathBuf {
        with_suffix(&self.key, ".new")
    }

    fn former_key(&self, id: &str) -> PathBuf {
        with_suffix(&self.key, &format!(".{id}"))
    }

    /// The key for a folder without a database: the existing one, or a new one. The caller holds the folder's
    /// lock.
    pub(super) fn first(&self) -> Result<Key, StoreError> {
        if let Some(key) = Key::read(&self.key)? {
            return Ok(key);
        }
        if !self.is_created_here {
            return Err(StoreError::MissingKey(self.key.clone()));
        }
        let key = Key::random();
        // Under another name first, so that an incomplete file is never taken for a key.
        remove(&self.new_key())?;
        write_new(&self.new_key(), key.to_text(false).as_bytes())?;
        rename(&self.new_key(), &self.key)?;
        Ok(key)
    }

    /// The present key.
    pub(super) fn present(&self) -> Result<Key, StoreError> {
        Key::read(&self.key)?.ok_or_else(|| StoreError::MissingKey(self.key.clone()))
    }

    /// The key with this id, from either file.
    pub(super) fn in_force(&self, id: &str) -> Result<Key, StoreError> {
        // The next key first: if it is renamed in between, it is found under its new name.
        let next = Key::read(&self.new_key());
        let present = Key::read(&self.key);
        let found = |key: &Key| key.id() == id;
        if let Ok(Some(key)) = next
            && found(&key)
        {
            return Ok(key);
        }
        match present? {
            Some(key) if found(&key) => Ok(key),
            Some(_) => {
                let former = Key::read(&self.former_key(id));
                let is_it = former.is_ok_and(|key| key.is_some_and(|key| found(&key)));
                Err(StoreError::WrongKey {
                    path: self.key.clone(),
                    expected: id.to_owned(),
                    found: is_it.then(|| self.former_key(id)),
                })
            }
            None => Err(StoreError::MissingKey(self.key.clone())),
        }
    }

    /// Cleans up the files after an interrupted rotation. The caller holds the lock of the folder or the files.
    pub(super) fn settle(&self, in_force: &Key) -> Result<(), StoreError> {
        let next = self.new_key();
        if !next.exists() {
            return Ok(());
        }
        match Key::read(&self.key) {
            Ok(Some(key)) if key.id() == in_force.id() => remove(&next),
            _ => self.promote_new_key(),
        }
    }

    /// Puts the next key beside the present one.
    pub(super) fn write_new_key(&self, next: &Key) -> Result<(), StoreError> {
        remove(&self.new_key())?;
        write_new(&self.new_key(), next.to_text(true).as_bytes())
    }

    /// Notes in the key's file that a Control Room with row codes uses it. The caller holds the lock of the folder or the
    /// files.
    pub(super) fn mark(&self, key: &Key) -> Result<(), StoreError> {
        let needs_none = |file: Key| file.is_marked || file.id() != key.id();
        if key.is_marked || Key::read(&self.key)?.is_none_or(needs_none) {
            return Ok(());
        }
        // What a link names is changed, not the link.
        let file = fs::canonicalize(&self.key).map_err(|error| StoreError::io(&self.key, error))?;
        let part = with_suffix(&file, ".part");
        remove(&part)?;
        write_new(&part, key.to_text(true).as_bytes())?;
        rename(&part, &file)
    }

    /// Makes the next key the present one.
    pub(super) fn promote_new_key(&self) -> Result<(), StoreError> {
        rename(&self.new_key(), &self.key)
    }

    /// Removes the next key.
    pub(super) fn remove_new_key(&self) -> Result<(), StoreError> {
        remove(&self.new_key())
    }

    /// Keeps a copy of a replaced key, for the backups that were made with it.
    pub(super) fn archive_former_key(&self, former: &Key) -> Result<(), StoreError> {
        let path = self.former_key(former.id());
        if let Ok(Some(archived)) = Key::read(&path)
            && archived.id() == former.id()
        {
            return Ok(());
        }
        // Under another name first, so that an interruption does not leave an incomplete key under this one.
        let part = with_suffix(&path, ".part");
        remove(&part)?;
        write_new(&part, former.to_text(true).as_bytes())?;
        rename(&part, &path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip_and_malformed_keys_are_rejected() {
        let key = Key::random();
        let text = key.to_text(false);
        assert_eq!(Key::from_text(&text).unwrap().bytes(), key.bytes());
        assert_eq!(Key::from_text(text.trim()).unwrap().id(), key.id());
        assert!(!Key::from_text(&text).unwrap().is_marked());
        assert!(Key::from_text(&key.to_text(true)).unwrap().is_marked());
        let other_mark = format!("{}other", *text);
        for marked in [key.to_text(false), key.to_text(true)] {
            let by_an_editor = format!("\u{feff}{}", marked.replace('\n', "\r\n"));
            let read = Key::from_text(&by_an_editor).unwrap();
            assert_eq!(read.id(), key.id());
            assert_eq!(read.is_marked(), marked.contains(SEALED));
        }
        for wrong in [
            "",
            "canary",
            &other_mark,
            &text[1..],
            &format!("{}AAAA", text.trim()),
        ] {
            assert!(Key::from_text(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_incomplete_copy_of_a_former_key_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let files = KeyFiles {
            key: folder.path().join("key"),
            is_created_here: true,
        };
        let (former, another) = (Key::random(), Key::random());
        let path = files.former_key(former.id());
        for left in [
            "",
            &former.to_text(true)[..20],
            another.to_text(true).as_str(),
        ] {
            for path in [path.clone(), with_suffix(&path, ".part")] {
                remove(&path).unwrap();
                write_new(&path, left.as_bytes()).unwrap();
            }
            files.archive_former_key(&former).unwrap();
            let archived = Key::read(&path).unwrap().unwrap();
            assert_eq!(archived.bytes(), former.bytes());
            files.archive_former_key(&former).unwrap();
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn debug_output_does_not_reveal_the_key() {
        let key = Key::random();
        let shown = format!("{key:?}");
        assert!(!shown.contains(key.to_text(false).trim()), "{shown}");
        assert!(!shown.contains(&random::hex(key.bytes())), "{shown}");
    }
}
