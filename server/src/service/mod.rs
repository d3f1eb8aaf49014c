//! The server's end of the sync protocol: what each message does, without HTTP.
//!
//! Handlers call it after they checked the device's proof; a simulation drives it directly through
//! [`Service::for_device`]. Time and randomness come from the injected surroundings alone.

mod access;
mod admission;
pub(crate) mod asking;
mod assignees;
mod audit;
mod console;
mod contact;
mod coverage;
mod day;
mod desk;
mod diary_book;
mod directory;
mod enrol;
mod entry;
mod erasure;
mod figures;
mod finding;
mod hand_over;
mod ledger;
mod lists;
mod marking;
mod naming;
mod news;
mod parcels;
mod people;
mod pull;
mod push;
mod record;
mod record_page;
mod records;
mod recover;
mod refused;
mod reveal;
mod rounds;
mod seal;
mod second_factor;
mod summary;
mod templates;
mod terms;
mod ticks;
mod today;
mod trusted;
mod unlock;

use std::sync::Arc;

use gridbook_core::clock::{Surroundings, Zone};
use gridbook_core::id::{ActorId, DeviceId};
use gridbook_core::sync::protocol::{
    ASK_BYTES, BoxRequest, BoxResponse, EnrolRequest, EnrolResponse, FailureCode, RecoverRequest,
    RecoverResponse, Revocation, SyncProtocol, SyncRequest, SyncResponse, UnlockRequest, UnlockResponse,
    VERSION,
};

pub use access::Access;
pub(crate) use assignees::{AssigneesShown, asked_of};
pub use audit::AuditView;
pub(crate) use console::{LogIn, Seated, verifier};
pub(crate) use coverage::{Coverage, Covered, PeriodRequest, Sum};
pub(crate) use diary_book::{Book, BookRequest, QueueRequest};
pub(crate) use enrol::secret_hash;
pub(crate) use entry::{Entry, Given};
pub(crate) use figures::{Done, Figures, Incident, MET, Pair};
pub(crate) use finding::FindRequest;
pub use hand_over::{HandOverReport, HandOverRequest, Households};
pub(crate) use ledger::{LEDGERS, Ledger, LedgerRecord, LedgerRequest, NOT_EXPORTED, Opened};
pub(crate) use lists::{GroupSum, ItemView, ListState, ListView, Lists, ListsRequest, items_of};
pub(crate) use marking::{MarkedDay, SeenVersion};
pub(crate) use news::News;
pub use parcels::{Accepted, BoxedDraft, BoxedRecord};
pub(crate) use people::{PeopleRequest, PersonView};
pub use record::StepView;
pub(crate) use record_page::{Depth, Looks, OpenField, WholeRecord};
pub use records::{RecordPage, RecordRequest, RecordView, ReviewView};
pub(crate) use refused::{HandedIn, RefusedChange, RefusedRequest};
pub(crate) use rounds::{Building, BuildingMap, Dwelt, HouseholdPage, Rounds, RoundsRequest, Turn};
pub(crate) use second_factor::{Coded, NewFactor};
pub(crate) use summary::{Period, SummaryView};
pub(crate) use templates::{TemplateShown, TemplateView};
pub(crate) use ticks::Tick;
pub(crate) use today::{Arrived, ScopeToday, Silent, Today};

use crate::db::sqlite::Threads;
use crate::db::{Database, Device, Identity, Registered};
use crate::error::{Error, Result};
use crate::metrics::Metrics;

/// The service; clones share everything.
#[derive(Clone)]
pub struct Service {
    db: Arc<dyn Database>,
    identity: Arc<Identity>,
    surroundings: Surroundings,
    threads: Threads,
    metrics: Arc<Metrics>,
    news: news::Board,
    desks: desk::Desks,
    /// The file of the key that second factors are sealed with.
    factor_key: Option<Arc<std::path::Path>>,
}

impl Service {
    /// A service over `db`; `threads` says where the gate's work runs.
    #[must_use]
    pub fn new(
        db: Arc<dyn Database>,
        identity: Identity,
        surroundings: Surroundings,
        threads: Threads,
        metrics: Arc<Metrics>,
    ) -> Self {
        let news = news::Board::default();
        Self {
            db,
            identity: Arc::new(identity),
            surroundings,
            threads,
            metrics,
            news,
            desks: desk::Desks::default(),
            factor_key: None,
        }
    }

    /// The database behind it.
    #[must_use]
    pub fn database(&self) -> &dyn Database {
        self.db.as_ref()
    }

    /// What this server is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The clock and the randomness.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Where long work runs.
    pub(crate) fn threads(&self) -> Threads {
        self.threads
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The communities' zone.
    #[must_use]
    pub fn zone(&self) -> Zone {
        Zone::east_minutes(self.identity.zone_minutes)
    }

    /// One exchange with a device whose proof was checked.
    ///
    /// # Errors
    /// [`Error::Refused`] for the request as a whole; a bad change refuses itself alone.
    pub async fn sync(&self, device: &DeviceId, request: SyncRequest) -> Result<SyncResponse> {
        require_version(request.protocol)?;
        push::require_size(&request)?;
        reveal::require_size(&request)?;
        let device = self.active(device).await?;
        let answer = self.answer(&device, &request).await;
        self.note_contact(&device, &request, answer.as_ref().ok()).await?;
        answer
    }

    async fn answer(&self, device: &Device, request: &SyncRequest) -> Result<SyncResponse> {
        let registered = self.register(device, &request.actor).await?;
        let access = self.access_of(device).await?;
        let revealed = self.take_reveals(device, &access, &request.reveals).await?;
        let (receipts, access) = self.take(device, access, request).await?;
        let (scopes, more) = self.news(&access, request).await?;
        let directory = self.directory_if_newer(&access, request.directory).await?;
        // A device that was revoked while its request was under way takes nothing with it.
        self.active(&device.id).await?;
        let terms = match request.ask.len() {
            ASK_BYTES => Some(self.terms(&access, &device.key, &request.ask).await?),
            _ => None,
        };
        let (grants, at) = (access.grants(), self.surroundings.now());
        Ok(SyncResponse { receipts, scopes, grants, directory, at, more, registered, terms, revealed })
    }

    /// The protocol as one device sees it, without HTTP between.
    #[must_use]
    pub fn for_device(&self, device: DeviceId) -> ForDevice {
        ForDevice { service: self.clone(), device }
    }

    /// The device, if it is enrolled and not revoked.
    async fn active(&self, device: &DeviceId) -> Result<Device> {
        let device = self.known(device).await?;
        match device.revoked {
            Some(at) => Err(Error::Revoked(Revocation::sign(&device.id, at, &self.identity.signing_key))),
            None => Ok(device),
        }
    }

    /// The device, if it is enrolled, revoked or not.
    async fn known(&self, device: &DeviceId) -> Result<Device> {
        let unknown = "this server does not know the device; enrol it";
        let known = self.db.device(device).await?;
        known.ok_or_else(|| Error::refused(FailureCode::NotEnrolled, unknown))
    }

    /// What the device's person may do, read before the device is looked at once more: a revocation that
    /// commits later raises the version that every append is compared with.
    async fn access_of(&self, device: &Device) -> Result<Access> {
        let access = self.access(&device.person).await?;
        self.active(&device.id).await?;
        Ok(access)
    }

    /// True if the request's actor was unknown and is the device's from now on.
    async fn register(&self, device: &Device, actor: &[u8]) -> Result<bool> {
        let actor = ActorId::from_slice(actor)
            .ok_or_else(|| Error::refused(FailureCode::BadRequest, "actor: 16 bytes"))?;
        if self.db.actor(&actor).await?.is_some_and(|known| known.device.as_ref() == Some(&device.id)) {
            return Ok(false);
        }
        match self.db.register_actor(actor, &device.id, self.surroundings.now()).await? {
            Registered::New => Ok(true),
            Registered::Same => Ok(false),
            Registered::Foreign => Err(Error::refused(
                FailureCode::ForeignActor,
                "the actor belongs to another device; take a new one",
            )),
        }
    }
}

/// Refuses another version of the protocol.
fn require_version(protocol: u16) -> Result<()> {
    if protocol == VERSION {
        Ok(())
    } else {
        let detail = format!("this server speaks version {VERSION}, the request version {protocol}");
        Err(Error::refused(FailureCode::UnsupportedVersion, detail))
    }
}

/// One device's end of the wire without HTTP.
#[derive(Clone)]
pub struct ForDevice {
    service: Service,
    device: DeviceId,
}

impl SyncProtocol for ForDevice {
    async fn enrol(&self, request: EnrolRequest) -> gridbook_core::Result<EnrolResponse> {
        Ok(self.service.enrol(request).await?)
    }

    async fn sync(&self, request: SyncRequest) -> gridbook_core::Result<SyncResponse> {
        Ok(self.service.sync(&self.device, request).await?)
    }

    async fn recover(&self, request: RecoverRequest) -> gridbook_core::Result<RecoverResponse> {
        Ok(self.service.recover(&self.device, request).await?)
    }

    async fn hand_in(&self, request: BoxRequest) -> gridbook_core::Result<BoxResponse> {
        Ok(self.service.hand_in(&self.device, request).await?)
    }

    async fn unlock(&self, request: UnlockRequest) -> gridbook_core::Result<UnlockResponse> {
        Ok(self.service.unlock(&self.device, request).await?)
    }
}
