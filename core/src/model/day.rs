//! What a day comes to: the sums on top of a diary's page, on phones and on the console.

use super::{DiaryEntry, Outcome, Outreach, Visit};

/// The sums of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaySums {
    /// Visits made.
    pub visits: usize,
    /// Of these, how many met someone.
    pub met: usize,
    /// People reached by outreach (人次).
    pub reached: u64,
    /// Items ticked.
    pub ticked: usize,
    /// Entries that still want a follow-up.
    pub open_follow_ups: usize,
}

impl DaySums {
    /// Counts a visit.
    pub fn visit(&mut self, visit: &Visit) {
        self.visits += 1;
        self.met += usize::from(visit.outcome == Some(Outcome::Met));
    }

    /// Counts an outreach.
    pub fn outreach(&mut self, outreach: &Outreach) {
        self.reached += u64::from(outreach.reached);
    }

    /// Counts an entry of the diary.
    pub fn entry(&mut self, entry: &DiaryEntry) {
        self.open_follow_ups += usize::from(entry.needs_follow_up && !entry.done);
    }

    /// Counts a tick.
    pub fn tick(&mut self) {
        self.ticked += 1;
    }
}
