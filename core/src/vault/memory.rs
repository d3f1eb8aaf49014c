//! A vault in memory, for tests and for phones that are thrown away at the end of a process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::KeyVault;
use crate::error::Result;

/// Keeps secrets until it is dropped.
#[derive(Default)]
pub struct MemoryVault(Mutex<BTreeMap<String, Zeroizing<Vec<u8>>>>);

impl MemoryVault {
    fn secrets(&self) -> MutexGuard<'_, BTreeMap<String, Zeroizing<Vec<u8>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyVault for MemoryVault {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        Ok(self.secrets().get(name).cloned())
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<()> {
        self.secrets().insert(name.to_owned(), Zeroizing::new(secret.to_vec()));
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<()> {
        self.secrets().remove(name);
        Ok(())
    }
}

impl fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryVault")
    }
}
