//! The encrypted SQLite of one phone: the only room that names rusqlite.
//!
//! It keeps change bytes, the rows projected from them and the search index, and knows nothing of what
//! is in a document. The workbook is its only caller: reads through [`Store::read`], every edit through
//! one [`Store::write`].

mod beside;
mod cells;
mod change;
mod connection;
mod cursor;
mod draft;
mod erasure;
mod failure;
mod hand_over;
mod key;
mod list;
mod lost_names;
mod meta;
mod names;
mod open;
mod past;
mod record;
mod reveal;
mod salvage;
mod schema;
mod scope;
mod search;
mod summary;
mod watermark;

pub use cells::Cells;
pub use change::{AnsweredChange, Outgoing, StoredChange};
pub use connection::{Reader, Store, Writer};
pub use cursor::ScopeCursor;
pub use draft::DraftRow;
pub use erasure::ErasureRow;
pub use hand_over::{HandOverRow, Moving, RESERVE_MS};
pub use key::Key;
pub use list::{Filter, Place};
pub use open::{Opening, SCHEMA_VERSION};
pub use past::{Run, Sealed};
pub use record::{Found, Row};
pub use salvage::{Salvaged, SalvagedChange};
pub use schema::dump as schema_dump;
pub use search::{Query, cut};
pub use summary::{BuildingCoverage, Count};
