//! A file a page.

pub(crate) mod today;
