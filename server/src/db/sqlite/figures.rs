//! Numbers of a month that others counted and the administrator imported.

use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use rusqlite::{Connection, Transaction, params};

use super::columns::{count, day, number};
use super::roll::list;
use crate::db::Figure;
use crate::error::Result;

pub(super) fn figures(c: &Connection, scopes: &[ScopeId], (from, to): (Day, Day)) -> Result<Vec<Figure>> {
    let sql = "SELECT month, name, count FROM figure WHERE scope = ? AND month BETWEEN ? AND ?";
    let mut figures = Vec::new();
    for scope in scopes {
        let values = params![scope.as_str(), from.number(), to.number()];
        figures.extend(list(c, sql, values, |row| {
            Ok(Figure { scope: scope.clone(), month: day(row, 0)?, name: row.get(1)?, count: count(row, 2)? })
        })?);
    }
    Ok(figures)
}

pub(super) fn keep(tx: &Transaction<'_>, figures: &[Figure]) -> Result<()> {
    let sql = "INSERT INTO figure (scope, month, name, count) VALUES (?, ?, ?, ?)
               ON CONFLICT (scope, month, name) DO UPDATE SET count = excluded.count";
    let mut statement = tx.prepare_cached(sql)?;
    for figure in figures {
        let values = params![figure.scope.as_str(), figure.month.number(), figure.name, number(figure.count)];
        statement.execute(values)?;
    }
    Ok(())
}
