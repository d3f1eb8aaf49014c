//! Records as automerge documents: the only room that names automerge.
//!
//! A document is one flat map at its root (`docs/adr/0003-flat-documents.md`); a diary's text is automerge
//! `Text`. The workbook begins records through [`NewChange::first`] and edits them through [`Document::write`], the
//! gate tries foreign changes on a copy, and [`read_single`] projects a record from its only change without building
//! a document.

mod change;
mod conflict;
mod document;
mod edit;
mod first;
mod history;
mod numbers;
mod single;
mod state;
mod written;

pub use change::{NewChange, ParsedChange};
pub use conflict::{Candidate, Conflict};
pub use document::Document;
pub use edit::{Edits, edits_between, edits_that_void, revision};
pub use history::{FieldChange, Step};
pub use single::read_single;
pub use state::State;
