//! Bytes that mean harm: the attacks that were found on automerge 0.12, bombs and mutants of honest changes, and
//! the verdict on what the gate makes of them. For `tests/tests/hostile.rs`, `tests/tests/mutants.rs` and `fuzz/`.

pub mod attacks;
pub mod bombs;
pub mod corpus;
pub mod forge;
pub mod honest;
pub mod mutants;
pub mod verdict;
