//! What crosses the bridge as a value: the core's nouns and listings, written once more for uniffi. A field or a
//! variant that differs from the core's does not compile. Where the core's type has no counterpart there (a pair,
//! a borrow, a `usize`), a struct of this room stands for it and is taken apart field by field, so that a new
//! field does not compile either.
//!
//! Names that Kotlin's or Swift's own libraries have, or that say too little alone, are longer here:
//! `Record<Visit>` is `VisitRecord`, `Progress` is `SyncProgress`, `Scalar` is `FieldValue`.

#[macro_use]
mod shapes;

mod checklist;
mod conflict;
mod directory;
mod draft;
mod guard;
mod household;
mod ids;
mod page;
mod record;
mod report;
mod review;
mod rule;
mod summary;
mod sync;
mod work;

pub use checklist::*;
pub use conflict::*;
pub use directory::*;
pub use draft::*;
pub use guard::*;
pub use household::*;
pub use ids::*;
pub use page::*;
pub use record::*;
pub use report::*;
pub use review::*;
pub use rule::*;
pub use summary::*;
pub use sync::*;
pub use work::*;
