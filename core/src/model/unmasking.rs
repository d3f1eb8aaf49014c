//! Puts numbers back into a text that was edited while they were masked. Whoever corrects a note need not see the number
//! in it, and the number must not be lost by that. [`crate::doc::revision`] asks.

use std::collections::BTreeMap;

use super::masking::{mask, spans};

/// So many stars between digits are what is shown of a number.
const STARS: usize = 3;

/// `typed` with each masked number of `was` as it was written. `None` where nobody can tell what was meant: two numbers
/// that look the same, or one whose digits were changed around the stars.
#[must_use]
pub fn unmasked(was: &str, typed: &str) -> Option<String> {
    let (whole, shown): (Vec<char>, Vec<char>) = (was.chars().collect(), mask(was).chars().collect());
    if whole == shown {
        return Some(typed.to_owned());
    }
    let mut written = BTreeMap::<String, Option<String>>::new();
    for (first, last) in spans(&whole) {
        let cut = |text: &[char]| text[first..=last].iter().collect::<String>();
        let number = cut(&whole);
        let known = written.entry(cut(&shown)).or_insert_with(|| Some(number.clone()));
        if known.as_ref() != Some(&number) {
            *known = None;
        }
    }
    let mut written: Vec<_> = written.into_iter().collect();
    written.sort_by_key(|(masked, _)| std::cmp::Reverse(masked.len()));
    let mut text = typed.to_owned();
    for (masked, number) in written {
        if text.contains(&masked) {
            text = text.replace(&masked, &number?);
        }
    }
    (starred(&text) <= starred(was)).then_some(text)
}

/// How often stars stand between digits, as in a masked number.
fn starred(text: &str) -> usize {
    let characters: Vec<char> = text.chars().collect();
    let is_digit = |character: Option<&char>| character.is_some_and(|one| one.is_numeric() || *one == '*');
    let rows = characters.chunk_by(|one, other| (*one == '*') == (*other == '*'));
    let (mut place, mut found) = (0, 0);
    for row in rows {
        let after = place + row.len();
        // A blank or a hyphen may stand between the digits and the stars.
        let before =
            (1..=2).any(|back| place.checked_sub(back).is_some_and(|at| is_digit(characters.get(at))));
        let behind = (0..=1).any(|on| is_digit(characters.get(after + on)));
        found += usize::from(row[0] == '*' && row.len() >= STARS && before && behind);
        place = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_edited_around_a_masked_number_keeps_the_number() {
        let was = "女儿 139-0000-0001，卡6222020200112233445";
        for (typed, written) in [
            (mask(was), was.to_owned()),
            (format!("{}，已核实", mask(was)), format!("{was}，已核实")),
            ("大女儿 139-****-0001".into(), "大女儿 139-0000-0001".into()),
            ("女儿 13700000007".into(), "女儿 13700000007".into()),
            ("★ 三星*** 好评".into(), "★ 三星*** 好评".into()),
            (String::new(), String::new()),
        ] {
            assert_eq!(unmasked(was, &typed), Some(written), "{typed}");
        }
        assert_eq!(
            unmasked("没有号码", "138****0000"),
            Some("138****0000".into()),
            "nothing of it was masked"
        );
    }

    #[test]
    fn nobody_guesses_which_number_was_meant() {
        let two = "甲13800010000、乙13800020000";
        assert_eq!(unmasked(two, "甲138****0000"), None, "both look so");
        assert_eq!(unmasked("13800000000", "138****0001"), None, "a digit beside the stars was changed");
        assert_eq!(unmasked("138 0000 0000", "137 **** 0000"), None);
    }
}
