//! Stories over real parts: the town that the tests, the simulation and the benches live in.

pub mod desk;
pub mod golden;
pub mod samples;
