//! Lists with cursors: never "load all".

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};

use super::Reader;
use super::failure::store_error;
use super::record::{COLUMNS, read_record};
use crate::clock::Day;
use crate::error::Result;
use crate::id::{PersonId, RecordId, ScopeId};
use crate::model::{Content, Kind, LastVisit, Projection, Record};

/// Which records a list shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// From this day on.
    pub from: Option<Day>,
    /// Up to and including this day.
    pub to: Option<Day>,
    /// Of this scope only.
    pub scope: Option<ScopeId>,
    /// By this person only.
    pub author: Option<PersonId>,
    /// About this record only.
    pub subject: Option<RecordId>,
    /// Withdrawn records too.
    pub voided: bool,
}

/// A place in a list: after the record with this day and row number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The day's number.
    pub day: i64,
    /// The row number.
    pub n: i64,
}

/// SQL conditions with their values: `?` is the condition's own value, `@3` the third value of all.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push_str(" AND ");
        let numbered = condition.replace('?', &format!("?{}", self.values.len()));
        self.sql.push_str(&numbered.replace('@', "?"));
    }
}

/// The conditions of indexes of their own: few records meet them, and a screen asks after every change.
const IN_CONFLICT: &str = "record.conflicts > 0";
const REFUSED: &str = "record.refused > 0";

/// Through the index of the ends alone, or years of lists would be looked at for the few that run.
fn lists_by_end() -> String {
    format!(
        "SELECT {COLUMNS} FROM record INDEXED BY record_by_end
         WHERE record.kind = 5 AND coalesce(json_extract(record.json, '$.ends'), '9999-12-31') >= ?1
             AND record.day <= ?2 AND record.voided = 0
         ORDER BY record.day DESC, record.n DESC LIMIT ?3"
    )
}

fn latest_where(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM record WHERE {condition} ORDER BY record.n DESC")
}

fn count_where(condition: &str) -> String {
    format!("SELECT count(*) FROM record WHERE {condition}")
}

impl Reader<'_> {
    /// At most `most` records of `kind`, newest day first, after `after`; each with its place.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn list(
        &self,
        kind: Kind,
        filter: &Filter,
        after: Option<Place>,
        most: usize,
    ) -> Result<Vec<(Place, Record)>> {
        let mut conditions = Conditions { sql: "record.kind = ?1".into(), values: vec![kind.code().into()] };
        if let Some(place) = after {
            conditions.add("record.day <= ?", place.day);
            let day = conditions.values.len();
            conditions.add(&format!("(record.day < @{day} OR record.n < ?)"), place.n);
        }
        if let Some(day) = filter.from {
            conditions.add("record.day >= ?", day.number());
        }
        if let Some(day) = filter.to {
            conditions.add("record.day <= ?", day.number());
        }
        if let Some(scope) = &filter.scope {
            conditions.add("record.scope = (SELECT n FROM scope WHERE id = ?)", scope.as_str().to_owned());
        }
        if let Some(author) = &filter.author {
            conditions.add("record.author = ?", author.as_str().to_owned());
        }
        if let Some(subject) = &filter.subject {
            conditions.add("record.subject = ?", subject.as_bytes().to_vec());
        }
        if !filter.voided {
            conditions.sql.push_str(" AND record.voided = 0");
        }
        conditions.values.push(Value::Integer(i64::try_from(most).unwrap_or(i64::MAX)));
        let sql = format!(
            "SELECT {COLUMNS}, record.day, record.n FROM record WHERE {}
             ORDER BY record.day DESC, record.n DESC LIMIT ?{}",
            conditions.sql,
            conditions.values.len()
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(store_error)?;
        let mut rows = statement.query(params_from_iter(conditions.values)).map_err(store_error)?;
        let mut records = Vec::with_capacity(most.min(256));
        while let Some(row) = rows.next().map_err(store_error)? {
            let record = read_record(row).map_err(store_error)?.into_record(self)?;
            let place =
                Place { day: row.get(11).map_err(store_error)?, n: row.get(12).map_err(store_error)? };
            records.push((place, record));
        }
        Ok(records)
    }

    /// At most `most` checklists whose period began by `day` and did not end before `ends`, latest begun first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn checklists(&self, ends: Day, day: Day, most: usize) -> Result<Vec<Record>> {
        let mut statement = self.connection.prepare_cached(&lists_by_end()).map_err(store_error)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows =
            statement.query_map((ends.to_string(), day.number(), most), read_record).map_err(store_error)?;
        rows.map(|row| row.map_err(store_error)?.into_record(self)).collect()
    }

    /// Households in walking order after `after`, each with its walking order.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn households(&self, after: Option<&str>, most: usize) -> Result<Vec<(String, Record)>> {
        let sql = format!(
            "SELECT {COLUMNS}, record.place FROM record
             WHERE record.place > ?1 AND record.voided = 0 ORDER BY record.place LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(store_error)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows = statement.query((after.unwrap_or(""), most)).map_err(store_error)?;
        let mut households = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let record = read_record(row).map_err(store_error)?.into_record(self)?;
            households.push((row.get(11).map_err(store_error)?, record));
        }
        Ok(households)
    }

    /// The households at one dwelling, given by its walking order.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn households_at(&self, walking_order: &str) -> Result<Vec<Record>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM record
             WHERE record.place >= ?1 || '|' AND record.place < ?1 || '}}' AND record.voided = 0 ORDER BY record.place"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(store_error)?;
        let rows = statement.query_map([walking_order], read_record).map_err(store_error)?;
        rows.map(|row| row.map_err(store_error)?.into_record(self)).collect()
    }

    /// The latest visit to a household, by when it took place.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn last_visit(&self, household: &RecordId) -> Result<Option<LastVisit>> {
        let sql = "SELECT day, json FROM record WHERE subject = ?1 AND kind = ?2 AND voided = 0
                   ORDER BY occurred_at DESC, n DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let row: Option<(i64, String)> = statement
            .query_row((household.as_bytes(), Kind::Visit.code()), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(store_error)?;
        let Some((day, json)) = row else { return Ok(None) };
        let Content::Visit(visit) = Projection::read(Kind::Visit, &json)?.1 else { return Ok(None) };
        Ok(Day::from_number(day).map(|day| LastVisit::of(day, &visit)))
    }

    /// Records that hold a field with two values, latest arrived first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn in_conflict(&self) -> Result<Vec<Record>> {
        self.records_by(&latest_where(IN_CONFLICT))
    }

    /// Records with a change that the server refused, latest arrived first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn refused(&self) -> Result<Vec<Record>> {
        self.records_by(&latest_where(REFUSED))
    }

    /// How many records hold a field with two values.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn in_conflict_count(&self) -> Result<u64> {
        self.count_by(&count_where(IN_CONFLICT))
    }

    /// How many records have a change that the server refused.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn refused_count(&self) -> Result<u64> {
        self.count_by(&count_where(REFUSED))
    }

    /// How many records the server holds in full: all but those that wait or were refused. Three indexes answer it, for
    /// a screen asks after every change.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn on_server_count(&self) -> Result<u64> {
        self.count_by(&format!(
            "SELECT (SELECT count(*) FROM record) - (SELECT count(*) FROM (
                 SELECT n FROM record WHERE {REFUSED}
                 UNION SELECT record FROM change INDEXED BY change_unsent
                       WHERE seq IS NULL AND own = 1 AND refusal IS NULL))"
        ))
    }

    /// At most `most` records with a change of this phone that has no receipt, latest written first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn unsent_records(&self, most: usize) -> Result<Vec<Record>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM record
             WHERE record.n IN (SELECT record FROM change WHERE seq IS NULL AND own = 1 AND refusal IS NULL)
             ORDER BY record.updated DESC, record.n DESC LIMIT {most}"
        );
        self.records_by(&sql)
    }

    fn count_by(&self, sql: &str) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let count: i64 = statement.query_row([], |row| row.get(0)).map_err(store_error)?;
        Ok(count.unsigned_abs())
    }

    fn records_by(&self, sql: &str) -> Result<Vec<Record>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([], read_record).map_err(store_error)?;
        rows.map(|row| row.map_err(store_error)?.into_record(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn what_is_refused_or_in_conflict_is_found_by_its_index() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("migrations/001_first.sql")).unwrap();
        for (condition, index) in [(REFUSED, "record_refused"), (IN_CONFLICT, "record_in_conflict")] {
            for sql in [latest_where(condition), count_where(condition)] {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
                let steps = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
                let plan = steps.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("; ");
                assert!(plan.contains(&format!("INDEX {index}")), "{sql}: {plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
            }
        }
    }
}
