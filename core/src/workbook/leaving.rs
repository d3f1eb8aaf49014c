//! How a revoked phone takes its leave: it stops writing, seals what was not sent to the server's key, hands
//! that in for the lead's box, and wipes itself once the server has signed for every parcel. Whatever fails
//! on the way destroys nothing, and the next contact goes on where it stopped.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use serde::Serialize;

use super::Workbook;
use super::enrolment::Profile;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::file::{self, with_suffix, write_whole};
use crate::id::{BoxKey, DeviceId, ScopeId, ServerKey, Signature};
use crate::model::Reveal;
use crate::store::{DraftRow, Outgoing, Store};
use crate::sync::parcel::{Parcel, ParcelDraft, digest};
use crate::sync::protocol::{BoxRequest, PUSH_BYTES, PUSH_CHANGES, SyncProtocol, VERSION};
use crate::sync::statement::Statement;

/// Whether this workbook can be worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It reads and writes.
    Working,
    /// The phone was revoked: it reads, and waits for a network to hand in what was not sent.
    Withdrawn,
    /// Everything was handed in and taken off this phone.
    Wiped,
}

/// What a phone handed in before it wiped itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HandedIn {
    /// Changes without a receipt.
    pub changes: u64,
    /// Drafts.
    pub drafts: u64,
}

impl Workbook {
    /// Whether this workbook can be worked with; words for each are under `phase`.
    #[must_use]
    pub fn phase(&self) -> Phase {
        if self.shared.wiped.load(Ordering::SeqCst) {
            Phase::Wiped
        } else if self.profile().withdrawn.is_some() {
            Phase::Withdrawn
        } else {
            Phase::Working
        }
    }

    /// Takes leave after the server's answer `revoked`, if it is signed by the server that this phone knows.
    pub(super) async fn leave<P: SyncProtocol>(&self, protocol: &P, revoked: Error) -> Result<HandedIn> {
        let Error::Revoked { at, proof } = &revoked else { return Err(revoked) };
        let profile = self.profile();
        let Some((device, signing, sealing)) = known(&profile) else { return Err(revoked) };
        let proof = Signature::from_slice(proof).ok_or(Error::Protocol("no signature".into()))?;
        let parts = [device.as_str().as_bytes(), &at.to_be_bytes()];
        if !Statement::Revocation.holds(&signing, &parts, &proof) {
            return Err(revoked);
        }
        self.withdraw(Instant(*at))?;
        let handed_in = self.pack(&device, &sealing)?;
        for file in parcel_files(&self.shared.path) {
            let sealed = read_file(&file)?;
            let expected = digest(&sealed);
            let request = BoxRequest { protocol: VERSION, sealed };
            let receipt = self.shared.cancel.guard(protocol.hand_in(request)).await?;
            let parts = [device.as_str().as_bytes(), &expected[..]];
            if !Statement::Parcel.holds(&signing, &parts, &receipt.proof) {
                return Err(Error::Protocol("the receipt of the parcel is not signed by the server".into()));
            }
        }
        self.wipe()?;
        tracing::info!(%device, changes = handed_in.changes, drafts = handed_in.drafts, "phone wiped");
        Ok(handed_in)
    }

    /// From here on nothing is written any more, so that the parcels hold everything.
    fn withdraw(&self, at: Instant) -> Result<()> {
        if self.profile().withdrawn.is_some() {
            return Ok(());
        }
        self.change_profile(|edit, profile| {
            profile.withdrawn = Some(at);
            profile.store(edit.writer)
        })
    }

    /// Seals everything unsent into files beside the database, unless they are there already, and counts it.
    fn pack(&self, device: &DeviceId, to: &BoxKey) -> Result<HandedIn> {
        let (changes, drafts, reveals) = self.read(|reader| {
            let mut changes: Vec<Outgoing> = Vec::new();
            loop {
                let after = changes.last().map_or(0, |last| last.n);
                let more = reader.unacknowledged(after, PUSH_CHANGES, PUSH_BYTES)?;
                if more.is_empty() {
                    return Ok((changes, reader.drafts()?, reader.unsent_reveals(usize::MAX)?));
                }
                changes.extend(more);
            }
        })?;
        let handed_in = HandedIn { changes: changes.len() as u64, drafts: drafts.len() as u64 };
        let profile = self.profile();
        let parcels = parcels(&profile, changes, drafts, reveals)?;
        let files: Vec<_> = (1..=parcels.len()).map(|part| parcel_file(&self.shared.path, part)).collect();
        if parcel_files(&self.shared.path).len() >= files.len() {
            // Sealed before: nothing was written since, and the server may hold some of them already. Where they are
            // more, the database was damaged since, and they hold what it has no more.
            return Ok(handed_in);
        }
        remove_parcels(&self.shared.path)?;
        for (parcel, file) in parcels.iter().zip(files).rev() {
            write_whole(&file, &parcel.seal(to, device, &self.shared.surroundings)?)?;
        }
        Ok(handed_in)
    }

    /// Removes parcels that were never handed in: the phone has a place again.
    pub(super) fn unpack(&self) -> Result<()> {
        remove_parcels(&self.shared.path)
    }

    /// Destroys what this phone holds: first the way to the key, then the files.
    pub(super) fn wipe(&self) -> Result<()> {
        self.shared.wiped.store(true, Ordering::SeqCst);
        self.shared.documents.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        self.shared.guarded.as_ref().map_or(Ok(()), |guarded| guarded.guard.wipe())?;
        self.shared.store.close();
        Store::erase(&self.shared.path)?;
        remove_parcels(&self.shared.path)
    }
}

fn known(profile: &Profile) -> Option<(DeviceId, ServerKey, BoxKey)> {
    let keys = profile.server?;
    Some((profile.enrolment.as_ref()?.device.clone(), keys.signing, keys.sealing?))
}

/// Lots that fit into a request each.
fn parcels(
    profile: &Profile,
    changes: Vec<Outgoing>,
    drafts: Vec<DraftRow>,
    reveals: Vec<Reveal>,
) -> Result<Vec<Parcel>> {
    let empty = Parcel {
        person: profile.person()?.clone(),
        actor: profile.actor,
        part: 0,
        parts: 0,
        scopes: Vec::new(),
        changes: Vec::new(),
        drafts: Vec::new(),
        reveals: Vec::new(),
    };
    let (mut parcels, mut room) = (Vec::<Parcel>::new(), 0);
    let mut lot = |parcels: &mut Vec<Parcel>, size: usize| {
        let things = |parcel: &Parcel| parcel.changes.len() + parcel.drafts.len() + parcel.reveals.len();
        let full = parcels.last().is_none_or(|last| things(last) >= PUSH_CHANGES);
        if full || room < size {
            parcels.push(empty.clone());
            room = PUSH_BYTES;
        }
        room = room.saturating_sub(size);
    };
    for change in changes {
        lot(&mut parcels, change.bytes.len());
        let Some(parcel) = parcels.last_mut() else { continue };
        let scope = index_of(&mut parcel.scopes, change.scope)?;
        parcel.changes.push(crate::sync::protocol::Push(change.id, scope, change.bytes));
    }
    for draft in drafts {
        lot(&mut parcels, draft.json.len());
        let Some(parcel) = parcels.last_mut() else { continue };
        let DraftRow { id, kind, record, updated, json, .. } = draft;
        parcel.drafts.push(ParcelDraft { id, kind, record, updated, json });
    }
    for reveal in reveals {
        lot(&mut parcels, reveal.field.len() + reveal.reason.len());
        parcels.last_mut().into_iter().for_each(|parcel| parcel.reveals.push(reveal.clone()));
    }
    let parts = u32::try_from(parcels.len()).unwrap_or(u32::MAX);
    for (part, parcel) in (1..).zip(&mut parcels) {
        (parcel.part, parcel.parts) = (part, parts);
    }
    Ok(parcels)
}

fn index_of(scopes: &mut Vec<ScopeId>, scope: ScopeId) -> Result<u16> {
    let position = scopes.iter().position(|known| *known == scope).unwrap_or_else(|| {
        scopes.push(scope);
        scopes.len() - 1
    });
    u16::try_from(position).map_err(|_| Error::Protocol("too many scopes in one parcel".into()))
}

/// What a parcel's name adds to the database's, before its number.
const PARCEL: &str = ".parcel-";

fn parcel_file(database: &Path, part: usize) -> PathBuf {
    with_suffix(database, &format!("{PARCEL}{part}"))
}

/// The sealed files beside the database, in order: all of them or none, because the first is written last.
fn parcel_files(database: &Path) -> Vec<PathBuf> {
    (1..).map(|part| parcel_file(database, part)).take_while(|file| file.exists()).collect()
}

/// Removes the parcels. The first goes first: a run that breaks off leaves none that could be taken for the whole.
fn remove_parcels(database: &Path) -> Result<()> {
    file::remove(&parcel_file(database, 1))?;
    file::beginning(&with_suffix(database, PARCEL)).iter().try_for_each(|file| file::remove(file))
}

fn read_file(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|source| Error::File { path: file.to_owned(), source })
}
