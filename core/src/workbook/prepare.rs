//! What of a page needs no database: reading its changes through the gate, and projecting those that begin a
//! record. It takes as long as storing them, so a second thread does it a few entries ahead.

use std::sync::mpsc::sync_channel;

use crate::clock::Zone;
use crate::doc::ParsedChange;
use crate::error::Result;
use crate::gate::{self, Admitted, Refusal};
use crate::model::Projection;
use crate::sync::session::Entry;

/// An entry of a log, ready to be stored.
pub(super) struct Prepared {
    pub(super) entry: Entry,
    /// The change, or why the gate does not read it.
    pub(super) parsed: Result<ParsedChange, Refusal>,
    /// What the record is if this is the first that is heard of it.
    pub(super) begun: Result<Begun, Refusal>,
}

/// A record that a change begins.
pub(super) struct Begun {
    pub(super) admitted: Admitted,
    pub(super) projection: Projection,
}

/// Prepares one entry.
pub(super) fn prepare(entry: Entry, zone: Zone) -> Prepared {
    let parsed = gate::read(&entry.bytes);
    let begun = parsed.as_ref().map_err(|refusal| *refusal).and_then(|change| begin(change, zone));
    Prepared { entry, parsed, begun }
}

fn begin(change: &ParsedChange, zone: Zone) -> Result<Begun, Refusal> {
    let admitted = gate::admit(None, change)?;
    let projection = Projection::of(&admitted.state.fields, zone).map_err(|_| Refusal::NotARecord)?;
    Ok(Begun { admitted, projection })
}

/// Pages shorter than this are prepared where they are stored.
const WORTH_A_THREAD: usize = 64;
/// How many entries go from one thread to the other at a time.
const BUNDLE: usize = 32;
/// How many bundles wait at most: what is prepared takes about 4 KB an entry.
const AHEAD: usize = 4;

/// Prepares `entries` and hands them to `store` one by one, in order, until it fails.
pub(super) fn prepare_each(
    entries: Vec<Entry>,
    zone: Zone,
    mut store: impl FnMut(Prepared) -> Result<()>,
) -> Result<()> {
    if entries.len() < WORTH_A_THREAD {
        return entries.into_iter().try_for_each(|entry| store(prepare(entry, zone)));
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<Prepared>>(AHEAD);
        scope.spawn(move || {
            let mut entries = entries.into_iter().peekable();
            while entries.peek().is_some() {
                let bundle = entries.by_ref().take(BUNDLE).map(|entry| prepare(entry, zone)).collect();
                if sender.send(bundle).is_err() {
                    return;
                }
            }
        });
        receiver.into_iter().flatten().try_for_each(&mut store)
    })
}
