//! The demo: an invented community to try the system with, to test it and to measure it.

pub mod population;
