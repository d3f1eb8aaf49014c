//! Opening and closing a workbook.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use lru::LruCache;

use super::cancel::Cancel;
use super::edit::{Edit, Operation};
use super::enrolment::Profile;
use super::guard::Guarded;
use super::listener::Listeners;
use super::{Enrolment, Listener};
use crate::clock::{Day, Surroundings, Zone};
use crate::doc::Document;
use crate::error::{Error, Result};
use crate::id::{ActorId, RecordId, ScopeId};
use crate::key::Signer;
use crate::model::{Action, Directory, Grant, Kind};
use crate::store::{Key, Salvaged, Store};

/// How many documents stay built: about 1 MB at 15.6 KB each.
const OPEN_DOCUMENTS: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");

/// How many salvaged changes are stored at once: each transaction waits for the disk.
const LOT: usize = 200;

const NONCE: &str = "install_nonce";

/// What a workbook needs to open.
#[derive(Debug)]
pub struct OpenOptions<'a> {
    /// The database file; its folder is created if need be.
    pub path: &'a Path,
    /// The key that the platform's key store unwrapped.
    pub key: &'a Key,
    /// A random number that is kept outside the database, where backups do not reach. If it differs from
    /// the one the database last saw, the database was restored or cloned, and takes a new actor.
    pub install_nonce: Option<[u8; 16]>,
    /// Clock and randomness.
    pub surroundings: Surroundings,
}

/// An open workbook, and what there is to tell about opening it.
#[derive(Debug)]
pub struct Opened {
    /// The workbook.
    pub workbook: Workbook,
    /// Set if the database was damaged: where it was moved, and how much was saved.
    pub salvage: Option<SalvageReport>,
}

/// What could be saved of a damaged database.
#[derive(Clone, Debug, PartialEq)]
pub struct SalvageReport {
    /// Where the damaged file is now; it is never deleted.
    pub aside: PathBuf,
    /// Records that could be rebuilt.
    pub records: Vec<RecordId>,
    /// Changes that had not been sent and were saved.
    pub unsent: u64,
    /// Records with a change that had not been sent and could not be saved: for the worker to look through.
    pub unsaved: Vec<RecordId>,
    /// Drafts that were saved.
    pub drafts: u64,
    /// Stored changes that could not be read or rebuilt; the server sends again what it has.
    pub lost: u64,
}

/// What one phone holds: a handle, whose clones are the same workbook on any thread. It closes when the last
/// one is dropped.
#[derive(Clone)]
pub struct Workbook {
    pub(super) shared: Arc<Shared>,
}

/// What the handles of a workbook share.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) path: PathBuf,
    pub(super) surroundings: Surroundings,
    pub(super) documents: Mutex<LruCache<RecordId, Document>>,
    pub(super) profile: RwLock<Arc<Profile>>,
    /// Whoever changes the profile has it until that is committed.
    profile_turn: Mutex<()>,
    pub(super) listeners: Listeners,
    /// Held by whoever has the exchange's turn.
    pub(super) exchanging: Arc<tokio::sync::Mutex<()>>,
    pub(super) cancel: Cancel,
    /// Set once everything was taken off this phone.
    pub(super) wiped: AtomicBool,
    /// What stands before it, where the platform has a vault.
    pub(super) guarded: Option<Guarded>,
}

impl Workbook {
    /// Opens the workbook, creating it if there is none.
    ///
    /// # Errors
    /// [`Error::WrongKey`] or [`Error::NewerSchema`], both without touching anything; [`Error::DiskFull`];
    /// [`Error::File`]. A damaged database is no error: it is moved aside and salvaged.
    pub fn open(options: OpenOptions<'_>) -> Result<Opened> {
        Self::open_behind(options, None)
    }

    /// [`Workbook::open`] behind a guard, which knows what the device signs with.
    pub(super) fn open_behind(
        options: OpenOptions<'_>,
        guard: Option<(Guarded, Arc<dyn Signer>)>,
    ) -> Result<Opened> {
        match Self::attempt(&options, guard.clone()) {
            // The file opened, and what the phone knows of itself did not read: now every page is looked at.
            Err(Error::Damaged(_)) => Self::attempt(&options, guard),
            opened => opened,
        }
    }

    fn attempt(options: &OpenOptions<'_>, guard: Option<(Guarded, Arc<dyn Signer>)>) -> Result<Opened> {
        let OpenOptions { path, key, install_nonce, ref surroundings } = *options;
        let surroundings = surroundings.clone();
        let opening = Store::open(path, key, surroundings.now())?;
        let (guarded, signer) = guard.unzip();
        let mut profile = opening.store.read(|reader| Profile::read(reader, &surroundings, signer))?;
        let known_nonce: Option<[u8; 16]> = opening.store.read(|reader| reader.meta(NONCE))?;
        let moved = matches!((known_nonce, install_nonce), (Some(known), Some(nonce)) if known != nonce);
        if moved || opening.salvaged.is_some() {
            profile.actor = ActorId::new(&surroundings);
        }
        opening.store.write(|writer| {
            profile.store(writer)?;
            install_nonce.map_or(Ok(()), |nonce| writer.set_meta(NONCE, &nonce))
        })?;
        let shared = Shared {
            store: opening.store,
            path: path.to_owned(),
            surroundings,
            documents: Mutex::new(LruCache::new(OPEN_DOCUMENTS)),
            profile: RwLock::new(Arc::new(profile)),
            profile_turn: Mutex::new(()),
            listeners: Listeners::default(),
            exchanging: Arc::default(),
            cancel: Cancel::default(),
            wiped: AtomicBool::new(false),
            guarded,
        };
        let workbook = Workbook { shared: Arc::new(shared) };
        let salvage = opening.salvaged.map(|salvaged| workbook.rebuild(salvaged)).transpose()?;
        workbook.scrub();
        Ok(Opened { workbook, salvage })
    }

    /// Applies the changes that were read from a damaged database.
    fn rebuild(&self, salvaged: Salvaged) -> Result<SalvageReport> {
        let mut report = SalvageReport {
            aside: salvaged.aside,
            records: Vec::new(),
            unsent: 0,
            unsaved: Vec::new(),
            drafts: salvaged.drafts,
            lost: salvaged.lost,
        };
        let mut saved: BTreeMap<RecordId, u64> = BTreeMap::new();
        for lot in salvaged.changes.chunks(LOT) {
            for (change, restored) in lot.iter().zip(self.restore_changes(lot)?) {
                let unsent = change.own && !change.acknowledged;
                if restored {
                    report.unsent += u64::from(unsent);
                    *saved.entry(change.id).or_default() += u64::from(unsent);
                } else {
                    report.lost += 1;
                    report.unsaved.extend(unsent.then_some(change.id));
                }
            }
        }
        report.records = saved.keys().copied().collect();
        let short = |(id, waiting): &(RecordId, u64)| saved.get(id).copied().unwrap_or(0) < *waiting;
        report.unsaved.extend(salvaged.waiting.iter().filter(|waiting| short(waiting)).map(|(id, _)| *id));
        report.unsaved.sort_unstable();
        report.unsaved.dedup();
        // From now on this is the database; until here the salvage would begin anew.
        Store::salvage_is_done(&self.shared.path)?;
        Ok(report)
    }

    /// Hears of every committed change from now on.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.shared.listeners.add(listener);
    }

    /// Whose phone this is, once it is enrolled.
    #[must_use]
    pub fn enrolment(&self) -> Option<Enrolment> {
        self.profile().enrolment.clone()
    }

    /// What the person may do where, as of the last exchange.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        self.profile().grants.clone()
    }

    /// What the person may do with records of `kind` in `scope`, as of the last exchange: a screen offers nothing else.
    #[must_use]
    pub fn permitted(&self, scope: &ScopeId, kind: Kind) -> Vec<Action> {
        let profile = self.profile();
        Action::ALL.into_iter().filter(|action| profile.may(scope, kind, *action)).collect()
    }

    /// The names this phone knows.
    #[must_use]
    pub fn directory(&self) -> Directory {
        self.profile().directory.clone()
    }

    /// The community's zone.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.profile().zone()
    }

    /// Today in the community's zone, by this phone's clock.
    #[must_use]
    pub fn today(&self) -> Day {
        self.zone().day(self.shared.surroundings.now())
    }

    /// The store below, for measurements and tests that look underneath.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The profile as it is now; it is replaced as a whole.
    pub(super) fn profile(&self) -> Arc<Profile> {
        self.shared.profile.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the profile in memory and in the database as one. `change` is given the profile of now and writes what it
    /// makes of it; whatever waits for the write lock meanwhile, and every listener, meets the new one.
    ///
    /// # Errors
    /// What `change` returns, or the store's failure; the profile is then as it was.
    pub(super) fn change_profile<T>(
        &self,
        change: impl FnOnce(&mut Edit<'_>, &mut Profile) -> Result<T>,
    ) -> Result<T> {
        let _turn = self.shared.profile_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.profile();
        let changed = self.write(Operation::Sync, |edit| {
            let mut profile = Profile::clone(&before);
            let value = change(edit, &mut profile)?;
            self.set_profile(Arc::new(profile));
            Ok(value)
        });
        if changed.is_err() {
            self.set_profile(before);
        }
        changed
    }

    fn set_profile(&self, profile: Arc<Profile>) {
        *self.shared.profile.write().unwrap_or_else(PoisonError::into_inner) = profile;
    }
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook").field("path", &self.shared.path).finish_non_exhaustive()
    }
}
