//! The table of an operations' columns: which there are and where.

use super::number::Rest;

/// The columns of a change, empty where absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns<'a> {
    pub(super) object_actor: &'a [u8],
    pub(super) object_counter: &'a [u8],
    pub(super) key_actor: &'a [u8],
    pub(super) key_counter: &'a [u8],
    pub(super) key_name: &'a [u8],
    pub(super) insert: &'a [u8],
    pub(super) action: &'a [u8],
    pub(super) value_meta: &'a [u8],
    pub(super) values: &'a [u8],
    pub(super) replaced: &'a [u8],
    pub(super) replaced_actor: &'a [u8],
    pub(super) replaced_counter: &'a [u8],
}

impl<'a> Columns<'a> {
    /// Reads the table and the columns that follow it, which end with the chunk.
    pub(super) fn read(rest: &mut Rest<'a>) -> Option<Self> {
        let count = rest.length()?;
        let mut table = *rest;
        for _ in 0..count {
            rest.number()?;
            rest.number()?;
        }
        let mut columns = Self::default();
        let mut last = 0;
        for _ in 0..count {
            let (name, length) = (table.number()?, table.length()?);
            // In order, each once, and none that has nothing in it.
            if name <= last || length == 0 {
                return None;
            }
            last = name;
            *columns.column(name)? = rest.take(length)?;
        }
        rest.is_empty().then_some(columns)
    }

    /// The names are automerge's: the column's id, then four bits for its type, of which 0x08 would be
    /// "deflated".
    fn column(&mut self, name: u64) -> Option<&mut &'a [u8]> {
        Some(match name {
            0x01 => &mut self.object_actor,
            0x02 => &mut self.object_counter,
            0x11 => &mut self.key_actor,
            0x13 => &mut self.key_counter,
            0x15 => &mut self.key_name,
            0x34 => &mut self.insert,
            0x42 => &mut self.action,
            0x56 => &mut self.value_meta,
            0x57 => &mut self.values,
            0x70 => &mut self.replaced,
            0x71 => &mut self.replaced_actor,
            0x73 => &mut self.replaced_counter,
            _ => return None,
        })
    }
}
