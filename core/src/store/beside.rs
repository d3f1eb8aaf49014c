//! The small files beside the database: what must be known of it before it can be read, and when it cannot.
//! `open` reads and writes them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::Key;
use crate::error::{Error, Result};
use crate::file::{with_suffix, write_whole};

/// SQLCipher's salt: the first bytes of the file, in the clear. Without it no page can be checked.
pub(super) type Salt = [u8; 16];

/// What the note beside the database says: `FINGERPRINT` while it is being made, `FINGERPRINT begun SALT` once it
/// holds its schema: an empty file is a loss from then on. A power cut may have left none or a part of it.
#[derive(Debug, Default)]
pub(super) struct KeyNote {
    pub(super) fingerprint: Option<String>,
    begun: bool,
    pub(super) salt: Option<Salt>,
}

const BEGUN: &str = "begun";

/// What a damaged database's name goes on with once it was moved aside.
pub(super) const DAMAGED: &str = ".damaged-";

impl KeyNote {
    /// What is noted of the database at `path`.
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(key_path(path)).unwrap_or_default();
        let salt = text.split(' ').nth(2).and_then(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).ok());
        Self {
            fingerprint: text.get(..Key::FINGERPRINT).map(str::to_owned),
            begun: text.split(' ').nth(1) == Some(BEGUN),
            salt: salt.and_then(|bytes| bytes.try_into().ok()),
        }
    }

    /// True if the database held its schema once.
    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }

    /// Notes that the database at `path` holds its schema.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(super) fn begun(path: &Path, key: &Key) -> Result<()> {
        let salt = read_salt(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        let salt = data_encoding::HEXLOWER.encode(&salt);
        write_whole(&key_path(path), format!("{} {BEGUN} {salt}", key.fingerprint()).as_bytes())
    }
}

/// The salt as it stands in the file.
pub(super) fn read_salt(path: &Path) -> std::io::Result<Salt> {
    let mut salt = Salt::default();
    std::fs::File::open(path)?.read_exact(&mut salt)?;
    Ok(salt)
}

/// Names the key and the salt.
pub(super) fn key_path(path: &Path) -> PathBuf {
    with_suffix(path, ".key-id")
}

/// Names the damaged file while it is being salvaged.
pub(super) fn marker_path(path: &Path) -> PathBuf {
    with_suffix(path, ".salvaging")
}

/// The damaged file that is being salvaged, as its marker names it.
pub(super) fn marked(path: &Path) -> Option<PathBuf> {
    let name = std::fs::read_to_string(marker_path(path)).ok()?;
    let aside = path.with_file_name(&name);
    // A marker that names no file that a salvage moves aside, such as an empty one, says nothing.
    let begins = with_suffix(path, DAMAGED);
    aside.as_os_str().as_encoded_bytes().starts_with(begins.as_os_str().as_encoded_bytes()).then_some(aside)
}

/// Is there after a read that failed.
pub(super) fn suspect_path(path: &Path) -> PathBuf {
    with_suffix(path, ".suspect")
}
