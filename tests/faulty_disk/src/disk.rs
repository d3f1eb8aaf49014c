//! What a watched folder counts, which of its calls fail, and what it records. The shim asks here before
//! every call.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::shim;
use crate::tape::{Step, Tape};

/// What is wrong with the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Any call may fail as on a dying disk.
    Io,
    /// Only calls that take space fail.
    Full,
}

/// The calls of SQLite that can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Open { creates: bool },
    Delete,
    Access,
    Read,
    Write,
    Truncate,
    Sync,
    Size,
    Lock,
    SharedMap { extends: bool },
    SharedLock,
}

impl Call {
    /// True where a full disk can make it fail.
    fn takes_space(self) -> bool {
        matches!(
            self,
            Call::Write | Call::Sync | Call::Open { creates: true } | Call::SharedMap { extends: true }
        )
    }
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    at: u64,
    lasting: bool,
}

#[derive(Debug, Default)]
struct Inner {
    /// Calls so far that could fail, by fault.
    calls: u64,
    taking_space: u64,
    plan: Option<Plan>,
    injected: u64,
    tape: Option<Tape>,
}

/// The state of one watched folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    inner: Mutex<Inner>,
}

static WATCHED: RwLock<Vec<Arc<Folder>>> = RwLock::new(Vec::new());

/// The watched folder that holds `path`, and the file's name in it.
pub(crate) fn folder_of(path: &Path) -> Option<(Arc<Folder>, String)> {
    let watched = WATCHED.read().unwrap_or_else(PoisonError::into_inner);
    watched.iter().find_map(|folder| {
        let name = path.strip_prefix(&folder.path).ok()?;
        Some((Arc::clone(folder), name.to_string_lossy().into_owned()))
    })
}

impl Folder {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call; what is wrong with it, if it is to fail.
    pub(crate) fn meet(&self, call: Call) -> Option<Fault> {
        let mut inner = self.inner();
        let (index, space_index) = (inner.calls, inner.taking_space);
        inner.calls += 1;
        inner.taking_space += u64::from(call.takes_space());
        let plan = inner.plan?;
        let index = match plan.fault {
            Fault::Io => index,
            Fault::Full if call.takes_space() => space_index,
            Fault::Full => return None,
        };
        let fails = if plan.lasting { index >= plan.at } else { index == plan.at };
        inner.injected += u64::from(fails);
        fails.then_some(plan.fault)
    }

    /// Notes what was done to a file, if someone wants to know.
    pub(crate) fn note(&self, step: impl FnOnce() -> Step) {
        if let Some(tape) = &mut self.inner().tape {
            tape.steps.push(step());
        }
    }
}

/// A folder whose files lie on a faulty disk for as long as this lives.
#[derive(Debug)]
pub struct Disk {
    folder: Arc<Folder>,
}

impl Disk {
    /// Watches a folder. SQLite must open its files after this and close them before it is dropped.
    ///
    /// # Panics
    /// If SQLite does not take the shim.
    #[must_use]
    pub fn watch(folder: &Path) -> Self {
        shim::install();
        let path = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let folder = Arc::new(Folder { path, inner: Mutex::default() });
        WATCHED.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&folder));
        Self { folder }
    }

    /// How many calls there were since the last plan that this fault could have hit.
    #[must_use]
    pub fn calls(&self, fault: Fault) -> u64 {
        let inner = self.folder.inner();
        if fault == Fault::Io { inner.calls } else { inner.taking_space }
    }

    /// Lets the call number `at` from now on fail, and if it is `lasting` all after it.
    pub fn fail(&self, fault: Fault, at: u64, lasting: bool) {
        let mut inner = self.folder.inner();
        (inner.calls, inner.taking_space, inner.injected) = (0, 0, 0);
        inner.plan = Some(Plan { fault, at, lasting });
    }

    /// Makes the disk well again; returns how many calls failed.
    pub fn mend(&self) -> u64 {
        let mut inner = self.folder.inner();
        inner.plan = None;
        (inner.calls, inner.taking_space) = (0, 0);
        std::mem::take(&mut inner.injected)
    }

    /// Records every write and sync from now on; what lies in the folder now counts as synced.
    ///
    /// # Errors
    /// The operating system's.
    pub fn record(&self) -> std::io::Result<()> {
        let mut base = BTreeMap::new();
        for entry in std::fs::read_dir(&self.folder.path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // The shared memory of a write-ahead log is no file to anyone after a power cut.
            if entry.file_type()?.is_file() && !name.ends_with("-shm") {
                base.insert(name, std::fs::read(entry.path())?);
            }
        }
        self.folder.inner().tape = Some(Tape { base, steps: Vec::new() });
        Ok(())
    }

    /// How many steps are recorded so far.
    #[must_use]
    pub fn recorded(&self) -> usize {
        self.folder.inner().tape.as_ref().map_or(0, |tape| tape.steps.len())
    }

    /// Ends the recording.
    #[must_use]
    pub fn take_tape(&self) -> Tape {
        self.folder.inner().tape.take().unwrap_or_default()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut watched = WATCHED.write().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|folder| !Arc::ptr_eq(folder, &self.folder));
    }
}
