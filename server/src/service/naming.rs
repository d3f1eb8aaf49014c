//! The order of names that count: 第二网格 stands before 第十网格, wherever lists of scopes are shown.

/// What 一 to 九 count, by their place.
const NUMERALS: &str = "〇一二三四五六七八九";
/// Ten of them.
const TEN: char = '十';

/// A key to sort names by: each number in it, written in Chinese or in digits, counts as what it says.
pub(crate) fn in_order(name: &str) -> String {
    let mut key = String::new();
    let mut rest = name.chars().peekable();
    while let Some(next) = rest.next() {
        let Some(first) = value(next) else {
            key.push(next);
            continue;
        };
        let mut number = Number::default().and(first);
        while let Some(more) = rest.peek().copied().and_then(value) {
            number = number.and(more);
            rest.next();
        }
        key.push_str(&format!("{:08}", number.tens.saturating_add(number.units)));
    }
    key
}

/// A number while it is read.
#[derive(Default)]
struct Number {
    tens: u32,
    units: u32,
}

impl Number {
    /// With one more sign: a digit, or ten for the sign that makes tens of what stands before it.
    fn and(self, sign: u32) -> Self {
        match sign {
            10 => Self { tens: self.units.max(1).saturating_mul(10), units: 0 },
            digit => Self { units: self.units.saturating_mul(10).saturating_add(digit), ..self },
        }
    }
}

fn value(sign: char) -> Option<u32> {
    if sign == TEN {
        return Some(10);
    }
    let place = || NUMERALS.chars().position(|numeral| numeral == sign).and_then(|at| u32::try_from(at).ok());
    sign.to_digit(10).or_else(place)
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn numbers_in_names_count() {
        let mut names =
            ["第十二网格", "第二网格", "第十网格", "第一网格", "第二十网格", "第三网格", "3号楼", "12号楼"];
        names.sort_by_key(|name| in_order(name));
        let counted =
            ["3号楼", "12号楼", "第一网格", "第二网格", "第三网格", "第十网格", "第十二网格", "第二十网格"];
        assert_eq!(names, counted);
    }
}
