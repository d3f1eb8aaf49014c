//! What the stories in `tests/tests` share.

pub mod repository;
pub mod samples;
