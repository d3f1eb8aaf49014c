//! A phone of the simulation: a real workbook in a real file, and what its owner was told is safe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridbook_core::Result;
use gridbook_core::clock::Surroundings;
use gridbook_core::id::{ChangeHash, DeviceId, RecordId, ScopeId};
use gridbook_core::workbook::{Key, OpenOptions, Workbook};

use super::chance::{WorldClock, WrongClock, surroundings};
use super::link::Air;

/// What the phone told its owner is saved: record → versions it returned `Ok` for.
pub(super) type Promises = BTreeMap<RecordId, Vec<ChangeHash>>;

pub(super) struct Phone {
    pub(super) name: &'static str,
    pub(super) clock: Arc<WrongClock>,
    pub(super) device: DeviceId,
    /// Per cent of its messages that meet a fault; 100 is no network at all.
    pub(super) faults: usize,
    pub(super) air: Air,
    pub(super) promises: Promises,
    /// Scopes whose records it must hold.
    pub(super) scopes: Vec<ScopeId>,
    /// True once it has exchanged everything with the server as it is now.
    pub(super) settled: bool,
    path: PathBuf,
    surroundings: Surroundings,
    key: [u8; 32],
    /// `None` only between a crash and the reopening.
    workbook: Option<Workbook>,
}

impl Phone {
    pub(super) fn new(
        name: &'static str,
        folder: &Path,
        world: &Arc<WorldClock>,
        seed: u64,
        scopes: Vec<ScopeId>,
    ) -> Result<Self> {
        let clock = WrongClock::right(world.clone());
        let mut phone = Self {
            name,
            surroundings: surroundings(clock.clone(), seed),
            clock,
            device: DeviceId::default(),
            faults: 0,
            air: Air::default(),
            promises: Promises::new(),
            scopes,
            settled: false,
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
        let opened = Workbook::open(OpenOptions {
            path: &self.path,
            key: &Key::new(self.key),
            install_nonce: Some([1; 16]),
            surroundings: self.surroundings.clone(),
        })?;
        assert!(opened.salvage.is_none(), "{}: a crash damaged the database", self.name);
        self.workbook = Some(opened.workbook);
        Ok(())
    }

    pub(super) fn workbook(&self) -> &Workbook {
        self.workbook.as_ref().expect("the phone is open")
    }

    /// Notes what a save returned: from now on this version must never be lost.
    pub(super) fn promised(&mut self, id: RecordId) -> Result<()> {
        let version = self.workbook().record(id)?.version;
        self.promises.entry(id).or_default().extend(version.0);
        Ok(())
    }
}
