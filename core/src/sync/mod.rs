//! Sync: the words phone and server exchange, the client's pure state machine, and the client over HTTP.

pub mod address;
mod columns;
pub mod encoding;
pub mod escrow;
#[cfg(feature = "http")]
pub mod http;
pub mod invitation;
pub mod mandate;
pub mod notice;
pub mod parcel;
pub mod proof;
pub mod protocol;
pub mod recovery;
pub mod sealing;
pub mod session;
mod shape;
pub mod statement;
#[cfg(feature = "http")]
mod tls;
