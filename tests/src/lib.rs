//! What the stories in `tests/tests` share.

pub mod samples;
