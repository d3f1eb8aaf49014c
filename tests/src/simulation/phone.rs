//! A phone of the simulation: a real workbook in a real file, and what its owner was told is safe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridbook_core::Result;
use gridbook_core::clock::{Instant, Surroundings};
use gridbook_core::id::{ChangeHash, DeviceId, RecordId, ScopeId};
use gridbook_core::workbook::{Key, OpenOptions, Phase, Workbook};

use super::chance::{WorldClock, WrongClock, surroundings};
use super::link::Air;
use super::newer::Beyond;

/// What the phone told its owner is saved: record → versions it returned `Ok` for.
pub(super) type Promises = BTreeMap<RecordId, Vec<ChangeHash>>;

pub(super) struct Phone {
    pub(super) name: &'static str,
    pub(super) person: &'static str,
    pub(super) clock: Arc<WrongClock>,
    pub(super) device: DeviceId,
    /// Per cent of its messages that meet a fault; 100 is no network at all.
    pub(super) faults: usize,
    pub(super) air: Air,
    pub(super) promises: Promises,
    /// What its app, of a version to come, was told is saved of what this version does not know; `None` for an app of
    /// this version.
    pub(super) beyond: Option<Beyond>,
    /// Scopes whose records it must hold.
    pub(super) scopes: Vec<ScopeId>,
    /// True once it has exchanged everything with the server as it is now.
    pub(super) settled: bool,
    /// True while its disk takes no more.
    pub(super) full: bool,
    /// What is kept where backups and copies do not reach.
    nonce: [u8; 16],
    path: PathBuf,
    surroundings: Surroundings,
    key: [u8; 32],
    /// `None` only between a crash and the reopening.
    workbook: Option<Workbook>,
}

impl Phone {
    pub(super) fn new(
        name: &'static str,
        person: &'static str,
        folder: &Path,
        world: &Arc<WorldClock>,
        seed: u64,
        scopes: Vec<ScopeId>,
    ) -> Result<Self> {
        let clock = WrongClock::right(world.clone());
        let mut phone = Self {
            name,
            person,
            surroundings: surroundings(clock.clone(), seed),
            clock,
            device: DeviceId::default(),
            faults: 0,
            air: Air::default(),
            promises: Promises::new(),
            beyond: None,
            scopes,
            settled: false,
            full: false,
            nonce: [1; 16],
            path: folder.join(format!("{name}.db")),
            key: [u8::try_from(seed % 251).unwrap_or(0); 32],
            workbook: None,
        };
        phone.reopen()?;
        Ok(phone)
    }

    /// The app is killed and started again; nothing but the files is left.
    pub(super) fn reopen(&mut self) -> Result<()> {
        self.workbook = None;
        self.full = false;
        let opened = Workbook::open(OpenOptions {
            path: &self.path,
            key: &Key::new(self.key),
            install_nonce: Some(self.nonce),
            surroundings: self.surroundings.clone(),
        })?;
        assert!(opened.salvage.is_none(), "{}: a crash damaged the database", self.name);
        self.workbook = Some(opened.workbook);
        Ok(())
    }

    /// A second phone with a copy of this one's files, as a phone maker's moving tool leaves it. Both go on.
    pub(super) fn copied(&mut self, name: &'static str, folder: &Path, seed: u64) -> Result<Self> {
        self.workbook = None;
        let path = folder.join(format!("{name}.db"));
        for suffix in ["", "-wal", ".key-id"] {
            let (mut from, mut to) = (self.path.clone().into_os_string(), path.clone().into_os_string());
            from.push(suffix);
            to.push(suffix);
            if Path::new(&from).exists() {
                std::fs::copy(&from, &to).expect("the file is copied");
            }
        }
        self.reopen()?;
        let mut copy = Self {
            name,
            person: self.person,
            surroundings: surroundings(self.clock.clone(), seed),
            clock: self.clock.clone(),
            device: self.device.clone(),
            faults: self.faults,
            air: Air::default(),
            promises: self.promises.clone(),
            beyond: self.beyond.clone(),
            scopes: self.scopes.clone(),
            settled: self.settled,
            full: false,
            nonce: [2; 16],
            path,
            key: self.key,
            workbook: None,
        };
        copy.reopen()?;
        assert_ne!(copy.workbook().actor(), self.workbook().actor(), "a copy writes under another actor");
        Ok(copy)
    }

    /// A new phone in this one's stead, empty; its owner still remembers what was promised.
    pub(super) fn renewed(&self, world: &Arc<WorldClock>, seed: u64) -> Result<Self> {
        let folder = self.path.parent().expect("a folder");
        let mut renewed = Self::new(self.name, self.person, folder, world, seed, self.scopes.clone())?;
        renewed.promises = self.promises.clone();
        renewed.beyond = self.beyond.clone();
        renewed.faults = self.faults;
        Ok(renewed)
    }

    /// True if a file of it is left.
    pub(super) fn leaves_anything(&self) -> bool {
        let beside = |suffix: &str| {
            let mut name = self.path.clone().into_os_string();
            name.push(suffix);
            Path::new(&name).exists()
        };
        ["", "-wal", "-shm", ".parcel-1"].into_iter().any(beside)
    }

    /// Its own changes without a receipt, with their scopes; none once it has handed them in.
    pub(super) fn unacknowledged(&self) -> Vec<(ScopeId, ChangeHash)> {
        if self.workbook().phase() == Phase::Wiped {
            return Vec::new();
        }
        let read = self.workbook().store().read(|reader| reader.unacknowledged(0, usize::MAX, usize::MAX));
        read.expect("changes").into_iter().map(|change| (change.scope, change.hash)).collect()
    }

    /// True if it holds a change.
    pub(super) fn knows(&self, scope: &ScopeId, hash: &ChangeHash) -> bool {
        if self.workbook().phase() == Phase::Wiped {
            return false;
        }
        let read = self.workbook().store().read(|reader| reader.places_of(scope, &[*hash].into()));
        !read.expect("a change").is_empty()
    }

    /// Lets the disk fill up, or makes room again.
    pub(super) fn fill(&mut self, full: bool) -> Result<()> {
        // SQLite does not go below what the file has already: one page is none more.
        self.workbook().store().limit_pages(if full { 1 } else { 1_000_000 })?;
        self.full = full;
        Ok(())
    }

    /// What its clock says.
    pub(super) fn now(&self) -> Instant {
        self.surroundings.now()
    }

    pub(super) fn workbook(&self) -> &Workbook {
        self.workbook.as_ref().expect("the phone is open")
    }

    /// Notes what a save returned: from now on this version must never be lost.
    pub(super) fn promised(&mut self, id: RecordId) -> Result<Vec<ChangeHash>> {
        let version = self.workbook().record(id)?.version.0;
        self.promises.entry(id).or_default().extend(&version);
        Ok(version)
    }
}
