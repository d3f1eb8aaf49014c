//! Where a phone keeps the few secrets that open everything else: the trait that platforms implement, two
//! vaults for those that have none, the PIN, and the meter of time without contact. The workbook's guard is
//! the only caller.

mod folder;
mod key_vault;
mod memory;
mod meter;
mod pin;

pub use folder::FolderVault;
pub use key_vault::KeyVault;
pub use memory::MemoryVault;
pub use meter::Meter;
pub use pin::{Pin, WrappingKey};
