//! The console's words are whole: each that a page asks for is there in both languages, and none is left over.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gridbook_core::model::Reading;
use gridbook_core::model::words::{Locale, find, keys};
use gridbook_server::db::Act;

/// The code of every page, as one text.
fn pages(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        text += &if path.is_dir() { pages(&path) } else { fs::read_to_string(&path).unwrap() };
    }
    text
}

/// The texts in quotes that follow `before` in the code, those with a placeholder left out.
fn after<'a>(code: &'a str, before: &str) -> BTreeSet<&'a str> {
    let quoted = code.split(before).skip(1).filter_map(|rest| rest.split('"').next());
    quoted.filter(|key| !key.contains('{')).collect()
}

#[test]
fn no_word_of_the_console_is_missing_and_none_is_left_over() {
    let code = pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console"));
    let mut made: BTreeSet<String> = (1..=7).map(|day| format!("weekday_{day}")).collect();
    made.extend(Reading::ALL.map(|reading| format!("reading_{}", reading.as_str())));
    made.extend(Act::ALL.map(|act| format!("act_{}", act.as_str())));
    let known: BTreeSet<String> =
        keys().filter_map(|key| key.strip_prefix("console.").map(str::to_owned)).collect();
    let spaces: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let asked: BTreeSet<&str> = [".say(\"", ".say( \"", ".fill(\"", ".fill( \""]
        .into_iter()
        .flat_map(|call| after(&spaces, call))
        .collect();
    assert!(asked.len() > 50, "{asked:?}");

    let missing: Vec<_> = asked
        .iter()
        .map(|key| (*key).to_owned())
        .chain(made.iter().cloned())
        .filter(|key| !known.contains(key))
        .collect();
    assert!(missing.is_empty(), "add them to [console] in core/resources/words.toml: {missing:?}");
    let left: Vec<_> =
        known.iter().filter(|key| !made.contains(*key) && !code.contains(&format!("\"{key}\""))).collect();
    assert!(left.is_empty(), "no page asks for them any more: {left:?}");
    let others = [".word(\"", ".word( \""].into_iter().flat_map(|call| after(&spaces, call));
    for key in others {
        for locale in [Locale::Chinese, Locale::English] {
            assert!(find(key, locale).is_some(), "no word for {key}");
        }
    }
}

#[test]
fn placeholders_are_the_same_in_both_languages() {
    let holes = |text: &str| -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    for key in keys().filter(|key| key.starts_with("console.")) {
        let [zh, en] = [Locale::Chinese, Locale::English].map(|locale| holes(find(&key, locale).unwrap()));
        assert_eq!(zh, en, "{key}");
    }
}
