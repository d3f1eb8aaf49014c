//! Gridbook's server: phones sync through it, leads read from it, an administrator runs it by commands.
//!
//! [`Server`] opens a data folder and serves it; [`Service`] is the sync protocol without HTTP, which a
//! simulation drives directly; [`Admin`] is what the commands do. The core decides, the server carries.

mod admin;
mod auth;
pub mod cli;
pub mod config;
mod console;
pub mod db;
pub mod demo;
mod error;
mod handlers;
pub mod limits;
mod listener;
mod metrics;
mod nonces;
mod openapi;
mod router;
mod server;
mod service;
pub mod tls;

pub use admin::{Admin, Imported, Invitation};
pub use error::{Error, Result};
pub use metrics::Metrics;
/// What hands out memory in the server's process. The C library keeps a pool for each of many threads and gives little of
/// it back, so that a server of weeks grows: 99 MiB after five minutes of 200 phones and 119 after thirty, against 45
/// with two pools.
pub use mimalloc::MiMalloc as Allocator;
pub use router::{Reach, router};
pub use server::{Running, Server};
pub use service::{
    Accepted, Access, AuditView, BoxedDraft, BoxedRecord, ForDevice, HandOverReport, HandOverRequest,
    Households, RecordPage, RecordRequest, RecordView, ReviewView, Service, StepView,
};
