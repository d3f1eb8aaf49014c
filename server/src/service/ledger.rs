//! 台账: the registers that an office takes away as a file, page by page, so that no register is ever held in memory
//! as a whole. Who took what is written down before it leaves.

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Kind, Projection, Reading, Scope, Voided};
use gridbook_core::sync::protocol::FailureCode;

use super::records::Shown;
use super::{Access, RecordView, Service};
use crate::db::{Act, Kept, Position, RecordQuery, Row};
use crate::error::{Error, Result};

/// Records read at once.
const PAGE: usize = 500;

/// The kinds that have a register, in the order in which they are offered.
pub(crate) const LEDGERS: [Kind; 5] =
    [Kind::Visit, Kind::Diary, Kind::Outreach, Kind::Checklist, Kind::Household];

/// What who may take nothing of a kind away is told.
pub(crate) const NOT_EXPORTED: &str = "your role does not export this; ask a lead";

/// Which register.
#[derive(Clone, Debug)]
pub(crate) struct LedgerRequest {
    /// Of what.
    pub(crate) kind: Kind,
    /// Only this grid or group; all that the person may take away from, if none is named.
    pub(crate) scope: Option<ScopeId>,
    /// From this day to that, both included. A household stands in every period.
    pub(crate) days: (Day, Day),
}

impl LedgerRequest {
    /// The days that are meant: up to today, from the first of the last one's month, where none is named.
    pub(crate) fn days(from: Option<Day>, to: Option<Day>, today: Day) -> (Day, Day) {
        let to = to.unwrap_or(today);
        (from.unwrap_or_else(|| to.month_start()), to)
    }
}

/// A register that is being taken away.
pub(crate) struct Ledger {
    request: LedgerRequest,
    /// The scopes that are still to be read, the next one last.
    left: Vec<ScopeId>,
    /// The place in it after which the next page begins.
    after: Option<Position>,
}

/// What became of asking for a register.
pub(crate) enum Opened {
    /// It may be read page by page.
    Ledger(Ledger),
    /// It has more records than one file takes.
    TooMany,
}

/// One record of a register, numbers masked.
#[derive(Clone, Debug)]
pub(crate) struct LedgerRecord {
    /// Which.
    pub(crate) id: RecordId,
    /// Where it lives.
    pub(crate) scope: ScopeId,
    /// Who wrote it first.
    pub(crate) author: PersonId,
    /// The day it belongs to.
    pub(crate) day: Day,
    /// When the server took its latest change.
    pub(crate) received: Instant,
    /// Where it stands.
    pub(crate) reading: Reading,
    /// Set once it was withdrawn.
    pub(crate) voided: Option<Voided>,
    /// How many fields hold two values.
    pub(crate) conflicts: u32,
    /// What it says.
    pub(crate) content: Content,
    /// The dwelling of a visit's household, as far as the person may see it.
    pub(crate) dwelling: Option<String>,
    /// Of a household: how often it was visited in the period, and on which day last, where the person may take that
    /// away too.
    pub(crate) visits: Option<(u64, Option<Day>)>,
}

impl Service {
    /// How many records of each of these kinds one may take away, at most one more than `most`; `None` where the
    /// person may take none.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a scope that the person has no part in.
    pub(crate) async fn ledger_sizes(
        &self,
        access: &Access,
        kinds: &[Kind],
        scope: Option<&ScopeId>,
        days: (Day, Day),
        most: usize,
    ) -> Result<Vec<(Kind, Option<usize>)>> {
        let mut sizes = Vec::new();
        for kind in kinds.iter().copied() {
            let request = LedgerRequest { kind, scope: scope.cloned(), days };
            let scopes = ledger_scopes(access, &request)?;
            let size = if scopes.is_empty() { None } else { Some(self.size(&request, &scopes, most).await?) };
            sizes.push((kind, size));
        }
        Ok(sizes)
    }

    /// Opens a register of at most `most` records.
    ///
    /// # Errors
    /// As [`Service::ledger_sizes`], and `not_permitted` where the person may take none of it away.
    pub(crate) async fn open_ledger(
        &self,
        access: &Access,
        request: LedgerRequest,
        most: usize,
    ) -> Result<Opened> {
        let mut left = ledger_scopes(access, &request)?;
        if left.is_empty() {
            return Err(Error::refused(FailureCode::NotPermitted, NOT_EXPORTED));
        }
        if self.size(&request, &left, most).await? > most {
            return Ok(Opened::TooMany);
        }
        left.reverse();
        Ok(Opened::Ledger(Ledger { request, left, after: None }))
    }

    /// The next records of a register, grid by grid, earliest first; empty at its end. Written down as taken away.
    pub(crate) async fn ledger_page(
        &self,
        person: &PersonId,
        access: &Access,
        ledger: &mut Ledger,
    ) -> Result<Vec<LedgerRecord>> {
        let kept = self.ledger_rows(person, ledger).await?;
        self.ledger_records(access, ledger.request.days, kept).await
    }

    /// [`Service::ledger_page`] with the records as the API shows them one by one.
    pub(crate) async fn ledger_views(
        &self,
        person: &PersonId,
        ledger: &mut Ledger,
    ) -> Result<Vec<RecordView>> {
        let kept = self.ledger_rows(person, ledger).await?;
        self.views(person, kept.into_iter().map(|kept| kept.row).collect(), Shown::Masked).await
    }

    async fn ledger_rows(&self, person: &PersonId, ledger: &mut Ledger) -> Result<Vec<Kept>> {
        while let Some(scope) = ledger.left.last().cloned() {
            let request = &ledger.request;
            let query = RecordQuery { after: ledger.after, limit: PAGE, ..query(request, &[scope]) };
            let kept = self.db.kept_records(&query).await?;
            ledger.after = kept.last().map(|kept| kept.row.position());
            if kept.len() < PAGE {
                ledger.left.pop();
                ledger.after = None;
            }
            if kept.is_empty() {
                continue;
            }
            let rows: Vec<Row> = kept.iter().map(|kept| kept.row.clone()).collect();
            let (from, to) = request.days;
            let detail = format!("ledger of {} from {from} to {to}", request.kind);
            self.note_others(person, Act::Export, &rows, detail).await?;
            return Ok(kept);
        }
        Ok(Vec::new())
    }

    async fn size(&self, request: &LedgerRequest, scopes: &[ScopeId], most: usize) -> Result<usize> {
        let query = RecordQuery { limit: most.saturating_add(1), ..query(request, scopes) };
        self.db.count_records(&query).await
    }

    async fn ledger_records(
        &self,
        access: &Access,
        days: (Day, Day),
        kept: Vec<Kept>,
    ) -> Result<Vec<LedgerRecord>> {
        let visited = |row: &Row| row.kind == Kind::Visit;
        let households = kept.iter().filter(|kept| visited(&kept.row)).filter_map(|kept| kept.row.subject);
        let dwellings = self.dwellings(access, households.collect()).await?;
        let exports_visits = |scope: &ScopeId| access.may(scope, Kind::Visit, Action::Export);
        let listed = kept.iter().filter(|kept| kept.row.kind == Kind::Household);
        let listed = listed.filter(|kept| exports_visits(&kept.row.scope)).map(|kept| kept.row.id);
        let visits = self.db.visits_between(&listed.collect::<Vec<_>>(), days).await?;
        let visits: BTreeMap<RecordId, (u64, Day)> =
            visits.into_iter().map(|(id, times, last)| (id, (times, last))).collect();
        kept.into_iter()
            .map(|Kept { row, received, reading }| {
                let (header, content) = Projection::read(row.kind, &row.json)?;
                let counts = row.kind == Kind::Household && exports_visits(&row.scope);
                let times = visits.get(&row.id).map_or((0, None), |(times, last)| (*times, Some(*last)));
                Ok(LedgerRecord {
                    id: row.id,
                    author: row.author,
                    day: row.day,
                    received,
                    reading,
                    voided: header.voided.map(Voided::masked),
                    conflicts: row.conflicts,
                    content: content.masked(),
                    dwelling: row.subject.and_then(|household| dwellings.get(&household).cloned()),
                    visits: counts.then_some(times),
                    scope: row.scope,
                })
            })
            .collect()
    }

    /// The dwellings of those of these households that the person may see.
    pub(super) async fn dwellings(
        &self,
        access: &Access,
        mut ids: Vec<RecordId>,
    ) -> Result<BTreeMap<RecordId, String>> {
        ids.sort_unstable();
        ids.dedup();
        let mut dwellings = BTreeMap::new();
        for kept in self.db.kept(&ids).await? {
            if !access.may(&kept.row.scope, kept.row.kind, Action::Read) {
                continue;
            }
            if let (_, Content::Household(household)) = Projection::read(kept.row.kind, &kept.row.json)? {
                dwellings.extend(household.dwelling.map(|dwelling| (kept.row.id, dwelling.to_string())));
            }
        }
        Ok(dwellings)
    }
}

/// The scopes of which the person may take the register away: grids first, by name.
fn ledger_scopes(access: &Access, request: &LedgerRequest) -> Result<Vec<ScopeId>> {
    if request.scope.as_ref().is_some_and(|scope| !access.knows(scope)) {
        return Err(Error::refused(FailureCode::NotFound, "no such grid"));
    }
    let wanted = |scope: &Scope| {
        request.scope.as_ref().is_none_or(|only| *only == scope.id)
            && access.may(&scope.id, request.kind, Action::Export)
    };
    Ok(access.scopes_where(wanted).into_iter().map(|scope| scope.id).collect())
}

fn query(request: &LedgerRequest, scopes: &[ScopeId]) -> RecordQuery {
    RecordQuery {
        visible: scopes.iter().map(|scope| (scope.clone(), vec![request.kind])).collect(),
        days: Some(request.days).filter(|_| request.kind != Kind::Household),
        earliest_first: true,
        ..RecordQuery::default()
    }
}
