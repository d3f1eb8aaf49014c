//! Where things are: one data folder, with one database in it.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The data folder if none is named.
pub const DATA: &str = "gridbook-data";
/// Where the server listens if nothing else is said: on this machine only.
pub const LISTEN: &str = "127.0.0.1:8080";

/// The database's file in a data folder.
#[must_use]
pub fn database(data: &Path) -> PathBuf {
    data.join("gridbook.db")
}

/// Makes the data folder, readable to its owner alone, if there is none.
///
/// # Errors
/// [`Error::File`].
pub fn make_data(data: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data).map_err(|source| Error::File { path: data.to_owned(), source })
}
