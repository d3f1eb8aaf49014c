//! Ids, times and sets: the one place that says how a value without fields crosses the bridge.

use std::collections::HashSet;

use gridbook_core::Error;
pub use gridbook_core::clock::{Day, Instant};
pub use gridbook_core::id::{ActorId, ChangeHash, DeviceId, PersonId, RecordId, ScopeId};
pub use gridbook_core::model::{Tags, Version};
pub use gridbook_core::workbook::Cursor;

uniffi::custom_type!(
    /// Names one record: a UUID.
    RecordId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(text.parse()?) }
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
    ChangeHash, String, { remote, lower: |hash| hash.to_string(), try_lift: |text| Ok(text.parse()?) }
);
uniffi::custom_type!(
    /// Who made a change, as documents see it: 32 hexadecimal digits.
    ActorId, String, { remote, lower: |actor| actor.to_string(), try_lift: |text| Ok(text.parse()?) }
);
uniffi::custom_type!(
    /// Which version of a record a screen has seen; opaque. Hand it back with an edit.
    Version, String, { remote, lower: |version| version_text(&version), try_lift: |text| version(&text) }
);
uniffi::custom_type!(
    /// A place in a list; opaque. Hand it back for the next page.
    Cursor, String, { remote, lower: |cursor| cursor.to_string(), try_lift: |text| Ok(text.parse::<Cursor>()?) }
);
uniffi::custom_type!(
    /// A calendar day in the community's zone.
    Day, String, { remote, lower: |day| day.to_string(), try_lift: |text| Ok(text.parse()?) }
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
    let heads = text.split_whitespace().map(str::parse).collect::<Result<_, _>>();
    Ok(Version(heads.map_err(|_| Error::Document("not a version".into()))?))
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
        assert!(version("abc").is_err());
    }
}
