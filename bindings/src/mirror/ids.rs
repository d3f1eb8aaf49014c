//! Ids, times and sets: the one place that says how a value without fields crosses the bridge.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
    /// A point in time, to the millisecond.
    Instant, SystemTime, { remote, lower: |at| system_time(at), try_lift: |time| Ok(instant(time)) }
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

fn system_time(at: Instant) -> SystemTime {
    let distance = Duration::from_millis(at.0.unsigned_abs());
    let time = if at.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    time.unwrap_or(UNIX_EPOCH)
}

/// The nearest millisecond: Swift's `Date` is a floating-point number that falls just short of some.
fn instant(time: SystemTime) -> Instant {
    let millis = |span: Duration| i64::try_from((span.as_micros() + 500) / 1_000).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => Instant(millis(after)),
        Err(before) => Instant(millis(before.duration()).saturating_neg()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_keeps_its_milliseconds() {
        for at in [0, 1, 999, 1_764_000_000_123, -86_400_000, -1_234] {
            assert_eq!(instant(system_time(Instant(at))), Instant(at));
        }
        let short = UNIX_EPOCH + Duration::from_nanos(1_764_000_000_122_999_907);
        assert_eq!(instant(short), Instant(1_764_000_000_123), "what a floating-point date makes of it");
        assert_eq!(instant(system_time(Instant(i64::MAX))), Instant(i64::MAX));
    }

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
