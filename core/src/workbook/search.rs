//! Search over all text on the phone.

use super::Workbook;
use super::records::{Cursor, Page, part};
use crate::error::Result;
use crate::model::Record;
use crate::store::{Place, Query};

impl Workbook {
    /// At most `most` records whose text holds every word of `text`, the latest arrived first, numbers
    /// masked. Two Chinese characters are enough; a text with nothing to search for finds nothing.
    ///
    /// # Errors
    /// The store's failure.
    pub fn search(&self, text: &str, after: Option<&Cursor>, most: usize) -> Result<Page<Record>> {
        let Some(query) = Query::new(text) else { return Ok(Page { items: Vec::new(), next: None }) };
        let (found, more) = part(most, |most| {
            self.read(|reader| reader.search(&query, after.map(|cursor| cursor.0.n), most))
        })?;
        let next = found.last().filter(|_| more).map(|(n, _)| Cursor(Place { day: 0, n: *n }));
        Ok(Page { items: found.into_iter().map(|(_, record)| record.masked()).collect(), next })
    }
}
