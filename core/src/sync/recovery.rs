//! Healing a server that was restored from an old backup, as pure functions: which places to ask about,
//! and which sealed runs of the log to offer (`docs/adr/0005-self-verifying-cursors.md`).

use super::protocol::{Checkpoint, PULL_ENTRIES};
use crate::id::{Chain, Seal};

/// The most places one question names.
pub const POINTS: usize = 64;

/// The places to ask the server about, newest first: the newest few one by one, then ever larger steps
/// back, the oldest always among them.
#[must_use]
pub fn points(checkpoints: &[(u64, Chain, Seal)]) -> Vec<(u64, Chain)> {
    let mut points = Vec::new();
    let mut position = 0;
    let mut step = 1;
    while position < checkpoints.len() && points.len() < POINTS - 1 {
        let (seq, chain, _) = checkpoints[position];
        points.push((seq, chain));
        if points.len() >= 16 {
            step *= 2;
        }
        position += step;
    }
    if let Some((seq, chain, _)) = checkpoints.last()
        && points.last().is_some_and(|(last, _)| last != seq)
    {
        points.push((*seq, *chain));
    }
    points
}

/// The runs to offer after the last common place, oldest first, each from one sealed place to another at
/// most a page later. `None` begins at the beginning of the log.
#[must_use]
pub fn spans(checkpoints: &[(u64, Chain, Seal)], common: u64) -> Vec<(Option<Checkpoint>, Checkpoint)> {
    let sealed =
        |(seq, chain, seal): &(u64, Chain, Seal)| Checkpoint { seq: *seq, chain: *chain, seal: *seal };
    let mut from = checkpoints.iter().find(|(seq, ..)| *seq == common).map(sealed);
    let mut spans: Vec<(Option<Checkpoint>, Checkpoint)> = Vec::new();
    for checkpoint in checkpoints.iter().rev().filter(|(seq, ..)| *seq > common).map(sealed) {
        let start = from.as_ref().map_or(0, |from| from.seq);
        match spans.last_mut() {
            Some((last_from, last_to))
                if *last_from == from && checkpoint.seq - start <= PULL_ENTRIES as u64 =>
            {
                *last_to = checkpoint;
            }
            Some((_, last_to)) => {
                from = Some(last_to.clone());
                spans.push((from.clone(), checkpoint));
            }
            None => spans.push((from.clone(), checkpoint)),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(seqs: impl IntoIterator<Item = u64>) -> Vec<(u64, Chain, Seal)> {
        let mut log: Vec<_> = seqs.into_iter().map(|seq| (seq, Chain([1; 16]), Seal([2; 32]))).collect();
        log.reverse();
        log
    }

    #[test]
    fn a_long_log_is_asked_about_in_few_places_and_its_oldest_always() {
        let points = points(&log(1..=10_000));
        assert!(points.len() <= POINTS);
        assert_eq!(points.first().map(|point| point.0), Some(10_000));
        assert_eq!(points.last().map(|point| point.0), Some(1));
        assert_eq!(
            points[..16].iter().map(|point| point.0).collect::<Vec<_>>(),
            (9_985..=10_000).rev().collect::<Vec<_>>()
        );
    }

    #[test]
    fn runs_join_small_pages_and_stay_within_one() {
        let spans = spans(&log([10, 500, 1_500, 2_600, 2_601]), 10);
        let ends: Vec<_> = spans.iter().map(|(from, to)| (from.as_ref().map(|c| c.seq), to.seq)).collect();
        assert_eq!(ends, [(Some(10), 1_500), (Some(1_500), 2_601)]);
    }

    #[test]
    fn nothing_in_common_begins_at_the_beginning() {
        let spans = spans(&log([700, 2_700]), 0);
        let ends: Vec<_> = spans.iter().map(|(from, to)| (from.as_ref().map(|c| c.seq), to.seq)).collect();
        assert_eq!(ends, [(None, 700), (Some(700), 2_700)]);
    }
}
