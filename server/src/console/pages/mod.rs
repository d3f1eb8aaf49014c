//! A file a page.

pub(crate) mod diary;
pub(crate) mod marks;
pub(crate) mod queue;
pub(crate) mod records;
pub(crate) mod today;
pub(crate) mod visits;
