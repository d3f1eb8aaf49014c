//! The platform's key store as apps implement it: Android's Keystore around a file that is not backed up, iOS'
//! keychain for this device only.

use std::io;
use std::path::Path;
use std::sync::Arc;

use gridbook_core::{Error, Result};
use zeroize::Zeroizing;

/// What a vault may fail with.
#[derive(Clone, Debug, PartialEq, thiserror::Error, uniffi::Error)]
pub enum VaultError {
    /// The key store cannot be read or written. What the platform says of it is for the app's own log.
    #[error("the key store cannot be read or written")]
    Unavailable,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for VaultError {
    /// The app threw what it did not declare. Its words are not passed on: they may quote the secret.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        VaultError::Unavailable
    }
}

/// Keeps small secrets under names, wrapped by what the platform has. They are at most some kilobytes.
#[uniffi::export(foreign)]
pub trait KeyVault: Send + Sync {
    /// The secret of this name; none if there is none, which is no error.
    fn load(&self, name: String) -> std::result::Result<Option<Vec<u8>>, VaultError>;

    /// Keeps a secret, instead of an earlier one of this name. When it returns, it survives a power cut; whatever
    /// happens before, either the earlier one is there or this one.
    fn keep(&self, name: String, secret: Vec<u8>) -> std::result::Result<(), VaultError>;

    /// Destroys the secret of this name; one that is not there is destroyed already.
    fn forget(&self, name: String) -> std::result::Result<(), VaultError>;
}

/// A foreign vault in the core's terms.
pub(crate) struct Platform(pub(crate) Arc<dyn KeyVault>);

impl gridbook_core::vault::KeyVault for Platform {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let loaded = self.0.load(name.to_owned()).map_err(|error| failed(name, error))?;
        Ok(loaded.map(Zeroizing::new))
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<()> {
        self.0.keep(name.to_owned(), secret.to_vec()).map_err(|error| failed(name, error))
    }

    fn forget(&self, name: &str) -> Result<()> {
        self.0.forget(name.to_owned()).map_err(|error| failed(name, error))
    }
}

/// Where the secrets of a foreign vault are said to lie: how its failures are known from those of other files.
pub(crate) const VAULT: &str = "vault";

fn failed(name: &str, error: VaultError) -> Error {
    Error::File { path: Path::new(VAULT).join(name), source: io::Error::other(error) }
}
