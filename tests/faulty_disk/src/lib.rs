//! A disk under SQLite that fails, fills up and forgets what was not synced.
//!
//! [`Disk::watch`] puts a shim between SQLite and the operating system for the files of one folder; what lies
//! elsewhere is passed through untouched. The tests of faults in `tests/tests` are its only callers; no
//! product depends on it. `shim` is the only file with foreign calls; everything that decides is safe code.

mod disk;
mod shim;
mod tape;

pub use disk::{Disk, Fault};
pub use tape::{Image, Step, Tape};
