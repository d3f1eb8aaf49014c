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
pub use router::{Reach, router};
pub use server::{Running, Server};
pub use service::{
    Accepted, Access, AuditView, BoxedDraft, BoxedRecord, ForDevice, HandOverReport, HandOverRequest,
    Households, RecordPage, RecordRequest, RecordView, ReviewView, Service, StepView,
};
