//! What all kinds of record share: search, withdrawing, what was refused or erased.

use super::{WorkbookHandle, most};
use crate::call::Crossing;
use crate::mirror::{AnyRecord, Cursor, Erasure, HandOver, RecordId, RecordPage, Standing};

#[uniffi::export]
impl WorkbookHandle {
    /// A record of any kind, as on its own page: numbers masked unless the person wrote it.
    pub fn record(&self, id: RecordId) -> Crossing<AnyRecord> {
        self.with(|workbook| workbook.record(id))
    }

    /// The fields of a record whose numbers are masked on its page and that `reveal` shows to this person.
    pub fn masked_fields(&self, id: RecordId) -> Crossing<Vec<String>> {
        self.with(|workbook| workbook.masked_fields(id))
    }

    /// What a field with masked numbers says as it was written; of one that holds two values both, the one shown for
    /// now last. Who asked, when and why is kept first, and goes to the server with the next exchange. Presets for the
    /// reason are in the dictionary `reveal_reason`.
    pub fn reveal(&self, id: RecordId, field: String, reason: String) -> Crossing<Vec<String>> {
        self.with(|workbook| workbook.reveal(id, &field, &reason))
    }

    /// At most `most_items` records whose text holds every word of `text`, the latest arrived first, numbers masked.
    /// Two Chinese characters are enough.
    pub fn search(&self, text: String, after: Option<Cursor>, most_items: u32) -> Crossing<RecordPage> {
        self.with(|workbook| workbook.search(&text, after.as_ref(), most(most_items)))
    }

    /// The record or draft that a person names by an id or the end of it.
    pub fn find(&self, text: String) -> Crossing<RecordId> {
        self.with(|workbook| workbook.resolve_short(&text))
    }

    /// Withdraws a record; it stays, struck through, with who, when and why.
    pub fn void_record(&self, id: RecordId, reason: String) -> Crossing<AnyRecord> {
        self.with(|workbook| workbook.void(id, &reason))
    }

    /// How far a record has travelled (在手机 / 已到服务器 / 已阅).
    pub fn standing(&self, id: RecordId) -> Crossing<Standing> {
        self.with(|workbook| Ok(workbook.record(id)?.standing))
    }

    /// At most `most_items` records with a change that has no receipt yet, the latest written first, numbers masked.
    pub fn on_phone(&self, most_items: u32) -> Crossing<Vec<AnyRecord>> {
        self.with(|workbook| workbook.on_phone(most(most_items)))
    }

    /// Records with a change that the server refused, latest arrived first, numbers masked.
    pub fn refused_records(&self) -> Crossing<Vec<AnyRecord>> {
        self.with(|workbook| workbook.refused())
    }

    /// Why the server refused changes of a record; words are under `refusal`.
    pub fn refusals(&self, id: RecordId) -> Crossing<Vec<String>> {
        self.with(|workbook| workbook.refusals(id))
    }

    /// Submits a refused record again, after its cause was seen to.
    pub fn rescue(&self, id: RecordId) -> Crossing<AnyRecord> {
        self.with(|workbook| workbook.rescue(id))
    }

    /// What was erased for good, latest first.
    pub fn erasures(&self) -> Crossing<Vec<Erasure>> {
        self.with(|workbook| workbook.erasures())
    }

    /// What was handed over to or from this phone's scopes, latest first: the receipt of both workers.
    pub fn hand_overs(&self) -> Crossing<Vec<HandOver>> {
        self.with(|workbook| workbook.hand_overs())
    }

    /// A record's document in automerge's own format, for its author alone: it holds numbers as they were written.
    pub fn export_record(&self, id: RecordId) -> Crossing<Vec<u8>> {
        self.with(|workbook| workbook.export(id))
    }
}
