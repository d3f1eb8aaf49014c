//! How long each kind of record is kept unless a community says otherwise.

use super::Kind;

/// Days after a record's day and its last change; `None` where it is kept as long as what it describes is
/// there. The law asks for the shortest time that the purpose needs: three years let two be compared and
/// outlast the yearly reviews, a finished checklist serves two.
#[must_use]
pub fn kept_days(kind: Kind) -> Option<u32> {
    match kind {
        Kind::Household | Kind::Template => None,
        Kind::Visit | Kind::Diary | Kind::Outreach | Kind::Review => Some(1_095),
        Kind::Checklist => Some(730),
    }
}
