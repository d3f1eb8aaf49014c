//! A vault in a folder, for machines without a key store: the terminal phone and tests. Its files are only as
//! safe as the folder: each may be read by its owner alone, and nothing wraps them.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use super::KeyVault;
use crate::error::{Error, Result};

/// Keeps each secret as a file of hexadecimal digits.
#[derive(Clone, Debug)]
pub struct FolderVault(PathBuf);

impl FolderVault {
    /// The vault in `folder`, made readable to its owner alone if there is none.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn at(folder: &Path) -> Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
        Ok(Self(folder.to_owned()))
    }
}

impl KeyVault for FolderVault {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let file = self.0.join(name);
        match fs::read_to_string(&file).map(Zeroizing::new) {
            Ok(text) => {
                let secret = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes());
                let secret = secret.map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error));
                secret
                    .map(|secret| Some(Zeroizing::new(secret)))
                    .map_err(|source| Error::File { path: file, source })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::File { path: file, source }),
        }
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<()> {
        let (file, unfinished) = (self.0.join(name), self.0.join(format!("{name}.unfinished")));
        let text = Zeroizing::new(data_encoding::HEXLOWER.encode(secret));
        let write = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut open = options.open(&unfinished)?;
            open.write_all(text.as_bytes())?;
            open.sync_all()?;
            fs::rename(&unfinished, &file)?;
            // The name itself must survive a power cut too.
            fs::File::open(&self.0)?.sync_all()
        };
        write().map_err(|source| Error::File { path: file.clone(), source })
    }

    fn forget(&self, name: &str) -> Result<()> {
        let file = self.0.join(name);
        match fs::remove_file(&file) {
            Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::File { path: file, source }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_replaced_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let vault = FolderVault::at(&folder.path().join("vault")).unwrap();
        assert!(vault.load("key").unwrap().is_none());
        vault.keep("key", &[1, 2, 255]).unwrap();
        vault.keep("key", &[3, 4]).unwrap();
        let again = FolderVault::at(&folder.path().join("vault")).unwrap();
        assert_eq!(again.load("key").unwrap().unwrap().as_slice(), [3, 4]);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode;
            let file = folder.path().join("vault/key");
            assert_eq!(mode(&fs::metadata(file).unwrap().permissions()) & 0o777, 0o600);
        }
        again.forget("key").unwrap();
        again.forget("key").unwrap();
        assert!(vault.load("key").unwrap().is_none());
    }
}
