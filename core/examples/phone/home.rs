//! The home folder of one phone: `workbook.db` (encrypted), `key` and `install`.
//!
//! `key` stands in for a phone's key store: a terminal has none, so the workbook's 32-byte key lies beside
//! it in a file that only its owner may read (mode 0600). A real phone wraps it with the platform's key
//! store instead. `install` is the nonce that backups of a phone leave out; copy a home folder without it
//! and the core notices the clone.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use gridbook_core::clock::Surroundings;
use gridbook_core::workbook::{Key, OpenOptions as WorkbookOptions, Opened, Workbook};
use gridbook_core::{Error, Result};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// One phone's folder.
pub(crate) struct Home {
    folder: PathBuf,
}

impl Home {
    /// The home at `folder`, made if there is none.
    pub(crate) fn at(folder: PathBuf) -> Result<Self, Failure> {
        make_private(&folder).map_err(|source| file_error(&folder, source))?;
        Ok(Self { folder })
    }

    /// Opens the workbook, with a new key if this is a new phone.
    pub(crate) fn open(&self) -> Result<Opened, Failure> {
        let surroundings = Surroundings::system();
        let database = self.folder.join("workbook.db");
        let key_file = self.folder.join("key");
        if database.exists() && !key_file.exists() {
            return Err(Failure::input("key_missing", &[("file", &key_file.display().to_string())]));
        }
        let key = secret_in::<32>(&key_file, &surroundings)?;
        let nonce = secret_in::<16>(&self.folder.join("install"), &surroundings)?;
        Ok(Workbook::open(WorkbookOptions {
            path: &database,
            key: &Key::new(*key),
            install_nonce: Some(*nonce),
            surroundings,
        })?)
    }
}

/// Reads `N` bytes written as hexadecimal, or writes new random ones.
fn secret_in<const N: usize>(
    file: &Path,
    surroundings: &Surroundings,
) -> Result<Zeroizing<[u8; N]>, Failure> {
    match fs::read_to_string(file).map(Zeroizing::new) {
        Ok(text) => {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map(Zeroizing::new);
            let bytes = bytes.ok().and_then(|bytes| <[u8; N]>::try_from(bytes.as_slice()).ok());
            let facts = [("file", file.display().to_string()), ("n", (2 * N).to_string())];
            bytes
                .map(Zeroizing::new)
                .ok_or_else(|| Failure::input("key_unreadable", &[("file", &facts[0].1), ("n", &facts[1].1)]))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let bytes = Zeroizing::new(surroundings.random::<N>());
            let text = Zeroizing::new(data_encoding::HEXLOWER.encode(&*bytes));
            write_private(file, &text).map_err(|source| file_error(file, source))?;
            Ok(bytes)
        }
        Err(source) => Err(file_error(file, source)),
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn file_error(path: &Path, source: std::io::Error) -> Failure {
    Error::File { path: path.to_owned(), source }.into()
}
