//! What the stories in `tests/tests` share: the town they live in, the simulation, samples, what
//! replicas hold, and the repository itself.

pub use gridbook_hostile::samples;

pub mod bent;
pub mod day;
pub mod desk;
pub mod district;
pub mod golden;
pub mod handset;
pub mod replica;
pub mod repository;
pub mod seeds;
pub mod simulation;
pub mod town;
pub mod trials;
