//! Gridbook's core: what a grid worker's phone holds, and the words it shares with the server.
//!
//! Rooms, top to bottom; a room uses rooms below it, never above or beside
//! (`docs/ARCHITECTURE.md` draws it, `tests/tests/rooms.rs` enforces it):
//!
//! * [`workbook`] the façade phones hold: open, write, read, search, sync, conflicts;
//! * [`sync`] the protocol that phone and server both speak, and the client's pure state machine;
//! * [`gate`] what a foreign change must pass before it may touch a document;
//! * [`store`] the encrypted SQLite, [`doc`] the automerge documents, [`roster`] household lists from
//!   spreadsheets, [`vault`] the platform's key store: siblings that know bytes and model values only;
//! * [`chunk`] a change's bytes, read without automerge;
//! * [`model`] plain nouns;
//! * [`id`], [`key`], [`clock`], [`mod@file`], [`error`] leaves.

pub mod chunk;
pub mod clock;
pub mod doc;
pub mod error;
pub mod file;
pub mod gate;
pub mod id;
pub mod key;
pub mod model;
pub mod roster;
pub mod store;
pub mod sync;
pub mod vault;
pub mod workbook;

pub use error::{Error, Result};
