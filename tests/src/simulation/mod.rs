//! A week of a town in one thread: real workbooks, the real service, a network that loses, repeats and
//! reorders, phones that crash, whose clocks jump, whose disks fill up and whose databases are copied to other
//! phones, phones and people that lose their place, a server that is restored from old backups. Some phones have the
//! app's version to come.
//!
//! Everything random comes from one seed, so a failing seed is reproduced by running it alone
//! (the command is in its message), which prints its story. `tests/tests/simulation.rs` runs the seeds.

mod actions;
mod chance;
mod invariants;
mod link;
mod newer;
mod phone;
mod server;
mod turns;
mod world;

pub use actions::{act, template};
pub use chance::Dice;
pub use world::{Outcome, run, scratch};
