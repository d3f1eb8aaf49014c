//! Gridbook's phone as the rows use it: the real workbook on a real encrypted file.

use std::path::Path;

use gridbook_core::clock::{Instant, Surroundings};
use gridbook_core::id::RecordId;
use gridbook_core::workbook::{Key, OpenOptions, Workbook};

use crate::Outcome;
use crate::replay::Replay;
use crate::work::{HOUSEHOLDS, Workload, change_of, household};

/// Opens, or creates, the workbook at `path`.
pub(crate) fn open(path: &Path) -> Outcome<Workbook> {
    let options = OpenOptions {
        path,
        key: &Key::new([7; 32]),
        install_nonce: Some([1; 16]),
        surroundings: Surroundings::system(),
    };
    Ok(Workbook::open(options)?.workbook)
}

/// A log that begins with the grid's households, and a workload of visits to them.
pub(crate) fn grid_with_households(seed: u64) -> Outcome<(Replay, Workload)> {
    let mut replay = Replay::new();
    let mut ids = Vec::with_capacity(HOUSEHOLDS);
    let at = Instant(1_760_000_000_000);
    for number in 0..HOUSEHOLDS {
        let surroundings = crate::work::stopped_at(at, number as u64);
        let id = RecordId::new(&surroundings);
        let author = &replay.people()[0];
        let bytes = change_of(author, &replay.grid(), at, household(number), replay.actor(0))?;
        replay.append_change(id, bytes);
        ids.push(id);
    }
    let workload = Workload::new(seed, replay.grid(), replay.people(), ids);
    Ok((replay, workload))
}

/// A workbook that has taken in a whole log.
pub(crate) async fn filled(path: &Path, replay: &Replay) -> Outcome<Workbook> {
    let workbook = open(path)?;
    workbook.enrol(replay, "http://replay.invalid", "invite", "bench").await?;
    workbook.sync(replay, |_| {}).await?;
    Ok(workbook)
}
