//! Dwellings as people and rosters spell them: `3栋`, `１单元`, `501室`, `3栋1单元501`. One dwelling has one spelling here,
//! so that nobody adds it twice. `roster` reads its columns with this, and [`Dwelling`] what is typed.

use super::{Dwelling, Rule};

const BUILDING_WORDS: &[&str] = &["号楼", "栋", "幢", "座", "楼"];
const UNIT_WORDS: &[&str] = &["单元"];
const ROOM_WORDS: &[&str] = &["室", "房", "号"];
const FLOOR_WORDS: &[&str] = &["楼", "层"];

const FLOORS: std::ops::RangeInclusive<i32> = -9..=150;

/// Two spellings that name one dwelling have the same key; the floor adds nothing to building, unit and room.
pub(crate) fn key(dwelling: &Dwelling) -> String {
    Dwelling { floor: None, ..dwelling.clone() }.walking_order().to_uppercase()
}

/// The building without its word: `3栋` is `3`, but 东楼 stays.
pub(crate) fn building(text: &str) -> Result<String, Rule> {
    part(text, BUILDING_WORDS)
}

/// The unit without its word.
pub(crate) fn unit(text: &str) -> Result<String, Rule> {
    part(text, UNIT_WORDS)
}

/// The room without its word; it may contain a dash.
pub(crate) fn room(text: &str) -> Result<String, Rule> {
    let room = without_word(&half_width(text), ROOM_WORDS);
    if room.contains('/') {
        return Err(Rule::Slash);
    }
    Ok(room)
}

/// A floor's number, negative below ground.
pub(crate) fn floor(text: &str) -> Result<i32, Rule> {
    let number = without_word(&half_width(text), FLOOR_WORDS).parse().ok();
    number
        .filter(|floor| FLOORS.contains(floor))
        .ok_or(Rule::NumberRange { least: (*FLOORS.start()).into(), most: (*FLOORS.end()).into() })
}

/// A dwelling in one cell, with dashes or with the words for building and unit.
pub(crate) fn whole(text: &str) -> Result<Dwelling, Rule> {
    const RULE: Rule = Rule::DwellingForm;
    let mut text = half_width(text);
    if !text.contains('-') {
        for words in [BUILDING_WORDS, UNIT_WORDS] {
            if let Some(word) = words.iter().find(|word| text.contains(**word)) {
                text = text.replacen(word, "-", 1);
            }
        }
    }
    let (place, told) = match text.rsplit_once('/') {
        Some((place, told)) => (place, Some(told.parse().map_err(|_| RULE)?)),
        None => (text.as_str(), None),
    };
    let mut parts = place.splitn(3, '-').filter(|part| !part.is_empty());
    let (Some(first), Some(second), Some(third)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(RULE);
    };
    let read = Dwelling { building: building(first)?, unit: unit(second)?, room: room(third)?, floor: told };
    if read.building.is_empty() || read.unit.is_empty() || read.room.is_empty() {
        Err(RULE)
    } else {
        Ok(plain(read))
    }
}

/// The dwelling without a floor that its room number tells anyway, so that it has one spelling.
pub(crate) fn plain(dwelling: Dwelling) -> Dwelling {
    let told = Dwelling { floor: None, ..dwelling.clone() };
    if dwelling.floor == Some(told.floor()) { told } else { dwelling }
}

fn part(text: &str, words: &[&str]) -> Result<String, Rule> {
    let part = without_word(&half_width(text), words);
    if part.contains(['-', '/']) {
        return Err(Rule::DashOrSlash);
    }
    Ok(part)
}

fn without_word(text: &str, words: &[&str]) -> String {
    let stem = words.iter().find_map(|word| text.strip_suffix(word));
    let numbered = stem.filter(|stem| stem.ends_with(|last: char| last.is_ascii_alphanumeric()));
    numbered.unwrap_or(text).trim().to_owned()
}

/// Digits, letters and dashes that an input method typed at full width, as the keyboard's own.
fn half_width(text: &str) -> String {
    let half = |character: char| match character {
        '—' | '–' | '−' => '-',
        '！'..='～' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        _ => character,
    };
    text.chars().map(half).filter(|character| !character.is_whitespace()).collect()
}
