//! A file a measure.

pub(crate) mod ingest;
pub(crate) mod large;
pub(crate) mod save;
