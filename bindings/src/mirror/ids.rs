//! Ids, times and sets: the one place that says how a value without fields crosses the bridge. A text that is no value of
//! its type fails the call like any other error; uniffi's own, which has no code and quotes the text, is left to what
//! cannot happen.

use std::collections::HashSet;
use std::str::FromStr;

pub use gridbook_core::clock::{Day, Instant};
pub use gridbook_core::id::{ChangeHash, DeviceId, PersonId, RecordId, ScopeId};
pub use gridbook_core::model::{Tags, Version};
pub use gridbook_core::workbook::Cursor;

use crate::error::GridbookError;

uniffi::custom_type!(
    /// Names one record: a UUID.
    RecordId, String, { remote, lower: |id| id.to_string(), try_lift: |text| read(&text) }
);
uniffi::custom_type!(
    /// Names a person, as the server does.
    PersonId, String, { remote, lower: |id| id.0, try_lift: |text| Ok(PersonId(text)) }
);
uniffi::custom_type!(
    /// Names a scope, as the server does: a grid, a task group, a community.
    ScopeId, String, { remote, lower: |id| id.0, try_lift: |text| Ok(ScopeId(text)) }
);
uniffi::custom_type!(
    /// Names one enrolled phone, as the server does.
    DeviceId, String, { remote, lower: |id| id.0, try_lift: |text| Ok(DeviceId(text)) }
);
uniffi::custom_type!(
    /// Names a change: 64 hexadecimal digits.
    ChangeHash, String, { remote, lower: |hash| hash.to_string(), try_lift: |text| read(&text) }
);
uniffi::custom_type!(
    /// Which version of a record a screen has seen; opaque. Hand it back with an edit.
    Version, String, { remote, lower: |version| version_text(&version), try_lift: |text| version(&text) }
);
uniffi::custom_type!(
    /// A place in a list; opaque. Hand it back for the next page.
    Cursor, String, { remote, lower: |cursor| cursor.to_string(), try_lift: |text| read(&text) }
);
uniffi::custom_type!(
    /// A calendar day in the community's zone.
    Day, String, { remote, lower: |day| day.to_string(), try_lift: |text| read(&text) }
);
uniffi::custom_type!(
    /// A point in time, to the millisecond: milliseconds since 1970, UTC.
    Instant, i64, { remote, lower: |at| at.0, try_lift: |millis| Ok(Instant(millis)) }
);
uniffi::custom_type!(
    /// A set of codes or ids.
    Tags, HashSet<String>, { remote, lower: |tags| tags.0.into_iter().collect(), try_lift: |codes| Ok(codes.into_iter().collect()) }
);

fn version_text(version: &Version) -> String {
    version.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn version(text: &str) -> uniffi::Result<Version> {
    text.split_whitespace().map(read).collect::<uniffi::Result<_>>().map(Version)
}

fn read<T: FromStr>(text: &str) -> uniffi::Result<T> {
    Ok(text.parse().map_err(GridbookError::no_value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_back() {
        let version_of = |bytes: &[u8]| Version(bytes.iter().map(|byte| ChangeHash([*byte; 32])).collect());
        for heads in [&[][..], &[1], &[1, 254]] {
            let sent = version_of(heads);
            assert_eq!(version(&version_text(&sent)).unwrap(), sent);
        }
    }

    #[test]
    fn what_is_no_value_is_the_bridges_own_error_and_is_not_quoted() {
        let refused = [
            version("13800000000").unwrap_err(),
            read::<RecordId>("13800000000").unwrap_err(),
            read::<Cursor>("13800000000").unwrap_err(),
            read::<Day>("13800000000").unwrap_err(),
            read::<ChangeHash>("13800000000").unwrap_err(),
        ];
        for error in refused {
            // uniffi hands on what it can take out again, and makes an internal error of the rest.
            assert_eq!(error.downcast::<GridbookError>().unwrap(), GridbookError::unexpected("value"));
        }
    }
}
