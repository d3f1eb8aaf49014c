//! Honest records, and bytes that mean harm: the attacks that were found on automerge 0.12, bombs and mutants of honest
//! changes, and the verdict on what the gate makes of them. For the tests beside it and `fuzz/`; the stories in
//! `tests/tests` use the samples.

pub mod attacks;
pub mod bombs;
pub mod corpus;
pub mod forge;
pub mod honest;
pub mod mutants;
pub mod samples;
pub mod verdict;
