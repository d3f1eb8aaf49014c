//! The workbook: what a phone holds. Screens call it and nothing below it.
//!
//! Every edit is one `Workbook::write`: one SQLite transaction that stores the change, the row and the
//! search entry together. When a save returns, the record survives a power cut.

mod cancel;
mod checklists;
mod conflicts;
mod diary;
mod drafts;
mod edit;
mod enrolment;
mod erasures;
mod exchange;
mod guard;
mod hand_overs;
mod headline;
mod households;
mod ingest;
mod intake;
mod joining;
mod leaving;
mod listener;
mod lock;
mod lookup;
mod open;
mod outreach;
mod prepare;
mod records;
mod recovery;
mod rescue;
mod reveals;
mod reviews;
mod search;
mod standings;
mod summaries;
mod sync;
mod tasks;
mod turn;
mod visits;

pub use checklists::Checklists;
pub use conflicts::{HistoryStep, OpenConflict};
pub use diary::{DayLine, DayPage, Diary, TickLine};
pub use drafts::{Draft, Drafts};
pub use edit::Operation;
pub use enrolment::{Enrolment, Joining};
pub use guard::{Desk, Guard, GuardStatus};
pub use headline::Headline;
pub use households::{DueHousehold, Households, ImportReport};
pub use leaving::{HandedIn, Phase};
pub use listener::{Changed, Listener};
pub use lock::Lock;
pub use open::{OpenOptions, Opened, SalvageReport, Workbook};
pub use outreach::OutreachLog;
pub use records::{Cursor, New, Page};
pub use reviews::Reviews;
pub use summaries::Summary;
pub use sync::{Progress, Status, SyncReport};
pub use tasks::OpenItem;
pub use turn::Turn;
pub use visits::Visits;

pub use crate::store::{BuildingCoverage, Count, ErasureRow, Filter, HandOverRow, Key};
