//! A reveal: a masked number shown whole to somebody, for a reason that is kept. Phones, the console and the leads'
//! API ask for the same reason, and all of it ends in the server's audit log.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::masking::mask;
use crate::clock::Instant;
use crate::id::{RecordId, RevealId};

/// Why a number is needed: one line that says something, with the numbers in it masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// How many characters it has.
    pub const LENGTH: RangeInclusive<usize> = 2..=200;
    /// The rule, as errors name it.
    pub const RULE: &'static str = "say in one line of 2 to 200 characters why the number is needed";

    /// The reason that `text` gives; `None` if it breaks the rule.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let plain = !text.chars().any(char::is_control) && text.trim() == text;
        (plain && Self::LENGTH.contains(&text.chars().count())).then(|| Self(mask(text)))
    }

    /// The reason that stands in a phone's log. What happened is never turned away: it is cut to the rule.
    #[must_use]
    pub fn of_log(text: &str) -> Self {
        let line = text.chars().map(|character| if character.is_control() { ' ' } else { character });
        Self(mask(&line.take(*Self::LENGTH.end()).collect::<String>()))
    }

    /// The text, numbers masked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One reveal on a phone, on its way into the server's audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// Its name.
    pub id: RevealId,
    /// The record.
    pub record: RecordId,
    /// The path of the field, such as `phone` or `items/<id>/title`.
    pub field: String,
    /// When, by the phone's clock.
    pub at: Instant,
    /// Why; numbers masked.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_gives_no_number_away() {
        for text in ["", "x", " 核实", "核实 ", "第一行\n第二行", &"长".repeat(201)] {
            assert_eq!(Reason::read(text), None, "{text:?}");
        }
        assert!(Reason::read("核实").is_some() && Reason::read(&"长".repeat(200)).is_some());
        assert_eq!(Reason::read("回电13800000000").unwrap().as_str(), "回电138****0000");
        let kept = Reason::of_log(&format!("回电13800000000\n{}", "长".repeat(300)));
        assert!(kept.as_str().starts_with("回电138****0000 长") && kept.as_str().chars().count() == 200);
    }
}
