//! What a query's names and values mean, or which of them breaks which rule: for every path of the leads' API.

use gridbook_core::clock::Day;
use gridbook_core::model::Kind;
use gridbook_core::model::masking::mask;
use gridbook_core::sync::protocol::FailureCode;

use crate::error::{Error, Result};

/// A refusal that names the parameter and its rule.
pub(crate) fn broken(name: &str, rule: &str) -> Error {
    let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    Error::refused(FailureCode::BadRequest, format!("{}: {rule}", mask(&name)))
}

/// A refusal of a parameter that there is not.
pub(crate) fn unknown(name: &str, known: &[&str]) -> Error {
    broken(name, &format!("no such parameter; known are {}", known.join(", ")))
}

/// A day, written in full: `2026-11-23`.
pub(crate) fn day(name: &str, value: &str) -> Result<Day> {
    let written = |day: &Day| day.to_string() == value;
    value.parse().ok().filter(written).ok_or_else(|| broken(name, "a day such as 2026-11-23"))
}

/// A kind of record.
pub(crate) fn kind(name: &str, value: &str) -> Result<Kind> {
    let words = || Kind::ALL.map(Kind::as_str).join(", ");
    value.parse().map_err(|_| broken(name, &format!("one of {}", words())))
}

/// Refuses a period that ends before it begins.
pub(crate) fn in_order(from: Option<Day>, to: Day) -> Result<()> {
    match from.filter(|from| *from > to) {
        Some(_) => Err(broken("from", "a day that is not after to, which is today if nothing is said")),
        None => Ok(()),
    }
}
