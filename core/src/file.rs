//! Small files that are there whole or not at all, whatever happens meanwhile: notes beside the database, parcels, the
//! secrets of a vault in a folder.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What a file's name ends with until it is whole.
const UNFINISHED: &str = ".unfinished";

/// Writes a file that its owner alone may read, in place of one of that name. When this returns, it and its name have
/// reached the disk.
///
/// # Errors
/// [`Error::File`]; what was there before is there still.
pub fn write_whole(file: &Path, bytes: &[u8]) -> Result<()> {
    let unfinished = with_suffix(file, UNFINISHED);
    let write = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut open = options.open(&unfinished)?;
        open.write_all(bytes)?;
        open.sync_all()?;
        fs::rename(&unfinished, file)?;
        sync_name(file)
    };
    write().map_err(|source| Error::File { path: file.to_owned(), source })
}

/// Removes a file and what is left of an unfinished one, so that no power cut brings it back. One that is not there is
/// removed already.
///
/// # Errors
/// [`Error::File`].
pub fn remove(file: &Path) -> Result<()> {
    for one in [with_suffix(file, UNFINISHED).as_path(), file] {
        match fs::remove_file(one).and_then(|()| sync_name(one)) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(Error::File { path: one.to_owned(), source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// The files whose whole path begins like this.
#[must_use]
pub fn beginning(path: &Path) -> Vec<PathBuf> {
    let Some(begins) = path.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let begins = |file: &PathBuf| {
        file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(begins))
    };
    let files = fs::read_dir(folder_of(path)).into_iter().flatten().flatten();
    files.map(|file| file.path()).filter(begins).collect()
}

/// The path with more at the end of its name.
#[must_use]
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Waits until what a folder says of a file has reached the disk.
fn sync_name(file: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder_of(file))?.sync_all() } else { Ok(()) }
}

fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_finished_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("note");
        write_whole(&file, b"first").unwrap();
        // In the way of the unfinished one.
        let unfinished = with_suffix(&file, UNFINISHED);
        fs::create_dir(&unfinished).unwrap();
        assert!(write_whole(&file, b"second").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"first");
        fs::remove_dir(&unfinished).unwrap();
        write_whole(&file, b"third").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"third");
        assert_eq!(
            beginning(&folder.path().join("no")),
            std::slice::from_ref(&file),
            "nothing is left beside it"
        );
        remove(&file).unwrap();
        remove(&file).unwrap();
        assert!(!file.exists());
    }

    #[test]
    #[cfg(unix)]
    fn its_owner_alone_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("note");
        write_whole(&file, b"secret").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
