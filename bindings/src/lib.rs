//! Gridbook's core for Kotlin and Swift: the only crate that names uniffi (docs/adr/0016-the-bridge.md).
//!
//! [`mirror`] says what crosses the bridge as a value, [`WorkbookHandle`] and [`GuardHandle`] are the objects that
//! stay on this side, [`GridbookError`] is what a screen can act on. Reads and writes block the caller's thread:
//! the language layers move them to a dispatcher or an actor. Only the network is async.

pub mod mirror;

mod call;
mod error;
mod exchange;
mod guard;
mod key_vault;
mod listener;
mod words;
mod workbook;

pub use error::GridbookError;
pub use guard::GuardHandle;
pub use key_vault::{HardwareKey, KeyVault, VaultError};
pub use listener::{ChangeListener, SyncListener};
pub use words::{DictionaryEntry, Language, dictionaries, field_word, words};
pub use workbook::{ExchangeHandle, WorkbookHandle, read_invitation};

uniffi::setup_scaffolding!("gridbook");
