//! Every known attack and a thousand bombs are refused, each within 50 ms and with at most 16 MiB of memory.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use gridbook_core::gate::{self, Refusal};
use gridbook_core::model::Kind;
use gridbook_core::sync::encoding::decode;
use gridbook_core::sync::protocol::{EnrolRequest, RecoverRequest, SyncRequest, SyncResponse};
use gridbook_hostile::attacks::{self, Entrance};
use gridbook_hostile::bombs;
use gridbook_hostile::honest::Record;
use peak_alloc::PeakAlloc;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const TIME: Duration = Duration::from_millis(50);
const EXTRA: usize = 16 << 20;
const BOMBS: usize = 1_000;

/// Runs `attempt` within its limits; the clock gets three tries, since the machine does other things too.
fn within_limits<T>(what: &str, attempt: impl Fn() -> T) -> T {
    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let begun = Instant::now();
        let result = attempt();
        fastest = fastest.min(begun.elapsed());
        let extra = MEMORY.peak_usage().saturating_sub(before);
        assert!(extra <= EXTRA, "{what}: {extra} bytes");
        if fastest <= TIME {
            return result;
        }
    }
    panic!("{what}: {fastest:?}");
}

/// The way of a change: the first look, then the trial on nothing and on a record.
fn admit(record: &Record, bytes: &[u8]) -> Result<(), Refusal> {
    let change = gate::read(bytes)?;
    gate::admit_first(&change)?;
    gate::admit(None, &change)?;
    gate::admit(Some(record.document.clone()), &change).map(|_| ())
}

/// True if some message of the protocol could be read from `bytes`.
fn is_message(bytes: &[u8]) -> bool {
    decode::<SyncRequest>(bytes).is_ok()
        || decode::<EnrolRequest>(bytes).is_ok()
        || decode::<RecoverRequest>(bytes).is_ok()
        || decode::<SyncResponse>(bytes).is_ok()
}

/// Memory is counted for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn attacks_and_bombs_are_refused_quickly_and_cheaply() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let record = Record::of(Kind::Visit);
    for attack in attacks::all() {
        let file = std::fs::read(attacks::folder().join(attack.name));
        let written = file.unwrap_or_default();
        assert!(written == attack.bytes, "{}: cargo run -p gridbook-hostile", attack.name);
        match attack.entrance {
            Entrance::Change(refusal) => {
                let refused = within_limits(attack.name, || admit(&record, &attack.bytes));
                assert_eq!(refused, Err(refusal), "{}", attack.name);
            }
            Entrance::Body => {
                assert!(!within_limits(attack.name, || is_message(&attack.bytes)), "{}", attack.name)
            }
        }
    }
    for seed in 0..BOMBS {
        let bytes = bombs::next(&mut ChaCha8Rng::seed_from_u64(seed as u64));
        let what = format!("bomb {seed}");
        assert!(within_limits(&what, || admit(&record, &bytes)).is_err(), "{what} was let in");
        assert!(!within_limits(&what, || is_message(&bytes)), "{what} was read");
    }
}

/// A queue of changes that build on nothing held does not grow: each is refused and leaves nothing in memory.
/// `server/tests/exchange.rs` shows that the server forgets them as well.
#[test]
fn orphans_are_not_kept() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let attack = attacks::all().into_iter().find(|attack| attack.name == "orphan").unwrap();
    let document = Record::of(Kind::Visit).document;
    let change = gate::read(&attack.bytes).unwrap();
    let refuse = || {
        let refused = gate::admit(Some(document.clone()), &change).map(|_| ());
        assert_eq!(refused, Err(Refusal::MissingDependency));
    };
    refuse();
    let before = MEMORY.current_usage();
    (0..1_000).for_each(|_| refuse());
    let kept = MEMORY.current_usage().saturating_sub(before);
    assert!(kept < attack.bytes.len() * 100, "{kept} bytes are kept of a thousand that were refused");
}
