//! What of a page needs no database: reading its changes through the gate, projecting those that begin a
//! record, and cutting their search terms. It takes a third as long as storing them, so a thread of its own does it while
//! the page before is still being stored.

use std::sync::mpsc::{Receiver, Sender, channel};

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

/// The entries of a page, being prepared.
pub(super) enum Preparing {
    Here(Vec<Entry>, Zone),
    /// So many, from the thread that prepares them.
    Ahead(usize, Receiver<Vec<Prepared>>),
}

/// A page to be prepared, and where its entries go.
struct Page {
    entries: Vec<Entry>,
    zone: Zone,
    bundles: Sender<Vec<Prepared>>,
}

impl Page {
    fn prepare(self) {
        let mut entries = self.entries.into_iter().peekable();
        while entries.peek().is_some() {
            let bundle = entries.by_ref().take(BUNDLE).map(|entry| Prepared::new(entry, self.zone)).collect();
            // Nobody listens any more where storing failed or was given up.
            if self.bundles.send(bundle).is_err() {
                return;
            }
        }
    }
}

/// Prepares the pages of one exchange, in the order in which they came: two at a time would keep the first from being
/// stored. Its thread begins with the first page that is worth it and ends once this is dropped.
#[derive(Default)]
pub(super) struct Preparer {
    pages: Option<Sender<Page>>,
}

impl Preparer {
    /// Begins with `entries` as soon as those before are done.
    ///
    /// # Errors
    /// [`Error::Store`] if the system gives no thread, or it broke off.
    pub(super) fn begin(&mut self, entries: Vec<Entry>, zone: Zone) -> Result<Preparing> {
        if entries.len() < WORTH_A_THREAD {
            return Ok(Preparing::Here(entries, zone));
        }
        let (count, (bundles, receiver)) = (entries.len(), channel());
        let page = Page { entries, zone, bundles };
        self.pages()?.send(page).map_err(|_| broke_off())?;
        Ok(Preparing::Ahead(count, receiver))
    }

    fn pages(&mut self) -> Result<&Sender<Page>> {
        if let Some(ref pages) = self.pages {
            return Ok(pages);
        }
        let (sender, pages) = channel();
        let prepare = move || pages.into_iter().for_each(Page::prepare);
        let thread = std::thread::Builder::new().name("gridbook-prepare".into()).spawn(prepare);
        thread.map_err(|error| Error::Store(format!("no thread to prepare a page: {error}")))?;
        Ok(self.pages.insert(sender))
    }
}

impl Preparing {
    /// Hands the entries to `store` one by one, in order, until it fails.
    ///
    /// # Errors
    /// What `store` says, or [`Error::Store`] if not all entries came: the page must not count as stored.
    pub(super) fn try_for_each(self, mut store: impl FnMut(Prepared) -> Result<()>) -> Result<()> {
        match self {
            Self::Here(entries, zone) => {
                entries.into_iter().try_for_each(|entry| store(Prepared::new(entry, zone)))
            }
            Self::Ahead(mut left, receiver) => {
                receiver.into_iter().flatten().try_for_each(|prepared| {
                    left -= 1;
                    store(prepared)
                })?;
                if left == 0 { Ok(()) } else { Err(broke_off()) }
            }
        }
    }
}

fn broke_off() -> Error {
    Error::Store("the thread that prepared a page broke off".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ChangeHash, RecordId};

    fn entry(seq: u64) -> Entry {
        Entry { seq, id: RecordId::derived(&["prepared"]), hash: ChangeHash([7; 32]), bytes: Vec::new() }
    }

    #[test]
    fn pages_are_prepared_whole_and_in_order_and_one_that_is_dropped_holds_up_none() {
        let mut preparer = Preparer::default();
        let page = |from: u64| (from..from + 500).map(entry).collect::<Vec<_>>();
        let begun = [0, 500, 1_000, 1_500].map(|from| preparer.begin(page(from), Zone::china()).unwrap());
        let [first, dropped, third, last] = begun;
        drop(dropped);
        let mut seen = Vec::new();
        for page in [first, third, last] {
            page.try_for_each(|prepared| {
                seen.push(prepared.entry.seq);
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(seen, (0..500).chain(1_000..2_000).collect::<Vec<_>>());
    }

    #[test]
    fn a_page_that_waits_is_not_large() {
        assert!(size_of::<Prepared>() <= 320, "{} bytes beside the texts", size_of::<Prepared>());
    }

    #[test]
    fn a_page_of_which_entries_are_missing_does_not_count_as_stored() {
        let (sender, receiver) = channel();
        sender.send(vec![Prepared::new(entry(1), Zone::china())]).unwrap();
        drop(sender);
        let told = Preparing::Ahead(2, receiver).try_for_each(|_| Ok(()));
        assert!(matches!(told, Err(Error::Store(_))), "{told:?}");
    }
}
