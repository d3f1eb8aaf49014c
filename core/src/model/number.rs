//! Where identity-card and telephone numbers stand in running text, however they were typed. [`super::masking`] hides
//! what is found here and [`super::unmasking`] puts it back; nothing else looks for numbers.
//!
//! What counts as a number is drawn wide: one that is shown whole by mistake is worse than an order number with stars in
//! it.

/// The shortest number has so many digits, and the longest that is told by its digits so many.
pub(super) const FEWEST: usize = 10;
const MOST: usize = 18;
/// So many digits in a row never stand whole, whatever they are: bank cards, numbers run together.
const LONG_RUN: usize = 11;
/// So many blanks or hyphens between two digits still leave them one number, into whatever pieces it is cut.
const GAP: usize = 2;
/// So many, brackets among them, still do where it is cut as numbers are: `（010） - 6234 5678`.
pub(super) const WIDE_GAP: usize = 4;
/// Dates, times and house numbers have pieces of fewer digits.
const PIECE: usize = 3;
/// The characters of a record's id.
const ID: usize = 36;
/// Stands for the X that ends every eleventh identity number.
const X: u8 = 10;

/// A digit of a number, where it stands, and what parts it from the one before.
#[derive(Clone, Copy)]
struct Digit {
    place: usize,
    value: u8,
    gap: Gap,
}

/// From nothing to what seldom stands within a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Narrow,
    Wide,
    Bracket,
}

impl Digit {
    /// True for the first one of a piece.
    fn begins(&self) -> bool {
        self.gap != Gap::None
    }
}

/// Half-width and full-width digits, and the X of an identity number.
pub(super) fn digit(character: char) -> Option<u8> {
    match character {
        '0'..='9' => Some(character as u8 - b'0'),
        '０'..='９' => Some((character as u32 - '０' as u32) as u8),
        'X' | 'x' | 'Ｘ' | 'ｘ' => Some(X),
        _ => None,
    }
}

/// True for what may stand between the digits of one number.
pub(super) fn parts(character: char) -> bool {
    character.is_whitespace()
        || brackets(character)
        || matches!(
            character,
            '-' | '－' | '–' | '—' | '‐' | '‑' | '−' | '.' | '·' | '_' | '\u{200b}' | '\u{feff}'
        )
}

fn brackets(character: char) -> bool {
    matches!(character, '(' | ')' | '（' | '）')
}

/// The places of each number's digits, by character; numbers may overlap.
pub(super) fn numbers(characters: &[char]) -> Vec<Vec<usize>> {
    let mut numbers = Vec::new();
    for run in runs(characters) {
        for start in (0..run.len()).filter(|start| run[*start].begins()) {
            for length in FEWEST..=MOST {
                let Some(number) = run.get(start..start + length) else { break };
                let ends = run.get(start + length).is_none_or(Digit::begins);
                if ends && is_number(number) {
                    numbers.push(places(number));
                }
            }
        }
        let rows = run.chunk_by(|_, next| !next.begins()).filter(|row| row.len() >= LONG_RUN);
        numbers.extend(rows.map(places));
    }
    numbers
}

fn places(digits: &[Digit]) -> Vec<usize> {
    digits.iter().map(|digit| digit.place).collect()
}

/// Digits with nothing but gaps between them.
fn runs(characters: &[char]) -> Vec<Vec<Digit>> {
    let mut runs: Vec<Vec<Digit>> = Vec::new();
    let (mut parting, mut bracketed, mut id_ends) = (WIDE_GAP + 1, false, 0);
    for (place, character) in characters.iter().enumerate() {
        if is_id(characters, place) {
            id_ends = place + ID;
        }
        match digit(*character).filter(|_| place >= id_ends) {
            // A letter X begins no number.
            Some(X) if parting > GAP || bracketed => (parting, bracketed) = (WIDE_GAP + 1, false),
            Some(value) => {
                let gap = match parting {
                    _ if bracketed => Gap::Bracket,
                    0 => Gap::None,
                    1..=GAP => Gap::Narrow,
                    _ => Gap::Wide,
                };
                let digit = Digit { place, value, gap };
                match runs.last_mut() {
                    Some(run) if parting <= WIDE_GAP => run.push(digit),
                    _ => runs.push(vec![digit]),
                }
                (parting, bracketed) = (0, false);
            }
            None if parts(*character) && place >= id_ends => {
                parting += 1;
                bracketed |= brackets(*character);
            }
            None => (parting, bracketed) = (WIDE_GAP + 1, false),
        }
    }
    runs
}

/// True where a record's id begins: no number of anyone's, whatever digits it has.
fn is_id(characters: &[char], place: usize) -> bool {
    let Some(id) = characters.get(place..place + ID) else { return false };
    let alone = |beside: Option<&char>| {
        beside.is_none_or(|character| !character.is_ascii_alphanumeric() && digit(*character).is_none())
    };
    let fits = id.iter().enumerate().all(|(at, character)| match at {
        8 | 13 | 18 | 23 => *character == '-',
        _ => character.is_ascii_hexdigit(),
    });
    let before = place.checked_sub(1).and_then(|before| characters.get(before));
    fits && alone(before) && alone(characters.get(place + ID))
}

fn is_number(digits: &[Digit]) -> bool {
    let values: Vec<u8> = digits.iter().map(|digit| digit.value).collect();
    let plain = values.iter().all(|value| *value < X);
    let narrow = digits.iter().skip(1).all(|digit| digit.gap <= Gap::Narrow);
    let close = narrow || pieces(digits).all(|piece| piece.len() >= PIECE);
    match values.len() {
        18 if values[..17].iter().all(|value| *value < X) => {
            let (right, born) = (checks_out(&values), is_born(&values[6..14]));
            if close { right || born } else { right && born }
        }
        15 if plain && close && is_born(&values[6..12]) => true,
        // Two times and a room are none: 1400 - 1630（301）.
        11 if plain && close && values[0] == 1 && values[1] >= 3 => narrow || ends_as_numbers(digits),
        _ => plain && (is_landline(digits) || is_printed_landline(digits, &values)),
    }
}

/// Digits with nothing between them.
fn pieces(digits: &[Digit]) -> impl Iterator<Item = &[Digit]> {
    digits.chunk_by(|_, next| !next.begins())
}

/// True if the last piece has the four digits that people say in one breath, or more.
fn ends_as_numbers(digits: &[Digit]) -> bool {
    digits.iter().rev().take(PIECE).all(|digit| !digit.begins())
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

/// Anything like an area code of three or four digits and seven or eight more, parted there or nowhere.
fn is_landline(digits: &[Digit]) -> bool {
    let [first, second, ..] = digits else { return false };
    let outward = first.value == 0 && second.value > 0;
    outward
        && (3..=4).any(|code| {
            let rest = digits.len().saturating_sub(code);
            let unparted = digits.iter().enumerate().skip(1).all(|(at, digit)| match digit.gap {
                Gap::None => true,
                Gap::Narrow => at == code,
                Gap::Wide | Gap::Bracket => false,
            });
            (7..=8).contains(&rest) && unparted
        })
}

/// A landline as numbers are printed: `(010) 6234-5678`, `0755 8888 6666`, `+86 10 62345678`. It may be parted further,
/// and so must have an area code that there is and a number that can be dialled, unlike most dates, times and amounts.
fn is_printed_landline(digits: &[Digit], values: &[u8]) -> bool {
    // Before the area code stands the country's, or the 0 that is dialled within it.
    let before = match values {
        [0, 0, 8, 6, ..] => 4,
        [8, 6, ..] => 2,
        [0, ..] => 1,
        _ => return false,
    };
    let code = match values[before..] {
        [1, 0, ..] | [2, ..] => 2,
        [3..=6 | 8, 1..=9, ..] | [7 | 9, ..] => 3,
        _ => return false,
    };
    let own = before + code;
    let length = values.len() - own;
    let dialled = values[own] >= 2 && (length == 8 || length == 7 && code == 3);
    let cut = |at: &usize| digits[*at].begins();
    // The 0 stands apart in brackets only: +86 (0)10.
    let apart = (1..own).filter(cut).all(|at| at == before && (before > 1 || digits[at].gap == Gap::Bracket));
    let mut cuts = (own + 1..digits.len()).filter(cut);
    let pieced = match (cuts.next(), cuts.next()) {
        (None, _) => true,
        (Some(at), None) => at >= own + PIECE && digits[at].gap != Gap::Bracket && ends_as_numbers(digits),
        _ => false,
    };
    // A day's shifts: 0730-2030 2030-0730.
    dialled && apart && pieced && !pieces(digits).all(is_time)
}

/// True for a time of the day as shifts have it, without a colon: `0730`.
fn is_time(piece: &[Digit]) -> bool {
    let [tens, hours, minutes, fives] = piece else { return false };
    tens.value * 10 + hours.value < 24 && minutes.value < 6 && fives.value % 5 == 0
}
