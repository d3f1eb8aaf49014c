//! Every word that screens ask for is there, in both languages, and every coded value has its entry.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use std::collections::{BTreeSet, HashSet};

use gridbook_core::clock::Instant;
use gridbook_core::gate::Refusal;
use gridbook_core::model::words::{self, Locale, word};
use gridbook_core::model::{
    Action, DueReason, Header, Kind, Mark, Occupancy, Outcome, OutreachForm, Recurrence, Role, Rule,
    ScopeKind, Standing, dictionary,
};
use gridbook_core::sync::notice::Cause;
use gridbook_core::workbook::{Lock, Phase};
use serde::Serialize;

/// The serde code of a unit variant.
fn code(value: impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[track_caller]
fn assert_word(key: &str) {
    for locale in [Locale::Chinese, Locale::English] {
        assert_ne!(word(key, locale), key, "no word for {key}");
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character))
}

#[test]
fn every_kind_field_role_state_and_reason_has_a_word() {
    for kind in Kind::ALL {
        assert_word(&format!("kind.{kind}"));
        for field in kind.fields() {
            assert_word(&format!("field.{}", field.name));
        }
    }
    let header = Header {
        kind: Kind::Visit,
        schema: 1,
        author: "p".into(),
        grid: None,
        occurred_at: Instant(0),
        voided: None,
    };
    for name in serde_json::to_value(header).unwrap().as_object().unwrap().keys() {
        assert_word(&format!("field.{name}"));
    }
    for role in Role::ALL {
        assert_word(&format!("role.{}", code(role)));
    }
    for cause in Cause::ALL {
        assert_word(&format!("hand_over.{}", cause.as_str()));
        assert_eq!(code(cause), cause.as_str());
        assert_eq!(Cause::from_word(cause.as_str()), Some(cause));
    }
    for refusal in Refusal::ALL {
        assert_word(&format!("refusal.{refusal}"));
        assert_eq!(code(refusal), refusal.as_str());
    }
    let reasons =
        [DueReason::Marked, DueReason::Retry, DueReason::Planned, DueReason::Rhythm, DueReason::NeverVisited];
    for reason in reasons {
        assert_word(&format!("due_reason.{}", code(reason)));
    }
    for standing in [Standing::OnPhone, Standing::OnServer, Standing::Refused] {
        assert_word(&format!("standing.{}", code(standing)));
    }
    let reviewed = serde_json::to_value(Standing::Reviewed(Mark::Seen)).unwrap();
    assert_word(&format!("standing.{}", reviewed.as_object().unwrap().keys().next().unwrap()));
    for kind in [ScopeKind::Community, ScopeKind::Grid, ScopeKind::TaskGroup] {
        assert_word(&format!("scope_kind.{}", code(kind)));
    }
    for phase in [Phase::Working, Phase::Withdrawn, Phase::Wiped] {
        assert_word(&format!("phase.{}", code(phase)));
    }
    for lock in [Lock::Lease, Lock::Pin] {
        assert_word(&format!("lock.{}", code(lock)));
    }
    for action in [Action::Read, Action::Write] {
        assert_word(&format!("action.{}", code(action)));
    }
}

/// The variants are read out of the source, because an error cannot be listed: a new one must get a word.
#[test]
fn every_error_has_a_word_that_says_what_to_do() {
    let source = include_str!("../src/error.rs");
    let body = source.split_once("pub enum Error {").unwrap().1.split_once("\n}").unwrap().0;
    let variants: Vec<&str> = body
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .filter_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()).next())
        .collect();
    assert!(variants.len() >= 18 && variants.contains(&"DiskFull"), "{variants:?}");
    for variant in variants {
        let mut key = String::from("error.");
        for (place, letter) in variant.char_indices() {
            if letter.is_ascii_uppercase() && place > 0 {
                key.push('_');
            }
            key.push(letter.to_ascii_lowercase());
        }
        assert_word(&key);
    }
}

#[test]
fn every_rule_has_its_words_with_its_numbers_and_no_word_is_left_over() {
    let mut codes = BTreeSet::new();
    for rule in Rule::ALL {
        let code = rule.code();
        assert!(code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'), "{code}");
        assert!(codes.insert(code), "{code} names two rules");
        assert_word(&format!("rule.{code}"));
        for locale in [Locale::Chinese, Locale::English] {
            let key = format!("rule.{code}");
            let words = word(&key, locale);
            let named: BTreeSet<_> =
                words.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
            let numbers: BTreeSet<_> = rule.numbers().into_iter().map(|(name, _)| name).collect();
            assert_eq!(named, numbers, "{code}: {words}");
            assert!(!rule.words(locale).contains('{'));
            assert!(!words.contains("--"), "only `phone_rule` has the terminal's options: {words}");
        }
    }
    for section in ["rule.", "phone_rule."] {
        let said: BTreeSet<_> =
            words::keys().filter_map(|key| key.strip_prefix(section).map(str::to_owned)).collect();
        let left: Vec<_> = said.iter().filter(|code| !codes.contains(code.as_str())).collect();
        assert!(left.is_empty(), "no rule of {section} is called so: {left:?}");
    }
    assert_eq!(Rule::TooLong { most: 2_000 }.words(Locale::Chinese), "最多 2000 字");
}

#[test]
fn no_word_is_empty_in_the_wrong_language_or_too_long() {
    let mut count = 0;
    for key in words::keys() {
        let (zh, en) = (word(&key, Locale::Chinese), word(&key, Locale::English));
        // Written for those who read the other language.
        let (zh, en) = if key == "console.switch_language" { (en, zh) } else { (zh, en) };
        assert!(is_chinese(zh), "{key}: {zh}");
        assert!(!en.trim().is_empty() && !is_chinese(en), "{key}: {en}");
        assert_ne!(zh, en, "{key}");
        // The terminal has room for the facts and the command that helps.
        let for_terminal = key.starts_with("phone") || key.starts_with("demo.");
        let longest = if key.starts_with("console.") { 80 } else { 30 };
        assert!(for_terminal || zh.chars().count() <= longest, "{key} is long for its screen: {zh}");
        let name = key.split_once('.').unwrap().1;
        assert!(!name.contains('.'), "{key}: a name with a dot is never found");
        count += 1;
    }
    assert!(count > 150);
    assert_eq!(word("kind.visit", Locale::Chinese), "走访");
    assert_eq!(word("kind.visit", Locale::English), "Visit");
    assert_eq!(word("kind.unheard_of", Locale::Chinese), "kind.unheard_of");
    assert_eq!(word("no dot", Locale::Chinese), "no dot");
}

#[test]
fn every_coded_value_has_its_dictionary_entry() {
    fn covers(name: &str, codes: &[String]) {
        let entries: BTreeSet<_> =
            dictionary::named(name).entries.iter().map(|entry| entry.code.clone()).collect();
        assert_eq!(entries, codes.iter().cloned().collect(), "dictionary {name}");
    }
    covers("visit_outcome", &[Outcome::Met, Outcome::NotMet, Outcome::Refused, Outcome::Phone].map(code));
    covers("occupancy", &[Occupancy::OwnerOccupied, Occupancy::Rented, Occupancy::Vacant].map(code));
    covers(
        "outreach_form",
        &[
            OutreachForm::Door,
            OutreachForm::Talk,
            OutreachForm::Display,
            OutreachForm::Online,
            OutreachForm::Gathering,
        ]
        .map(code),
    );
    covers("recurrence", &[Recurrence::Daily, Recurrence::Weekly, Recurrence::Monthly].map(code));
    covers("review_mark", &[Mark::Seen, Mark::Returned, Mark::Approved].map(code));
}

#[test]
fn dictionaries_are_whole_and_their_codes_unique() {
    for (name, dictionary) in dictionary::all() {
        assert!(is_chinese(&dictionary.zh) && !dictionary.en.is_empty(), "{name}");
        assert!(!dictionary.version.is_empty() && !dictionary.entries.is_empty(), "{name}");
        for entry in &dictionary.entries {
            let plain = entry.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            assert!(plain && !entry.code.is_empty(), "{name}.{}", entry.code);
            assert!(
                is_chinese(&entry.zh) && !entry.en.is_empty() && !is_chinese(&entry.en),
                "{name}.{}",
                entry.code
            );
            // The first entry with this code or word: so no import can mean two.
            for text in [&entry.code, &entry.zh, &entry.en] {
                assert_eq!(dictionary.code_of(text), Some(entry.code.as_str()), "{name}: {text}");
            }
        }
        let codes: HashSet<_> = dictionary.entries.iter().map(|entry| &entry.code).collect();
        assert_eq!(codes.len(), dictionary.entries.len(), "{name}");
    }
    let frauds = dictionary::named("fraud_type");
    assert_eq!((frauds.version.as_str(), frauds.entries.len()), ("2024", 10));
    assert_eq!(frauds.code_of(" 刷单返利 "), Some("fake_orders"));
    assert_eq!(frauds.code_of("FAKE LOAN"), Some("loan"));
    assert_eq!(frauds.code_of("没有这种"), None);
    assert_eq!(dictionary::named("task_group").entries.len(), 5);
    let days: Vec<_> = dictionary::named("household_class").entries.iter().map(|entry| entry.days).collect();
    assert_eq!(days, [Some(7), Some(30), Some(90)]);
}
