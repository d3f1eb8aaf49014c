//! Who may write which path of a record, beyond the table of permissions: what stands in a person's name is written by
//! that person. The server asks it of every change that a device sends, the workbook before it writes.

use super::record::Voided;
use super::{Kind, Scalar};
use crate::id::PersonId;

/// True if `person` may write `value` at `path` of a record of `kind` that `author` began; `None` takes it out.
///
/// A tick and a withdrawal name who made them, and nobody makes them for another; whoever writes the list may take a
/// tick back, which its history tells. A review speaks for the lead who gave it and is changed by nobody else.
#[must_use]
pub fn may_touch(
    kind: Kind,
    author: Option<&str>,
    path: &str,
    value: Option<&Scalar>,
    person: &PersonId,
) -> bool {
    let written = value.filter(|value| **value != Scalar::Null);
    let mut parts = path.split('/');
    match (kind, parts.next(), parts.nth(1)) {
        (_, Some("voided"), _) => {
            written.is_none_or(|value| Voided::read(value).is_some_and(|it| it.by == *person))
        }
        (Kind::Checklist, Some("ticks"), Some(ticker)) => written.is_none() || ticker == person.as_str(),
        (Kind::Review, ..) => author.is_none_or(|author| author == person.as_str()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;

    #[test]
    fn what_stands_in_a_persons_name_is_written_by_that_person() {
        let (me, other) = (PersonId("p-1".into()), PersonId("p-2".into()));
        let voided = |by: &PersonId| {
            let voided = Voided { by: by.clone(), at: Instant(1), reason: String::new() };
            Scalar::Text(serde_json::to_string(&voided).unwrap())
        };
        let touch = |kind, path: &str, value: Option<&Scalar>| may_touch(kind, Some("p-1"), path, value, &me);
        let tick = Scalar::Number(1);
        assert!(touch(Kind::Checklist, "ticks/a/p-1", Some(&tick)));
        assert!(!touch(Kind::Checklist, "ticks/a/p-2", Some(&tick)));
        assert!(touch(Kind::Checklist, "ticks/a/p-2", None), "anybody who writes the list takes a tick back");
        assert!(touch(Kind::Checklist, "ticks/a/p-2", Some(&Scalar::Null)));
        for kind in Kind::ALL {
            assert!(touch(kind, "voided", Some(&voided(&me))), "{kind}");
            assert!(!touch(kind, "voided", Some(&voided(&other))), "{kind}");
            assert!(!touch(kind, "voided", Some(&Scalar::Text("{}".into()))), "{kind}");
        }
        let note = Scalar::Text("x".into());
        assert!(touch(Kind::Review, "note", Some(&note)));
        assert!(!may_touch(Kind::Review, Some("p-2"), "note", Some(&note), &me));
        assert!(may_touch(Kind::Visit, Some("p-2"), "note", Some(&note), &me));
    }
}
