//! Masks identity-card and telephone numbers, also where someone typed them into running text. Every list,
//! export, error and log of core and server passes through here; nothing else decides what is shown of a number.
//!
//! Of a number its first three and last four digits stay. What counts as one is told by `number.rs`.

use std::collections::BTreeMap;

use super::number::{FEWEST, digit, numbers};
use super::{Dwelling, Item, Mark, Occupancy, Outcome, OutreachForm, Recurrence, Tags, TemplateItem, Voided};
use crate::clock::{Day, Instant};
use crate::id::{PersonId, RecordId, ScopeId};

/// The digits that stay at the beginning and at the end of a number.
const SHOWN: (usize, usize) = (3, 4);

/// `text` with the middle of every number replaced by `*`, character by character.
#[must_use]
pub fn mask(text: &str) -> String {
    masked(text).unwrap_or_else(|| text.to_owned())
}

/// [`mask`] for the text that a record's field at `path` holds. A withdrawal is one such text, JSON, and people typed its
/// reason alone: its time is no number, and with stars in it nothing could be read any more.
#[must_use]
pub fn mask_field(path: &str, text: &str) -> String {
    let withdrawal = if path == "voided" { Voided::masked_text(text) } else { None };
    withdrawal.unwrap_or_else(|| mask(text))
}

/// [`mask`] where there may be something to hide; `None` where there is not, as in most of what a list shows.
pub(super) fn masked(text: &str) -> Option<String> {
    if most_digits(text) < FEWEST
        || text.chars().filter(|character| digit(*character).is_some()).count() < FEWEST
    {
        return None;
    }
    let mut characters: Vec<char> = text.chars().collect();
    // Every number found hides its own middle, so that no chance match beside it can uncover it.
    for number in numbers(&characters) {
        for place in &number[SHOWN.0..number.len() - SHOWN.1] {
            characters[*place] = '*';
        }
    }
    Some(characters.into_iter().collect())
}

/// How many digits `text` has at most: bytes that one may begin with. Every row of a list comes here, so they are counted
/// in pieces whose sum a byte holds, which the compiler turns into instructions for many bytes at a time.
fn most_digits(text: &str) -> usize {
    let begins =
        |byte: &u8| u8::from(byte.is_ascii_digit() | byte.eq_ignore_ascii_case(&b'x') | (*byte == 0xef));
    let pieces = text.as_bytes().chunks(usize::from(u8::MAX));
    pieces.map(|piece| usize::from(piece.iter().map(begins).sum::<u8>())).sum()
}

/// Where numbers begin and end in a text, by character, the last one included, in order; those that overlap are one, for
/// the stars of each stand in the other.
pub(super) fn spans(characters: &[char]) -> Vec<(usize, usize)> {
    let span = |number: &Vec<usize>| Some((*number.first()?, *number.last()?));
    let mut spans: Vec<_> = numbers(characters).iter().filter_map(span).collect();
    spans.sort_unstable();
    spans.dedup_by(|later, earlier| {
        let overlap = later.0 <= earlier.1;
        if overlap {
            earlier.1 = earlier.1.max(later.1);
        }
        overlap
    });
    spans
}

/// What a record's content holds of text that people type. Each type of a field says so, and a new one does
/// not compile until it does.
pub(super) trait Texts {
    /// Replaces each text by what `change` makes of it.
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String));
}

impl Texts for String {
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(self);
    }
}

impl<V: Texts> Texts for BTreeMap<String, V> {
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        self.values_mut().for_each(|value| value.each_text(change));
    }
}

impl Texts for Item {
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(&mut self.title);
    }
}

impl Texts for TemplateItem {
    fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(&mut self.title);
    }
}

/// Types that hold codes, ids, numbers and times.
macro_rules! without_text {
    ($($type:ty),* $(,)?) => {
        $(impl Texts for $type {
            fn each_text(&mut self, _: &mut dyn FnMut(&mut String)) {}
        })*
    };
}

without_text!(
    bool,
    u32,
    Tags,
    RecordId,
    ScopeId,
    Option<Dwelling>,
    Option<Occupancy>,
    Option<Outcome>,
    Option<OutreachForm>,
    Option<Recurrence>,
    Option<Mark>,
    Option<Day>,
    Option<Instant>,
    Option<RecordId>,
    BTreeMap<PersonId, Instant>,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_and_four_digits() {
        for (text, shown) in [
            ("电话13800000000，勿外传", "电话138****0000，勿外传"),
            ("138 0000-0000", "138 ****-0000"),
            ("１３８００００００００", "１３８****００００"),
            ("+86 13800000000", "+86 138****0000"),
            ("身份证110105194912310028号", "身份证110***********0028号"),
            ("11010519491231002X。", "110***********002X。"),
            ("110105 19491231 002x", "110*** ******** 002x"),
            ("130503670401001", "130********1001"),
            ("010-12345678", "010-****5678"),
            ("卡6222020200112233445", "卡622************3445"),
            ("a13900000001b13900000002", "a139****0001b139****0002"),
            ("13900000001 13900000002", "139****0001 139****0002"),
            ("138 - 0000 - 0000", "138 - **** - 0000"),
            ("1380 - 000（0000）", "138* - ***（0000）"),
            ("110105 - 19491231 - 002X", "110*** - ******** - 002X"),
            ("010-6234-5678", "010-****-5678"),
            ("０１０－６２３４－５６７８", "０１０－****－５６７８"),
            ("010 - 6234 - 5678", "010 - **** - 5678"),
            ("0755 8888 6666", "075* **** 6666"),
            ("0755-888-6666转801", "075*-***-6666转801"),
            ("(010)62345678", "(010)****5678"),
            ("（010）62345678", "（010）****5678"),
            ("（010） - 6234 5678", "（010） - **** 5678"),
            ("+86-10-62345678", "+86-1*-****5678"),
            ("+86 755 8888 6666", "+86 7** **** 6666"),
            ("+86 (0)10 62345678", "+86 (0)10 ****5678"),
            ("0086 10 62345678", "008* ** ****5678"),
            (
                "01a20606-35c0-7abc-8def-019000000017 13800000000",
                "01a20606-35c0-7abc-8def-019000000017 138****0000",
            ),
        ] {
            assert_eq!(mask(text), shown, "{text}");
            assert_eq!(mask(shown), shown, "masked once is masked");
        }
    }

    #[test]
    fn a_number_is_found_wherever_in_a_long_text_it_stands() {
        for before in 0..300 {
            let text = format!("{}13800000000", "楼".repeat(before));
            assert_eq!(mask(&text), format!("{}138****0000", "楼".repeat(before)));
            let spread = format!("138{}", "，".repeat(before));
            assert_eq!(mask(&spread), spread);
        }
    }

    #[test]
    fn what_is_no_number_stays() {
        for text in [
            "3-1-501",
            "3 - 1 - 501，3 - 2 - 1201",
            "3-1-501（2026-1-23）",
            "0501-201-2301",
            "2026-11-23 14:30",
            "从2026-11-08到2026-11-30",
            "2026-11-08 - 2026-11-30",
            "2026 - 1 - 31 - 2026 - 11 - 24",
            "（2026-11-08）（2026-11-30）",
            "0830-1130 1330-1730",
            "0730-2030 2030-0730",
            "值班0830-2030（301室）",
            "0445-0645 (2026)0599",
            "值班1400 - 1630（301室）",
            "8:30 - 11:30（13:30 - 17:30）",
            "12345",
            "1024 2048 4096",
            "0.50 2000 3000",
            "1,234,567,890.00元",
            "（2026）京0105民初12345号",
            "(2026)0105-0123",
            "2026-0123-0456",
            "01a20606-35c0-7abc-8def-019000000017",
            "见01a20606-0755-7888-8666-019000000017。",
            "Xx",
            "",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn an_id_is_left_alone_only_where_it_is_one() {
        for (text, shown) in [
            ("01a20606-35c0-7abc-8def-0190000000171", "01a20606-35c0-7abc-8def-019******0171"),
            ("01a20606-35c0-7abc-019000000017", "01a20606-35c0-7abc-019*****0017"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }

    #[test]
    fn of_a_withdrawal_the_reason_alone_is_masked() {
        let kept = |reason: &str| {
            let (by, at) = (PersonId::from("p1380000a"), Instant(1_795_397_400_000));
            serde_json::to_string(&Voided { by, at, reason: reason.into() }).unwrap()
        };
        let (whole, shown) = (kept("已改打13800000000"), kept("已改打138****0000"));
        assert_eq!(mask_field("voided", &whole), shown);
        assert_eq!(mask_field("voided", &shown), shown, "masked once is masked");
        // What is none has nothing that is known to be no number.
        assert_eq!(mask_field("voided", r#"{"at":1795397400000}"#), r#"{"at":179******0000}"#);
        assert_eq!(mask_field("note", "13800000000"), "138****0000");
        assert_eq!(mask_field("household", "01a20606-35c0-7abc-8def-019000000017").find('*'), None);
    }
}
