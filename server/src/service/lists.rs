//! 清单: the task groups' lists with who ticked what when, what is overdue, and the templates they are made from.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Checklist, Content, Kind, MISSED_DAYS, Projection, Scope};
use gridbook_core::sync::protocol::FailureCode;

use super::assignees::asked_of;
use super::coverage::readable;
use super::records::{place, text};
use super::templates::{TemplateView, Templates};
use super::{Seated, Service};
use crate::db::{Kept, RecordQuery, Row};
use crate::error::{Error, Result};

/// Lists on one page.
const PAGE: usize = 12;
/// Lists read at once while looking for those of a state, and at most for one page.
const READ: usize = 100;
const SCANNED: usize = 1_000;

/// Which lists, by where their period stands today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ListState {
    /// Those whose period holds today.
    #[default]
    Running,
    /// Those in view with an item that is overdue: they run, or ended lately.
    Overdue,
    /// Those that are over.
    Ended,
}

impl ListState {
    /// Every state.
    pub(crate) const ALL: [ListState; 3] = [ListState::Running, ListState::Overdue, ListState::Ended];

    /// Before which day lists ended that are not looked at; `None` to look at all.
    fn ends_from(self, today: Day) -> Option<Day> {
        match self {
            ListState::Running => Some(today),
            ListState::Overdue => Some(today.plus_days(-MISSED_DAYS)),
            ListState::Ended => None,
        }
    }

    /// The word that addresses carry.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ListState::Running => "running",
            ListState::Overdue => "overdue",
            ListState::Ended => "ended",
        }
    }
}

/// Which lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListsRequest {
    /// Only this group.
    pub(crate) group: Option<ScopeId>,
    /// Only in this state.
    pub(crate) state: ListState,
    /// What follows this place: the page before's `next`.
    pub(crate) after: Option<String>,
    /// Of the templates, what follows this place.
    pub(crate) templates_after: Option<String>,
    /// An open page asks anew because something came in: only what is new since its reader's look is another one.
    pub(crate) by_itself: bool,
}

/// A page of lists.
pub(crate) struct Lists {
    /// The groups with what runs in each, by name.
    pub(crate) groups: Vec<GroupSum>,
    /// The lists, latest period first.
    pub(crate) lists: Vec<ListView>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
    /// The templates, by group and title.
    pub(crate) templates: Vec<TemplateView>,
    /// Where their next page begins.
    pub(crate) templates_next: Option<String>,
}

/// What runs in a group today.
pub(crate) struct GroupSum {
    /// The group.
    pub(crate) scope: Scope,
    /// Lists whose period holds today.
    pub(crate) running: usize,
    /// Their items.
    pub(crate) items: usize,
    /// Of these, how many are done.
    pub(crate) done: usize,
    /// How many are overdue, of these and of lists that ended lately.
    pub(crate) overdue: usize,
}

/// One list.
pub(crate) struct ListView {
    /// Which.
    pub(crate) id: RecordId,
    /// Its group.
    pub(crate) scope: ScopeId,
    /// Its title, numbers masked as everywhere.
    pub(crate) title: String,
    /// Its period.
    pub(crate) period: (Option<Day>, Option<Day>),
    /// Its items in order.
    pub(crate) items: Vec<ItemView>,
    /// Its period holds today.
    pub(crate) runs: bool,
    /// It runs, or ended so lately that what was missed is still asked for.
    pub(crate) is_in_view: bool,
}

/// One item.
pub(crate) struct ItemView {
    /// What to do.
    pub(crate) title: String,
    /// By when: its own day, or else the list's last one.
    pub(crate) due: Option<Day>,
    /// How many people must tick it.
    pub(crate) people: u32,
    /// Who is asked to do it.
    pub(crate) asked: Vec<PersonId>,
    /// Who ticked it and when, earliest first.
    pub(crate) ticks: Vec<(PersonId, Instant)>,
    /// True once enough people ticked it.
    pub(crate) done: bool,
    /// True if it should have been done before today.
    pub(crate) overdue: bool,
}

impl ListView {
    /// How many items are done.
    pub(crate) fn done(&self) -> usize {
        self.items.iter().filter(|item| item.done).count()
    }

    /// How many should have been done before today, as long as that is asked for.
    pub(crate) fn overdue(&self) -> usize {
        if self.is_in_view { self.items.iter().filter(|item| item.overdue).count() } else { 0 }
    }

    fn is(&self, state: ListState, today: Day) -> bool {
        match state {
            ListState::Running => self.runs,
            ListState::Overdue => self.overdue() > 0,
            ListState::Ended => self.period.1.is_some_and(|ends| ends < today),
        }
    }
}

impl Service {
    /// A page of lists, the groups' sums and the templates. Who looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a group whose lists the person may not read.
    pub(crate) async fn lists(&self, seated: &Seated, asked: &ListsRequest) -> Result<Lists> {
        let today = self.zone().day(self.surroundings.now());
        let mut groups = readable(&seated.access, &[Kind::Checklist]);
        groups.sort_by(|one, other| one.parent.cmp(&other.parent));
        if asked.group.as_ref().is_some_and(|group| groups.iter().all(|scope| scope.id != *group)) {
            return Err(Error::refused(FailureCode::NotFound, "no such group"));
        }
        let mut sums = Vec::new();
        for scope in &groups {
            sums.push(self.group_sum(scope, today).await?);
        }
        let wanted =
            groups.iter().filter(|scope| asked.group.as_ref().is_none_or(|group| *group == scope.id));
        let wanted: Vec<ScopeId> = wanted.map(|scope| scope.id.clone()).collect();
        let (rows, lists, next) = self.matching(&wanted, asked, today).await?;
        let after = asked.templates_after.as_deref();
        let Templates { kept, templates, next: templates_next } =
            self.templates(seated, &wanted, after, today).await?;
        self.note_shown(seated, &[rows, kept].concat(), asked.by_itself).await?;
        Ok(Lists { groups: sums, lists, next, templates, templates_next })
    }

    async fn group_sum(&self, scope: &Scope, today: Day) -> Result<GroupSum> {
        let visible = vec![(scope.id.clone(), vec![Kind::Checklist])];
        let ends_from = Some(today.plus_days(-MISSED_DAYS));
        let query = RecordQuery { visible, ends_from, limit: SCANNED, ..RecordQuery::default() };
        let mut sum = GroupSum { scope: scope.clone(), running: 0, items: 0, done: 0, overdue: 0 };
        for row in self.db.records(&query).await?.iter().filter(|row| !row.voided) {
            let Some(list) = view(row, today)? else { continue };
            sum.overdue += list.overdue();
            if list.runs {
                sum.running += 1;
                sum.items += list.items.len();
                sum.done += list.done();
            }
        }
        Ok(sum)
    }

    /// The next lists in the state that is asked for, with their rows.
    async fn matching(
        &self,
        groups: &[ScopeId],
        asked: &ListsRequest,
        today: Day,
    ) -> Result<(Vec<Kept>, Vec<ListView>, Option<String>)> {
        let visible = groups.iter().map(|group| (group.clone(), vec![Kind::Checklist])).collect();
        let mut query = RecordQuery {
            visible,
            after: asked.after.as_deref().and_then(place),
            ends_from: asked.state.ends_from(today),
            limit: READ,
            ..RecordQuery::default()
        };
        let (mut shown, mut lists, mut scanned) = (Vec::new(), Vec::new(), 0);
        loop {
            let rows = self.db.kept_records(&query).await?;
            let whole = rows.len() == READ;
            scanned += rows.len();
            for kept in rows {
                query.after = Some(kept.row.position());
                let list = if kept.row.voided { None } else { view(&kept.row, today)? };
                if let Some(list) = list.filter(|list| list.is(asked.state, today)) {
                    if lists.len() == PAGE {
                        let next = shown.last().map(|kept: &Kept| text(kept.row.position()));
                        return Ok((shown, lists, next));
                    }
                    lists.push(list);
                    shown.push(kept);
                }
            }
            if !whole {
                return Ok((shown, lists, None));
            }
            if scanned >= SCANNED {
                let next = query.after.map(text);
                return Ok((shown, lists, next));
            }
        }
    }
}

/// A row as a list; `None` if it is none.
fn view(row: &Row, today: Day) -> Result<Option<ListView>> {
    let (_, content) = Projection::read(row.kind, &row.json)?;
    let Content::Checklist(list) = content.masked() else { return Ok(None) };
    Ok(Some(ListView {
        id: row.id,
        scope: row.scope.clone(),
        period: (list.starts, list.ends),
        items: items_of(&list, today),
        runs: list.runs(today),
        is_in_view: list.is_in_view(today),
        title: list.title,
    }))
}

/// A list's items in order, as of today.
pub(crate) fn items_of(list: &Checklist, today: Day) -> Vec<ItemView> {
    let items = list.progress().into_iter().map(|item| ItemView {
        title: item.item.title.clone(),
        due: list.due(item.item),
        people: item.needed,
        asked: asked_of(&list.assignees, item.id).collect(),
        ticks: item.ticks.iter().map(|(by, at)| ((*by).clone(), *at)).collect(),
        done: item.done,
        overdue: list.is_overdue(&item, today),
    });
    items.collect()
}
