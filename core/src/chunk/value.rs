//! The value an operation writes.

use super::number::Rest;

/// A value, borrowed from the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing: an emptied field, or an operation without a value.
    Null,
    /// True or false.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(&'a str),
    /// A type that no record of this version has: its code and how many bytes.
    Foreign(u8, usize),
}

impl<'a> Value<'a> {
    /// Takes the value that `meta` describes off the values column.
    pub(super) fn read(meta: u64, values: &mut Rest<'a>) -> Option<Self> {
        let kind = (meta & 0x0f) as u8;
        let length = usize::try_from(meta >> 4).ok()?;
        let bytes = values.take(length)?;
        match (kind, length) {
            (0, 0) => Some(Value::Null),
            (1, 0) => Some(Value::Flag(false)),
            (2, 0) => Some(Value::Flag(true)),
            (0..=2, _) => None,
            (4, _) => {
                let mut rest = Rest(bytes);
                let number = rest.signed()?;
                rest.is_empty().then_some(Value::Number(number))
            }
            (6, _) => std::str::from_utf8(bytes).ok().map(Value::Text),
            _ => Some(Value::Foreign(kind, length)),
        }
    }
}
