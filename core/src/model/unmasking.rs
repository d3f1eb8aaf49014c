//! Puts numbers back into a text that was edited while they were masked. Whoever corrects a note need not see the number
//! in it, and the number must not be lost by that. [`crate::doc::revision`] asks.

use std::collections::BTreeMap;

use super::masking::{mask, spans};
use super::number::{WIDE_GAP, parts};

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

/// How often stars stand between digits, as in a masked number, whatever parts them.
fn starred(text: &str) -> usize {
    let (mut found, mut stars, mut gap, mut led) = (0, 0, 0, false);
    for character in text.chars() {
        if character == '*' {
            (stars, gap) = (stars + 1, 0);
        } else if character.is_numeric() {
            found += usize::from(led && stars >= STARS);
            (stars, gap, led) = (0, 0, true);
        } else if parts(character) && gap < WIDE_GAP {
            gap += 1;
        } else {
            (stars, gap, led) = (0, 0, false);
        }
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
    fn a_number_is_put_back_into_whatever_pieces_it_was_cut() {
        for was in [
            "（010）62345678",
            "(010) 6234-5678，+86-10-62345678",
            "0755 8888 6666",
            "0086 10 62345678",
            "138 - 0000 - 0000",
            "138 00 00 00 00",
            // Two that overlap.
            "6773800009-15369-677017",
        ] {
            let shown = mask(was);
            let typed = format!("改为{shown}，已核实");
            assert_eq!(unmasked(was, &typed), Some(format!("改为{was}，已核实")), "{was}");
            let first = shown.replacen(|character: char| character.is_ascii_digit(), "9", 1);
            let last = format!("{}9", &shown[..shown.len() - 1]);
            for changed in [first, last] {
                assert_eq!(unmasked(was, &changed), None, "{changed}: a digit beside the stars was changed");
            }
        }
    }

    #[test]
    fn nobody_guesses_which_number_was_meant() {
        let two = "甲13800010000、乙13800020000";
        assert_eq!(unmasked(two, "甲138****0000"), None, "both look so");
        assert_eq!(unmasked("13800000000", "138****0001"), None, "a digit beside the stars was changed");
        assert_eq!(unmasked("138 0000 0000", "137 **** 0000"), None);
    }
}
