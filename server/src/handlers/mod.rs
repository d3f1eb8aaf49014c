//! One file a concern; how a device's exchange is read, answered and refused is in `exchange.rs`.

pub(crate) mod audit;
mod bearer;
mod devices;
mod exchange;
pub(crate) mod exports;
mod failure;
pub(crate) mod hand_over;
pub(crate) mod health;
mod metrics;
pub(crate) mod records;
pub(crate) mod summary;

use std::sync::Arc;
use std::time::Duration;

use gridbook_core::sync::protocol::FailureCode;
use tokio::sync::{Semaphore, SemaphorePermit};

pub(crate) use audit::audit;
pub(crate) use devices::{enrol, hand_in, recover, sync, unlock};
pub(crate) use exchange::address_of;
use exchange::{Received, whole};
pub(crate) use exports::{export, exports};
pub(crate) use failure::{json_failure, status, wire_failure};
pub(crate) use hand_over::hand_over;
pub(crate) use health::health;
pub(crate) use metrics::metrics;
pub(crate) use records::{history, record, records, reveal};
pub(crate) use summary::summary;

use crate::error::{Error, Result};
use crate::limits::{Limiter, Limits};
use crate::nonces::Nonces;
use crate::router::Reach;
use crate::service::Service;

/// Exchanges worked on at the same time; each holds its body and a page in memory.
const IN_FLIGHT: usize = 64;
/// How long an exchange waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

/// What handlers hold.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) service: Service,
    nonces: Arc<Nonces>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) limiter: Arc<Limiter>,
    room: Arc<Semaphore>,
    /// How this server is reached.
    pub(crate) reach: Arc<Reach>,
}

impl Shared {
    pub(crate) fn new(service: Service, limits: Limits, reach: Reach) -> Self {
        let nonces = Arc::new(Nonces::new(service.surroundings().now()));
        let limiter = Arc::new(Limiter::new(&limits));
        let room = Arc::new(Semaphore::new(IN_FLIGHT));
        Self { service, nonces, limits: Arc::new(limits), limiter, room, reach: Arc::new(reach) }
    }

    /// Waits for a place among the exchanges in flight.
    async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        let permit = tokio::time::timeout(PATIENCE, self.room.acquire()).await;
        permit
            .ok()
            .and_then(|permit| permit.ok())
            .ok_or_else(|| Error::refused(FailureCode::Busy, "too many devices at once; try again soon"))
    }
}
