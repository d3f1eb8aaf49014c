//! What the server did not take of people's work, and what shut-out phones handed in: whose it is, of which kind, and why.

use std::collections::BTreeMap;

use gridbook_core::clock::Instant;
use gridbook_core::gate::{self, Refusal};
use gridbook_core::id::{DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Kind, Scalar};

use super::people::views;
use super::{Seated, Service};
use crate::db::{Device, ParcelRow, RefusedRow};
use crate::error::Result;

/// Lines of refused work on one page, and of parcels.
const PAGE: usize = 50;

/// Which part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RefusedRequest {
    /// Only of this phone.
    pub(crate) phone: Option<DeviceId>,
    /// Refused changes before this one: the page before's `next`.
    pub(crate) before: Option<u64>,
    /// Parcels before this one.
    pub(crate) parcels_before: Option<u64>,
}

/// What was refused, and what waits in the box.
pub(crate) struct Refused {
    /// Refused changes, newest first.
    pub(crate) refused: Vec<RefusedChange>,
    /// Where their next page begins.
    pub(crate) next: Option<u64>,
    /// What shut-out phones handed in, newest first.
    pub(crate) parcels: Vec<HandedIn>,
    /// Where their next page begins.
    pub(crate) parcels_next: Option<u64>,
    /// What the phone calls itself, where one was asked for.
    pub(crate) phone: Option<(PersonId, String)>,
}

/// One change that was refused.
pub(crate) struct RefusedChange {
    /// When.
    pub(crate) at: Instant,
    /// Whose phone sent it.
    pub(crate) person: PersonId,
    /// What the phone calls itself.
    pub(crate) label: String,
    /// Where it was meant for, if that was named.
    pub(crate) scope: Option<ScopeId>,
    /// The record it was meant for.
    pub(crate) record: RecordId,
    /// Of which kind that is, as far as it can be told and the reader may know.
    pub(crate) kind: Option<Kind>,
    /// True if the record is here and the reader may open it.
    pub(crate) opens: bool,
    /// Why.
    pub(crate) reason: Refusal,
}

/// One parcel.
pub(crate) struct HandedIn {
    /// The parcel.
    pub(crate) parcel: ParcelRow,
    /// What the phone calls itself.
    pub(crate) label: String,
    /// True if the reader opens it.
    pub(crate) decides: bool,
}

impl Service {
    /// What was refused of the work of people whom the reader leads or manages, and what their shut-out phones handed
    /// in.
    pub(crate) async fn refused(&self, seated: &Seated, asked: &RefusedRequest) -> Result<Refused> {
        let roll = self.db.roll().await?;
        let views = views(&roll, &seated.access);
        let equipped: BTreeMap<&PersonId, bool> =
            views.iter().map(|view| (&view.person.id, view.equipped)).collect();
        let wanted = |device: &&Device| {
            equipped.contains_key(&device.person)
                && asked.phone.as_ref().is_none_or(|phone| *phone == device.id)
        };
        let devices: BTreeMap<&DeviceId, &Device> =
            roll.devices.iter().filter(wanted).map(|device| (&device.id, device)).collect();
        let ids: Vec<DeviceId> = devices.keys().map(|id| (*id).clone()).collect();
        let scopes: Vec<ScopeId> = seated.access.known_scopes().map(|scope| scope.id.clone()).collect();
        let mut rows = self.db.refused(&ids, &scopes, asked.before, PAGE + 1).await?;
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows.last().filter(|_| more).map(|row| row.n);
        let kinds = self.kinds_of(seated, &rows).await?;
        let refused = rows.into_iter().zip(kinds).filter_map(|(row, (kind, opens))| {
            let device = devices.get(&row.device)?;
            let (person, label) = (device.person.clone(), device.label.clone());
            let RefusedRow { at, scope, record, reason, .. } = row;
            Some(RefusedChange { at, person, label, scope, record, kind, opens, reason })
        });
        let parcels = self.db.parcels().await?.into_iter().rev();
        let parcels = parcels.filter(|row| asked.parcels_before.is_none_or(|before| row.n < before));
        let parcels = parcels.filter_map(|parcel| {
            let label = devices.get(&parcel.device)?.label.clone();
            let decides = *equipped.get(&parcel.person)?;
            Some(HandedIn { parcel, label, decides })
        });
        let mut parcels: Vec<HandedIn> = parcels.take(PAGE + 1).collect();
        let more = parcels.len() > PAGE;
        parcels.truncate(PAGE);
        let parcels_next = parcels.last().filter(|_| more).map(|one| one.parcel.n);
        let phone = asked.phone.as_ref().and_then(|phone| devices.get(phone));
        let phone = phone.map(|device| (device.person.clone(), device.label.clone()));
        Ok(Refused { refused: refused.collect(), next, parcels, parcels_next, phone })
    }

    /// Of which kind each change's record is, and whether the reader may open it. What is not here says it itself, if it
    /// begins a record and can be read.
    async fn kinds_of(&self, seated: &Seated, rows: &[RefusedRow]) -> Result<Vec<(Option<Kind>, bool)>> {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
        let here: BTreeMap<_, _> = self.db.scopes_of(&ids).await?.into_iter().collect();
        let erased = self.db.erased(&ids).await?;
        let unknown =
            rows.iter().filter(|row| !here.contains_key(&row.record) && !erased.contains(&row.record));
        let unknown: Vec<(u64, Vec<u8>)> = unknown.map(|row| (row.n, row.bytes.clone())).collect();
        let read = move || unknown.into_iter().map(|(n, bytes)| (n, kind_in(&bytes))).collect();
        let told: BTreeMap<u64, Option<Kind>> = self.threads.run(read).await?;
        let kinds = rows.iter().map(|row| match here.get(&row.record) {
            Some((scope, kind)) => {
                let may = seated.access.may(scope, *kind, Action::Read);
                // A mark is told on its record's page.
                let opens = may && *kind != Kind::Review && !erased.contains(&row.record);
                (may.then_some(*kind), opens)
            }
            None => (told.get(&row.n).copied().flatten(), false),
        });
        Ok(kinds.collect())
    }
}

/// The kind that a change begins a record of, if it can be read.
fn kind_in(bytes: &[u8]) -> Option<Kind> {
    let admitted = gate::admit_first(&gate::read(bytes).ok()?).ok()?;
    admitted.state.fields.get("kind").and_then(Scalar::as_text)?.parse().ok()
}
