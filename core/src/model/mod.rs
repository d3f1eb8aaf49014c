//! Plain nouns: what grid workers and leads write down, a file each, without storage, network or CRDT.
//!
//! A record is a [`Header`] that all kinds share and a [`Body`] of its kind. Fields and their merge rules
//! are declared once, by `content!` in each noun's file; documents, rows, history and docs derive from it.

mod checklist;
mod content;
mod day;
mod diary;
pub mod dictionary;
mod directory;
mod dwelling;
mod flat;
mod hand_over;
mod household;
mod kind;
pub mod masking;
mod number;
mod outreach;
mod ownership;
mod permission;
mod projection;
mod record;
mod retention;
mod reveal;
mod review;
mod rhythm;
pub(crate) mod rule;
pub(crate) mod spelling;
mod tags;
mod template;
pub mod unmasking;
mod visit;
pub mod words;

pub use checklist::{Checklist, Item, ItemProgress, MISSED_DAYS};
pub use content::{Body, Content, Field, Merge, RUNNING_LIMIT, TEXT_LIMIT, TITLE_LIMIT};
pub use day::DaySums;
pub use diary::DiaryEntry;
pub use directory::{Directory, Person, Scope, ScopeKind};
pub use dwelling::Dwelling;
pub use flat::{Fields, Nested, Scalar, flatten, unflatten};
pub use hand_over::{Belonging, company, leads_a_hand_over, ties};
pub use household::{Household, Occupancy};
pub use kind::Kind;
pub use outreach::{Outreach, OutreachForm, Reach};
pub use ownership::may_touch;
pub use permission::{
    Action, Grant, Role, allows, equips, fits, lives_in, permits, sees, serves, sits_at_console,
};
pub use projection::Projection;
pub use record::{Header, Record, Standing, Version, Voided};
pub use retention::kept_days;
pub use reveal::{Reason, Reveal};
pub use review::{Mark, Reading, Review};
pub use rhythm::{Due, DueReason, LastVisit, RETRY_DAYS, Rhythm, RhythmTable, next_due};
pub use rule::Rule;
pub use tags::Tags;
pub use template::{DUE_AFTER_LIMIT, PEOPLE_LIMIT, Recurrence, Template, TemplateItem};
pub use visit::{Outcome, Visit};
