//! Masks identity-card and telephone numbers, also where someone typed them into running text. Every list,
//! export, error and log of core and server passes through here; nothing else decides what is shown of a number.
//!
//! Of a number its first three and last four digits stay. What counts as one is drawn wide: a number shown
//! whole by mistake is worse than an order number with stars in it.

use std::collections::BTreeMap;

use super::{Dwelling, Item, Mark, Occupancy, Outcome, OutreachForm, Recurrence, Tags, TemplateItem};
use crate::clock::{Day, Instant};
use crate::id::{PersonId, RecordId, ScopeId};

/// The digits that stay at the beginning and at the end of a number.
const SHOWN: (usize, usize) = (3, 4);
/// So many digits in a row never stand whole, whatever they are: bank cards, numbers run together.
const LONG_RUN: usize = 11;
/// The shortest number has so many digits.
const FEWEST: usize = 10;
/// So many blanks or hyphens between two digits still leave them one number.
const GAP: usize = 2;
/// Stands for the X that ends every eleventh identity number.
const X: u8 = 10;

/// `text` with the middle of every number replaced by `*`, character by character.
#[must_use]
pub fn mask(text: &str) -> String {
    masked(text).unwrap_or_else(|| text.to_owned())
}

/// [`mask`] where there may be something to hide; `None` where there is not, as in most of what a list shows.
pub(super) fn masked(text: &str) -> Option<String> {
    if most_digits(text) < FEWEST
        || text.chars().filter(|character| digit(*character).is_some()).count() < FEWEST
    {
        return None;
    }
    let mut characters: Vec<char> = text.chars().collect();
    for place in hidden(&characters) {
        characters[place] = '*';
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

/// A digit of a number, where it stands, and whether something parts it from the one before.
#[derive(Clone, Copy)]
struct Digit {
    place: usize,
    value: u8,
    first: bool,
}

/// Half-width and full-width digits, and the X of an identity number.
fn digit(character: char) -> Option<u8> {
    match character {
        '0'..='9' => Some(character as u8 - b'0'),
        '０'..='９' => Some((character as u32 - '０' as u32) as u8),
        'X' | 'x' | 'Ｘ' | 'ｘ' => Some(X),
        _ => None,
    }
}

fn parts(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '－' | '–' | '—' | '‐' | '‑' | '−' | '.' | '·' | '_' | '\u{200b}' | '\u{feff}'
        )
}

/// The places of all digits that are not to be shown.
fn hidden(characters: &[char]) -> Vec<usize> {
    // Every number found hides its own middle, so that no chance match beside it can uncover it.
    numbers(characters).iter().flat_map(|number| middle(number)).collect()
}

/// Where numbers begin and end in a text, by character, the last one included; they may overlap.
pub(super) fn spans(characters: &[char]) -> Vec<(usize, usize)> {
    let span = |number: &Vec<Digit>| Some((number.first()?.place, number.last()?.place));
    numbers(characters).iter().filter_map(span).collect()
}

fn numbers(characters: &[char]) -> Vec<Vec<Digit>> {
    let mut numbers = Vec::new();
    for run in runs(characters) {
        for start in (0..run.len()).filter(|start| run[*start].first) {
            for length in 10..=18 {
                let Some(number) = run.get(start..start + length) else { break };
                let ends = run.get(start + length).is_none_or(|next| next.first);
                if ends && is_number(number) {
                    numbers.push(number.to_vec());
                }
            }
        }
        let rows = run.chunk_by(|_, next| !next.first).filter(|row| row.len() >= LONG_RUN);
        numbers.extend(rows.map(<[Digit]>::to_vec));
    }
    numbers
}

fn middle(number: &[Digit]) -> impl Iterator<Item = usize> + '_ {
    number[SHOWN.0..number.len() - SHOWN.1].iter().map(|digit| digit.place)
}

/// Digits with nothing but small gaps between them.
fn runs(characters: &[char]) -> Vec<Vec<Digit>> {
    let mut runs: Vec<Vec<Digit>> = Vec::new();
    let mut gap = GAP + 1;
    for (place, character) in characters.iter().enumerate() {
        match digit(*character) {
            // A letter X begins no number.
            Some(X) if gap > GAP => {}
            Some(value) => {
                let digit = Digit { place, value, first: gap > 0 };
                match runs.last_mut() {
                    Some(run) if gap <= GAP => run.push(digit),
                    _ => runs.push(vec![digit]),
                }
                gap = 0;
            }
            None if parts(*character) => gap += 1,
            None => gap = GAP + 1,
        }
    }
    runs
}

fn is_number(digits: &[Digit]) -> bool {
    let values: Vec<u8> = digits.iter().map(|digit| digit.value).collect();
    let plain = values.iter().all(|value| *value < X);
    match values.len() {
        18 => values[..17].iter().all(|value| *value < X) && (checks_out(&values) || is_born(&values[6..14])),
        15 => plain && is_born(&values[6..12]),
        11 if plain && values[0] == 1 && values[1] >= 3 => true,
        10..=12 if plain && values[0] == 0 && values[1] > 0 => is_landline(digits),
        _ => false,
    }
}

/// The check digit of GB 11643.
fn checks_out(values: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| u32::from(*value) * weight).sum();
    (12 - sum % 11) % 11 == u32::from(values[17])
}

/// A birthday, of eight digits or of six without the century: a mistyped number is still somebody's.
fn is_born(values: &[u8]) -> bool {
    let number = |part: &[u8]| part.iter().fold(0, |number, value| number * 10 + u32::from(*value));
    let (year, day) = values.split_at(values.len() - 4);
    let century = year.len() == 2 || (1900..2100).contains(&number(year));
    century && (1..=12).contains(&number(&day[..2])) && (1..=31).contains(&number(&day[2..]))
}

/// An area code of three or four digits and seven or eight more, parted there or nowhere.
fn is_landline(digits: &[Digit]) -> bool {
    (3..=4).any(|code| {
        let rest = digits.len() - code;
        let unparted = digits.iter().enumerate().skip(1).all(|(at, digit)| !digit.first || at == code);
        (7..=8).contains(&rest) && unparted
    })
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
        for text in
            ["3-1-501", "2026-11-23 14:30", "从2026-11-08到2026-11-30", "12345", "1024 2048 4096", "Xx", ""]
        {
            assert_eq!(mask(text), text);
        }
    }
}
