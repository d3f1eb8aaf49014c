//! An invented community with a month of history, the same for the same seed number.
//!
//! The demo, the stories and the benches write it through the real core. Everybody and everything in it
//! is made up: names say what a person is for, and no phone number can be dialled.

mod chronicle;
mod dice;
mod figures;
mod lists;
mod notes;
mod people;
mod phrases;
mod places;
mod reviews;
mod rounds;

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant, Zone};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Content, Role, ScopeKind, Tags};

pub use figures::FigureSeed;
pub use notes::NoteWriter;

use chronicle::Chronicle;
use dice::Dice;

/// How large the community is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// About 8,000 residents in 3,000 households and 8 grids, 9 grid workers, 30 days of history.
    Full,
    /// 60 households in 2 grids, 2 grid workers, 3 working days of history.
    Small,
}

/// The community.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// The community, its grids and its task groups; parents first.
    pub scopes: Vec<ScopeSeed>,
    /// Everybody who works there.
    pub people: Vec<PersonSeed>,
    /// How many residents its households have together; households do not record them.
    pub residents: u32,
    /// The records in the order in which they were first written.
    pub records: Vec<RecordSeed>,
    /// Numbers of earlier months, as an office imports them.
    pub figures: Vec<FigureSeed>,
}

/// A scope to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeSeed {
    /// What people and records call it here, such as `community`, `grid-1`, `group-safety`.
    pub key: String,
    /// What it is.
    pub kind: ScopeKind,
    /// Its name on screens.
    pub name: String,
    /// The key of the community it belongs to; none for the community.
    pub parent: Option<String>,
}

/// A person to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSeed {
    /// What records call them here, such as `administrator`, `lead-1`, `worker-3`, `guard-29`.
    pub key: String,
    /// Their name on screens.
    pub name: String,
    /// Their roles: the key of a scope, and what they are there.
    pub roles: Vec<(String, Role)>,
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSeed {
    /// Its id.
    pub id: RecordId,
    /// The key of the scope it is written in.
    pub scope: String,
    /// The key of the grid it happened in, if one.
    pub grid: Option<String>,
    /// The key of who writes it first.
    pub author: String,
    /// When it happened and was first written.
    pub occurred_at: Instant,
    /// Its content at first. Ids of people and scopes in it are keys (see [`with_ids`]); a review's
    /// `covers` is left empty, because it depends on how its subject is written.
    pub content: Content,
    /// Later edits, earliest first.
    pub edits: Vec<EditSeed>,
}

/// A later edit of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct EditSeed {
    /// The key of who edits.
    pub author: String,
    /// When.
    pub at: Instant,
    /// The whole content after the edit.
    pub content: Content,
}

impl Population {
    /// The community that `seed` stands for, its history ending the evening before `today`.
    #[must_use]
    pub fn generate(seed: u64, today: Day, size: Size) -> Self {
        let calendar = Calendar::before(today, size);
        let scopes = people::scopes(size);
        let people = people::people(&mut Dice::new(seed, "people"), size);
        let mut chronicle = Chronicle::new(seed);
        let mut places = places::build(&mut Dice::new(seed, "places"), &mut chronicle, &calendar, size);
        rounds::walk(seed, &mut chronicle, &mut places, &people, &calendar);
        lists::fill(&mut Dice::new(seed, "lists"), &mut chronicle, &people, &calendar);
        reviews::give(seed, &mut chronicle, &people, &calendar);
        let figures = figures::invent(&mut Dice::new(seed, "figures"), &scopes, &calendar);
        Self { scopes, people, residents: places.residents, records: chronicle.finish(), figures }
    }

    /// The person with this key.
    #[must_use]
    pub fn person(&self, key: &str) -> Option<&PersonSeed> {
        self.people.iter().find(|person| person.key == key)
    }
}

/// `content` with the keys of people and scopes in it replaced by the ids that the server gave them; a key
/// without an id is left as it is.
#[must_use]
pub fn with_ids(
    content: Content,
    scope: &dyn Fn(&str) -> Option<ScopeId>,
    person: &dyn Fn(&str) -> Option<PersonId>,
) -> Content {
    let group = |key: ScopeId| scope(key.as_str()).unwrap_or(key);
    let people_in = |assignees: BTreeMap<String, Tags>| -> BTreeMap<String, Tags> {
        let named = |key: &str| person(key).map_or_else(|| key.to_owned(), |id| id.0);
        assignees.into_iter().map(|(item, people)| (item, people.iter().map(named).collect())).collect()
    };
    match content {
        Content::Template(mut template) => {
            template.group = group(template.group);
            template.assignees = people_in(template.assignees);
            template.into()
        }
        Content::Checklist(mut list) => {
            list.group = group(list.group);
            list.assignees = people_in(list.assignees);
            for ticks in list.ticks.values_mut() {
                let kept = std::mem::take(ticks).into_iter();
                *ticks = kept.map(|(key, at)| (person(key.as_str()).unwrap_or(key), at)).collect();
            }
            list.into()
        }
        other => other,
    }
}

/// The days of the history, in the community's zone.
struct Calendar {
    zone: Zone,
    /// The first day, on which the roster is imported.
    first: Day,
    /// The last day, the one before today.
    last: Day,
    /// The working days after the first day.
    working: Vec<Day>,
}

impl Calendar {
    fn before(today: Day, size: Size) -> Self {
        let last = today.plus_days(-1);
        let month: Vec<Day> =
            (-30..0).map(|days| today.plus_days(days)).filter(|day| is_working(*day)).collect();
        let working = match size {
            Size::Full => month,
            Size::Small => month[month.len().saturating_sub(3)..].to_vec(),
        };
        let first = working.first().map_or(last, |day| day.plus_days(-1));
        Self { zone: Zone::china(), first, last, working }
    }

    /// The instant `minutes` after midnight of `day`.
    fn at(&self, day: Day, minutes: i64) -> Instant {
        self.zone.start_of(day).plus_millis(minutes * 60_000)
    }
}

/// Monday to Friday.
fn is_working(day: Day) -> bool {
    day.days_since(day.week_start()) < 5
}
