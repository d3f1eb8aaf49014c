//! What the phone remembers about itself: named JSON values.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::store_error;
use super::{Reader, Writer};
use crate::error::{Error, Result};

impl Reader<'_> {
    /// The value called `name`, if there is one.
    ///
    /// # Errors
    /// SQLite's failure, or [`Error::Document`] if the value is of another shape.
    pub fn meta<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let mut statement =
            self.connection.prepare_cached("SELECT value FROM meta WHERE name = ?1").map_err(store_error)?;
        let text: Option<String> =
            statement.query_row([name], |row| row.get(0)).optional().map_err(store_error)?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|error| Error::shape(format_args!("meta {name}"), &error))
        })
        .transpose()
    }
}

impl Writer<'_> {
    /// Sets the value called `name`.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn set_meta<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let text = serde_json::to_string(value)
            .map_err(|error| Error::shape(format_args!("meta {name}"), &error))?;
        let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.prepare_cached(sql)
            .and_then(|mut statement| statement.execute([name, &text]))
            .map_err(store_error)?;
        Ok(())
    }
}
