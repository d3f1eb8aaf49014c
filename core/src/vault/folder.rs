//! A vault in a folder, for machines without a key store: the terminal phone and tests. Its files are only as
//! safe as the folder: each may be read by its owner alone, and nothing wraps them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use super::KeyVault;
use crate::error::{Error, Result};
use crate::file;

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
        let text = Zeroizing::new(data_encoding::HEXLOWER.encode(secret));
        file::write_whole(&self.0.join(name), text.as_bytes())
    }

    fn forget(&self, name: &str) -> Result<()> {
        file::remove(&self.0.join(name))
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
        again.forget("key").unwrap();
        again.forget("key").unwrap();
        assert!(vault.load("key").unwrap().is_none());
    }
}
