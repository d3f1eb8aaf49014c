//! The floor: the least that a phone and a server can do with the same visits. A JSON row each, the last
//! write wins, zstd-compressed JSON on the wire. No history, no merge, no proof of who wrote what.

mod phone;
mod record;
mod server;
mod wire;

pub(crate) use phone::FloorPhone;
pub(crate) use record::FloorVisit;
pub(crate) use server::FloorServer;
pub(crate) use wire::{FloorClient, pack};
