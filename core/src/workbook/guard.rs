//! The guard before a workbook: it keeps the database's key in the platform's vault, asks for the PIN, and
//! holds the lease. What locks it and how it opens again is in `lock.rs`; `docs/adr/0014-lease-and-escrow.md`
//! says why.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::lock::{Escrow, Lease, Lock, TRIES};
use super::open::{OpenOptions, Opened, Workbook};
use crate::clock::Surroundings;
use crate::error::{Error, Result};
use crate::id::{DeviceId, ServerKey};
use crate::key::{Signer, SoftwareKey};
use crate::store::{Key, Store};
use crate::sync::address::Address;
use crate::vault::{KeyVault, Meter, Pin};

/// The vault's names.
const DEVICE: &str = "device";
const INSTALL: &str = "install";
const GUARD: &str = "guard";

/// The database's key as the vault has it: 32 bytes, or wrapped under the PIN.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Kept(#[serde(with = "serde_bytes")] pub(super) Vec<u8>);

/// What the guard remembers: one entry of the vault, so that key, PIN and lock change together or not at all.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) kept: Option<Kept>,
    pub(super) lock: Option<Lock>,
    pub(super) wiped: bool,
    pub(super) pin: Option<Pin>,
    /// Wrong PINs since the last right one, and the time since the latest.
    pub(super) tries: u8,
    pub(super) since_try: Option<Meter>,
    pub(super) lease: Option<Lease>,
    pub(super) desk: Option<Desk>,
    pub(super) escrow: Escrow,
}

/// Whom to ask for renewal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Desk {
    /// Where the server is and how it is known, as the invitation said.
    #[serde(flatten)]
    pub address: Address,
    /// This device at that server.
    pub device: DeviceId,
    /// What the server signs with.
    pub(super) signing: ServerKey,
}

impl Desk {
    pub(super) fn new(address: Address, device: &DeviceId, signing: ServerKey) -> Self {
        Self { address, device: device.clone(), signing }
    }
}

/// How a phone stands before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct GuardStatus {
    /// Why it is locked, if it is.
    pub lock: Option<Lock>,
    /// It was revoked and holds nothing any more.
    pub wiped: bool,
    /// A PIN is asked for.
    pub pin: bool,
    /// Wrong PINs that are left.
    pub tries_left: u8,
    /// Milliseconds without contact until it locks; none before the first contact.
    pub lease_left: Option<i64>,
}

/// Stands before one workbook.
pub struct Guard {
    pub(super) path: PathBuf,
    pub(super) vault: Arc<dyn KeyVault>,
    pub(super) surroundings: Surroundings,
    state: Mutex<State>,
    /// The database's key while a workbook is open, which has it: a new PIN wraps it.
    database: Mutex<Weak<DatabaseKey>>,
}

/// The database's key.
pub(super) type DatabaseKey = Zeroizing<[u8; 32]>;

/// What an open workbook has of its guard. The key is gone from memory with the last workbook that was opened by it.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) guard: Arc<Guard>,
    pub(super) key: Arc<DatabaseKey>,
}

impl Guard {
    /// The guard of the workbook at `path`, whose secrets are in `vault`.
    ///
    /// # Errors
    /// [`Error::File`] if the vault cannot be read; [`Error::Store`] if a newer version wrote it.
    pub fn new(path: &Path, vault: Arc<dyn KeyVault>, surroundings: Surroundings) -> Result<Arc<Self>> {
        let state = match vault.load(GUARD)? {
            Some(bytes) => ciborium::from_reader(bytes.as_slice())
                .map_err(|_| Error::Store("the vault was written by another version".into()))?,
            None => State::default(),
        };
        Ok(Arc::new(Self {
            path: path.to_owned(),
            vault,
            surroundings,
            state: Mutex::new(state),
            database: Mutex::new(Weak::new()),
        }))
    }

    /// How the phone stands now.
    ///
    /// # Errors
    /// What the vault says.
    pub fn status(&self) -> Result<GuardStatus> {
        let mut state = self.state();
        let left = state.lease.as_mut().map(|lease| lease.left(&self.surroundings));
        if left.is_some_and(|left| left <= 0) && state.lock.is_none() && !state.wiped {
            self.lock(&mut state, Lock::Lease)?;
        }
        Ok(GuardStatus {
            lock: state.lock,
            wiped: state.wiped,
            pin: state.pin.is_some(),
            tries_left: TRIES.saturating_sub(state.tries),
            lease_left: left.map(|left| left.max(0)),
        })
    }

    /// Whom to ask for renewal, once the phone has been in contact.
    #[must_use]
    pub fn desk(&self) -> Option<Desk> {
        self.state().desk.clone()
    }

    /// What the device signs with, for the client that asks while the workbook is locked.
    ///
    /// # Errors
    /// What the vault says.
    pub fn signer(&self) -> Result<Arc<dyn Signer>> {
        // A phone that got its place before its app brought a key in hardware goes on with the one it has.
        let secret = match self.vault.load(DEVICE)? {
            Some(kept) => exactly(&kept)?,
            None => match self.vault.device_key()? {
                Some(key) => return Ok(key),
                None => self.secret(DEVICE)?,
            },
        };
        Ok(Arc::new(SoftwareKey::Ed25519(secret)))
    }

    /// Opens the workbook, making a new one on a new phone.
    ///
    /// # Errors
    /// [`Error::Wiped`]; [`Error::LeaseOver`] and [`Error::PinLocked`] until [`Guard::unlock`];
    /// [`Error::PinNeeded`], [`Error::PinWrong`], [`Error::PinWait`]; otherwise as [`Workbook::open`].
    pub fn open(self: &Arc<Self>, pin: Option<&str>) -> Result<Opened> {
        let status = self.status()?;
        if status.wiped {
            // A wipe that was cut short ends here; the key is gone already.
            Store::erase(&self.path)?;
            return Err(Error::Wiped);
        }
        if let Some(lock) = status.lock {
            return Err(lock.error());
        }
        // Written down, so that what was spent until now counts whatever happens to the phone next.
        self.note()?;
        let wrapping = if status.pin { Some(self.try_pin(pin.ok_or(Error::PinNeeded)?)?) } else { None };
        let kept = self.state().kept.clone();
        let key = match (kept, wrapping) {
            (Some(kept), Some(wrapping)) => exactly(&wrapping.unwrap_secret(&kept.0)?)?,
            (Some(kept), None) => exactly(&kept.0)?,
            // The vault of another phone, or a database that was restored without it.
            (None, _) if self.path.exists() => return Err(Error::WrongKey(self.path.clone())),
            (None, _) => self.first_key()?,
        };
        // One that is still open, or closing behind the last call of somebody's, has the same.
        let key = self.open_key().filter(|open| **open == key).unwrap_or_else(|| Arc::new(key));
        let signer = self.signer()?;
        let options = OpenOptions {
            path: &self.path,
            key: &Key::new(**key),
            install_nonce: Some(*self.secret(INSTALL)?),
            surroundings: self.surroundings.clone(),
        };
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&key);
        Workbook::open_behind(options, Some((Guarded { guard: Arc::clone(self), key }, signer)))
    }

    /// Sets a PIN, or another one, or with `None` takes it away; the workbook must be open.
    ///
    /// # Errors
    /// [`Error::BadPin`]; [`Error::PinNeeded`] unless the workbook is open.
    pub fn set_pin(&self, pin: Option<&str>) -> Result<()> {
        let key = self.open_key().ok_or(Error::PinNeeded)?;
        let (pin, kept) = match pin {
            Some(text) => {
                let (pin, wrapping) = Pin::new(text, &self.surroundings)?;
                (Some(pin), wrapping.wrap(&**key, &self.surroundings)?)
            }
            None => (None, key.to_vec()),
        };
        let mut state = self.state();
        let next = State { pin, kept: Some(Kept(kept)), tries: 0, since_try: None, ..state.clone() };
        self.save(&next)?;
        *state = next;
        Ok(())
    }

    /// Makes a wiped phone new again, for another invitation. What was there is gone already.
    ///
    /// # Errors
    /// What the vault or the disk says.
    pub fn begin_anew(&self) -> Result<()> {
        let mut state = self.state();
        if !state.wiped {
            return Ok(());
        }
        Store::erase(&self.path)?;
        self.forget_device()?;
        *state = State::default();
        self.save(&state)
    }

    /// Destroys the way to the data; the files go after it.
    pub(super) fn wipe(&self) -> Result<()> {
        let mut state = self.state();
        *state = State { wiped: true, ..State::default() };
        self.save(&state)?;
        self.forget_key();
        self.forget_device()
    }

    /// Destroys what the phone was known by.
    fn forget_device(&self) -> Result<()> {
        [DEVICE, INSTALL].into_iter().try_for_each(|name| self.vault.forget(name))?;
        self.vault.forget_device_key()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn save(&self, state: &State) -> Result<()> {
        let mut bytes = Zeroizing::new(Vec::new());
        ciborium::into_writer(state, &mut *bytes).map_err(|error| Error::Store(error.to_string()))?;
        self.vault.keep(GUARD, &bytes)
    }

    /// The database's key while a workbook is open.
    fn open_key(&self) -> Option<Arc<DatabaseKey>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    /// Sets no PIN any more, whatever is still open.
    pub(super) fn forget_key(&self) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Weak::new();
    }

    /// The key of a database that is about to be made.
    fn first_key(&self) -> Result<Zeroizing<[u8; 32]>> {
        let key = Zeroizing::new(self.surroundings.random::<32>());
        let mut state = self.state();
        let next = State { kept: Some(Kept(key.to_vec())), ..state.clone() };
        // Kept first: a key that is in memory alone would make a database that nobody opens again.
        self.save(&next)?;
        *state = next;
        Ok(key)
    }

    /// A secret of `N` random bytes that is made on first use.
    fn secret<const N: usize>(&self, name: &str) -> Result<Zeroizing<[u8; N]>> {
        if let Some(kept) = self.vault.load(name)? {
            return exactly(&kept);
        }
        let fresh = Zeroizing::new(self.surroundings.random::<N>());
        self.vault.keep(name, &*fresh)?;
        Ok(fresh)
    }
}

pub(super) fn exactly<const N: usize>(bytes: &[u8]) -> Result<Zeroizing<[u8; N]>> {
    bytes
        .try_into()
        .map(Zeroizing::new)
        .map_err(|_| Error::Sealed("a secret of the vault has another length"))
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("path", &self.path).finish_non_exhaustive()
    }
}
