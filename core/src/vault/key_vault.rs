//! The platform's key store as the core sees it.

use zeroize::Zeroizing;

use crate::error::Result;

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
}
