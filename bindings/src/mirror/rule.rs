//! Rules that entries, files, PINs and invitations must hold to, as codes.

use std::collections::HashMap;

/// A rule that was broken; words are under `rule`.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Rule {
    /// A stable word, which is the key of its words.
    pub code: String,
    /// The numbers in its words, by name.
    pub numbers: HashMap<String, i64>,
}

impl From<gridbook_core::model::Rule> for Rule {
    fn from(rule: gridbook_core::model::Rule) -> Self {
        let numbers = rule.numbers().into_iter().map(|(name, number)| (name.to_owned(), number));
        Self { code: rule.code().to_owned(), numbers: numbers.collect() }
    }
}
