//! A file a measure.

pub(crate) mod exchange;
pub(crate) mod first_sync;
pub(crate) mod gate;
pub(crate) mod ingest;
pub(crate) mod large;
pub(crate) mod memory;
pub(crate) mod save;
pub(crate) mod siege;
pub(crate) mod storm;
pub(crate) mod upload;
