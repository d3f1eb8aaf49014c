//! Sync: the words phone and server exchange, the client's pure state machine, and the client over HTTP.

mod columns;
pub mod encoding;
#[cfg(feature = "http")]
pub mod http;
pub mod invitation;
pub mod notice;
pub mod proof;
pub mod protocol;
pub mod recovery;
pub mod session;
mod shape;
