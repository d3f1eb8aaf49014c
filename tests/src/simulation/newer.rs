//! Phones of a version to come among phones of this one: their app writes a field that nobody else here knows. It must
//! survive everything that happens to a record, though this version can neither show nor edit it.

use std::collections::BTreeMap;

use gridbook_core::doc::{Document, Edits, State};
use gridbook_core::id::RecordId;
use gridbook_core::model::{Projection, Scalar};
use gridbook_core::store::{Cells, Row, StoredChange};
use gridbook_core::workbook::Workbook;
use gridbook_core::{Error, Result};

use super::phone::Phone;

/// The field of the version to come: a set, whose elements come by themselves.
const FIELD: &str = "weather";

/// What phones of the version to come were told is saved: record → the elements of its unknown field.
pub(super) type Beyond = BTreeMap<RecordId, Vec<String>>;

/// Adds to a record what only the version to come would write, if the phone has it. A withdrawn record is left as it is.
pub(super) fn write_beyond(phone: &mut Phone, id: RecordId) -> Result<()> {
    let Some(beyond) = &phone.beyond else { return Ok(()) };
    let path = format!("{FIELD}/{}-{}", phone.name, beyond.values().map(Vec::len).sum::<usize>());
    let workbook = phone.workbook();
    let (actor, now, zone) = (workbook.actor(), phone.now(), workbook.zone());
    let written = workbook.store().write(|writer| {
        let found = writer.reader().find(&id)?.ok_or(Error::NoSuchRecord(id))?;
        if found.voided {
            return Ok(false);
        }
        let mut document = Document::load(writer.reader().changes_of(found.n)?)?;
        let edits = Edits::from([(path.clone(), Some(Scalar::Flag(true)))]);
        let change = document.write(actor, now, &edits)?.expect("a new element is a change");
        let state = State::of(&document);
        let projection = Projection::of(&state.fields, zone)?;
        writer.update_record(
            found.n,
            &Row {
                id,
                scope: &found.scope,
                cells: &Cells::of(projection),
                version: &state.version,
                created: state.created,
                updated: state.updated,
                conflicts: state.conflicts,
            },
        )?;
        writer.put_change(&StoredChange {
            record_n: found.n,
            id: &id,
            scope: &found.scope,
            hash: change.hash,
            own: true,
            seq: None,
            bytes: &change.bytes,
        })?;
        Ok(true)
    })?;
    if let (true, Some(beyond)) = (written, &mut phone.beyond) {
        beyond.entry(id).or_default().push(path);
    }
    Ok(())
}

/// The first of these elements that a replica lacks.
pub(super) fn missing(replica: &Workbook, beyond: &Beyond) -> Option<(RecordId, String)> {
    beyond.iter().find_map(|(id, paths)| {
        let fields = replica.store().read(|reader| {
            let found = reader.find(id)?.ok_or(Error::NoSuchRecord(*id))?;
            Ok(Document::load(reader.changes_of(found.n)?)?.fields())
        });
        let fields = fields.expect("the record is read");
        let lost = paths.iter().find(|path| fields.get(*path) != Some(&Scalar::Flag(true)))?;
        Some((*id, lost.clone()))
    })
}
