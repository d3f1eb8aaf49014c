//! Where a household lives: building–unit–room (楼栋-单元-室), one fact that is never merged by halves.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::spelling;

/// A dwelling, written `3-1-501`, or `3-1-A02/5` where the room number does not tell the floor. What is read may be
/// spelt `3栋1单元501室`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dwelling {
    /// The building (楼栋), without a dash.
    pub building: String,
    /// The unit or stairwell (单元), without a dash.
    pub unit: String,
    /// The room (室).
    pub room: String,
    /// The floor, where the room number does not tell it.
    pub floor: Option<i32>,
}

impl Dwelling {
    /// A dwelling whose room number tells the floor, as `501` is on the fifth.
    #[must_use]
    pub fn new(building: &str, unit: &str, room: &str) -> Self {
        Self { building: building.into(), unit: unit.into(), room: room.into(), floor: None }
    }

    /// The floor: as given, otherwise what stands before the last two digits of the room, otherwise 0.
    #[must_use]
    pub fn floor(&self) -> i32 {
        self.floor.unwrap_or_else(|| {
            let digits: String = self.room.chars().take_while(char::is_ascii_digit).collect();
            digits.len().checked_sub(2).and_then(|length| digits[..length].parse().ok()).unwrap_or(0)
        })
    }

    /// Sorts dwellings as one walks them: building, unit, floor, room, each by its number. A space parts
    /// them, because it sorts before every letter: building 10 comes before 10A.
    #[must_use]
    pub fn walking_order(&self) -> String {
        let floor = (i64::from(self.floor()) + 1_000).max(0);
        format!(
            "{} {} {floor:06} {}",
            by_number(&self.building),
            by_number(&self.unit),
            by_number(&self.room)
        )
    }
}

/// `text` with every run of digits padded to six, so that text order is number order.
fn by_number(text: &str) -> String {
    let mut padded = String::with_capacity(text.len() + 6);
    let mut digits = String::new();
    for character in text.chars().chain(std::iter::once('\0')) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        if !digits.is_empty() {
            padded.push_str(&format!("{:0>6}", digits.trim_start_matches('0')));
            digits.clear();
        }
        if character != '\0' {
            padded.push(character);
        }
    }
    padded
}

impl fmt::Display for Dwelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.building, self.unit, self.room)?;
        match self.floor {
            Some(floor) => write!(f, "/{floor}"),
            None => Ok(()),
        }
    }
}

/// What is not written as `building-unit-room`.
#[derive(Debug, thiserror::Error)]
#[error("a dwelling is written building-unit-room, such as 3-1-501")]
pub struct NotADwelling;

impl FromStr for Dwelling {
    type Err = NotADwelling;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        spelling::whole(text).map_err(|_| NotADwelling)
    }
}

impl Serialize for Dwelling {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dwelling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
