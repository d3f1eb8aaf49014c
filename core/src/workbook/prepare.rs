//! What of a page needs no database: reading its changes through the gate, projecting those that begin a
//! record, and cutting their search terms. It takes as long as storing them, so a thread of its own does it a few entries ahead, beginning
//! while the page before is still being stored.

use std::sync::mpsc::{Receiver, sync_channel};

use crate::clock::Zone;
use crate::doc::{Document, State};
use crate::error::{Error, Result};
use crate::gate::{self, Admitted, Refusal};
use crate::model::Projection;
use crate::store::Cells;
use crate::sync::session::Entry;

/// An entry of a log, ready to be stored.
pub(super) struct Prepared {
    pub(super) entry: Entry,
    /// What the record is if this is the first that is heard of it.
    pub(super) begun: Result<Begun, Refusal>,
}

/// A record that a change begins.
pub(super) struct Begun {
    /// The state but for its fields, of which the cells have what is stored.
    pub(super) state: State,
    pub(super) document: Option<Document>,
    pub(super) cells: Cells,
}

impl Prepared {
    fn new(entry: Entry, zone: Zone) -> Self {
        let begun = begin(&entry.bytes, zone);
        Self { entry, begun }
    }
}

fn begin(bytes: &[u8], zone: Zone) -> Result<Begun, Refusal> {
    let Admitted { mut state, document } = gate::admit_first(&gate::read(bytes)?)?;
    let fields = std::mem::take(&mut state.fields);
    let projection = Projection::of(&fields, zone).map_err(|_| Refusal::NotARecord)?;
    Ok(Begun { state, document, cells: Cells::of(projection).cut() })
}

/// Pages shorter than this are prepared and stored on the thread that asked for them.
pub(super) const WORTH_A_THREAD: usize = 64;
/// How many entries go from one thread to the other at a time.
const BUNDLE: usize = 32;
/// How many bundles wait at most. More make a first sync quicker and larger: sixteen take 4 MiB.
const AHEAD: usize = 4;

/// The entries of a page, being prepared.
pub(super) enum Preparing {
    Here(Vec<Entry>, Zone),
    Ahead(Receiver<Vec<Prepared>>),
}

impl Preparing {
    /// Begins with `entries`.
    ///
    /// # Errors
    /// [`Error::Store`] if the system gives no thread.
    pub(super) fn begin(entries: Vec<Entry>, zone: Zone) -> Result<Self> {
        if entries.len() < WORTH_A_THREAD {
            return Ok(Self::Here(entries, zone));
        }
        let (sender, receiver) = sync_channel(AHEAD);
        let prepare = move || {
            let mut entries = entries.into_iter().peekable();
            while entries.peek().is_some() {
                let bundle = entries.by_ref().take(BUNDLE).map(|entry| Prepared::new(entry, zone)).collect();
                // Nobody listens any more where storing failed or was given up.
                if sender.send(bundle).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("gridbook-prepare".into()).spawn(prepare);
        thread.map_err(|error| Error::Store(format!("no thread to prepare a page: {error}")))?;
        Ok(Self::Ahead(receiver))
    }

    /// Hands the entries to `store` one by one, in order, until it fails.
    pub(super) fn try_for_each(self, mut store: impl FnMut(Prepared) -> Result<()>) -> Result<()> {
        match self {
            Self::Here(entries, zone) => {
                entries.into_iter().try_for_each(|entry| store(Prepared::new(entry, zone)))
            }
            Self::Ahead(receiver) => receiver.into_iter().flatten().try_for_each(store),
        }
    }
}
