//! The platform's key store as apps implement it: Android's Keystore around a file that is not backed up, iOS'
//! keychain for this device only; and a device key in hardware, where there is such.

use std::io;
use std::path::Path;
use std::sync::Arc;

use gridbook_core::key::{DeviceKey, SIGNATURE_SIZE, Signer, p256_signature};
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

/// The device's key pair in hardware that never gives it out: Android's Keystore (StrongBox or the trusted
/// environment), iOS' Secure Enclave. It is for P-256, the one curve that both have.
#[uniffi::export(foreign)]
pub trait HardwareKey: Send + Sync {
    /// The public half, made together with the private one on first use and the same from then on: a point in SEC 1's
    /// form, or X.509's SubjectPublicKeyInfo, as `PublicKey.getEncoded` gives it.
    fn public_key(&self) -> std::result::Result<Vec<u8>, VaultError>;

    /// Signs with ECDSA and SHA-256 (`SHA256withECDSA`): in DER, or r and s one after the other.
    fn sign(&self, message: Vec<u8>) -> std::result::Result<Vec<u8>, VaultError>;

    /// Destroys the pair, because the phone was revoked; the next use makes another.
    fn forget(&self) -> std::result::Result<(), VaultError>;
}

/// A foreign vault, and a foreign key beside it, in the core's terms.
pub(crate) struct Platform {
    pub(crate) vault: Arc<dyn KeyVault>,
    pub(crate) key: Option<Arc<dyn HardwareKey>>,
}

impl gridbook_core::vault::KeyVault for Platform {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let loaded = self.vault.load(name.to_owned()).map_err(|error| failed(name, error))?;
        Ok(loaded.map(Zeroizing::new))
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<()> {
        self.vault.keep(name.to_owned(), secret.to_vec()).map_err(|error| failed(name, error))
    }

    fn forget(&self, name: &str) -> Result<()> {
        self.vault.forget(name.to_owned()).map_err(|error| failed(name, error))
    }

    fn device_key(&self) -> Result<Option<Arc<dyn Signer>>> {
        let Some(key) = &self.key else { return Ok(None) };
        Ok(Some(Arc::new(Hardware::of(Arc::clone(key))?)))
    }

    fn forget_device_key(&self) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        key.forget().map_err(|error| failed(HARDWARE, error))
    }
}

/// A foreign key with its public half, which was asked for once.
struct Hardware {
    platform: Arc<dyn HardwareKey>,
    key: DeviceKey,
}

impl Hardware {
    fn of(platform: Arc<dyn HardwareKey>) -> Result<Self> {
        let key = platform.public_key().map_err(|error| failed(HARDWARE, error))?;
        let key = DeviceKey::p256(&key).ok_or_else(|| failed(HARDWARE, VaultError::Unavailable))?;
        Ok(Self { platform, key })
    }
}

impl Signer for Hardware {
    fn key(&self) -> DeviceKey {
        self.key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_SIZE]> {
        let signature = self.platform.sign(message.to_vec()).map_err(|error| failed(HARDWARE, error))?;
        p256_signature(&signature).ok_or_else(|| failed(HARDWARE, VaultError::Unavailable))
    }
}

/// What the key in hardware is called where it fails.
const HARDWARE: &str = "hardware_key";

/// Where the secrets of a foreign vault are said to lie: how its failures are known from those of other files.
pub(crate) const VAULT: &str = "vault";

fn failed(name: &str, error: VaultError) -> Error {
    Error::File { path: Path::new(VAULT).join(name), source: io::Error::other(error) }
}
