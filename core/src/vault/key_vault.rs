//! The platform's key store as the core sees it.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::Result;
use crate::key::Signer;

/// Keeps small secrets under names, wrapped by what the platform has: Android's Keystore with a file that is
/// not backed up, iOS' keychain for this device only. Secrets are at most some kilobytes.
pub trait KeyVault: Send + Sync {
    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the vault cannot be read; a secret that is not there is no error.
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>>;

    /// Keeps a secret, instead of an earlier one of this name. When this returns it survives a power cut, and
    /// whatever happens before, either the earlier one is there or this one.
    ///
    /// # Errors
    /// [`crate::Error::File`].
    fn keep(&self, name: &str, secret: &[u8]) -> Result<()>;

    /// Destroys the secret of this name; one that is not there is destroyed already.
    ///
    /// # Errors
    /// [`crate::Error::File`].
    fn forget(&self, name: &str) -> Result<()>;

    /// The device's key pair, where the platform's hardware keeps one that it never gives out: made on first use,
    /// the same from then on. By default there is none, and the core keeps a key of its own here, as a secret.
    ///
    /// # Errors
    /// [`crate::Error::File`].
    fn device_key(&self) -> Result<Option<Arc<dyn Signer>>> {
        Ok(None)
    }

    /// Destroys that key pair, so that the next use makes another; where there is none, nothing is to do.
    ///
    /// # Errors
    /// [`crate::Error::File`].
    fn forget_device_key(&self) -> Result<()> {
        Ok(())
    }
}
