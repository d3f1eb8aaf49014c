//! Places in a scope's log of which this phone keeps the change's name alone, so that the log still proves itself: the
//! change was erased, has left, or has another place by now. `erasure`, `hand_over` and `change` leave them behind.

use rusqlite::Params;

use super::Writer;
use super::failure::store_error;
use crate::error::Result;

/// The record number of such a place.
pub(super) const NOBODY: i64 = 0;
/// The record number of changes that are kept of a record that left: for a server that is restored, or because
/// a role was taken back that may be given again.
pub(super) const RESERVED: i64 = -1;

impl Writer<'_> {
    /// Gives the places of the changes for which `which` holds rows of their own; the changes get others next.
    pub(super) fn keep_names(&self, which: &str, values: impl Params) -> Result<()> {
        let sql = format!(
            "INSERT INTO change (record, id, scope, hash, own, seq, bytes)
             SELECT {NOBODY}, zeroblob(16), scope, hash, 0, seq, zeroblob(0) FROM change
             WHERE seq IS NOT NULL AND {which}"
        );
        let mut statement = self.prepare_cached(&sql).map_err(store_error)?;
        statement.execute(values).map(drop).map_err(store_error)
    }

    /// Forgets the changes for which `which` holds: their names stay where they have a place.
    pub(super) fn leave_names(&self, which: &str, values: impl Params + Copy) -> Result<()> {
        for sql in [
            format!("DELETE FROM change WHERE seq IS NULL AND {which}"),
            format!(
                "UPDATE change SET record = {NOBODY}, id = zeroblob(16), own = 0, refusal = NULL, bytes = zeroblob(0)
                 WHERE {which}"
            ),
        ] {
            self.execute(&sql, values).map_err(store_error)?;
        }
        Ok(())
    }
}
