//! What Kotlin and Swift show beside a field is its documentation here. rustc asks for it where the type is the bridge's
//! own; what is mirrored of the core's is only handed to uniffi, and rustc never sees it.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use gridbook_tests::repository::files;

/// What makes a type cross as a value; an object stays on this side.
const CROSSING: [&str; 4] = ["uniffi::remote", "uniffi::Record", "uniffi::Enum", "uniffi::Error"];

#[test]
fn every_field_and_case_that_crosses_says_what_it_is() {
    let mut declared = 0;
    for file in files("bindings/src", &["rs"]) {
        let (known, silent) = fields_of(&file.text);
        assert!(silent.is_empty(), "{}: {silent:?}", file.path);
        declared += known;
    }
    assert!(declared > 250, "{declared} fields are few: does the check still find them?");
}

#[test]
fn a_field_that_says_nothing_is_found() {
    let silent = |body: &str| fields_of(&format!("#[uniffi::remote(Record)]\npub struct A {{\n{body}}}\n")).1;
    assert!(silent("    /// How many.\n    #[uniffi(default = 0)]\n    pub n: u32,\n").is_empty());
    assert!(
        silent("    $(#[$doc])*\n    #[uniffi(default = None)]\n    pub grid: Option<ScopeId>,\n").is_empty()
    );
    assert_eq!(silent("    #[uniffi(default = 0)]\n    pub n: u32,\n"), ["4: pub n: u32,"]);
    assert_eq!(silent("    /// How many.\n    pub n: u32,\n    pub m: u32,\n"), ["5: pub m: u32,"]);

    let silent = |body: &str| fields_of(&format!("#[derive(uniffi::Enum)]\npub enum A {{\n{body}}}\n")).1;
    assert!(
        silent(
            "    /// One.\n    One,\n    /// Two.\n    Two {\n        /// Of it.\n        of: u8,\n    },\n"
        )
        .is_empty()
    );
    assert_eq!(silent("    One(u8),\n"), ["3: One(u8),"]);
    assert_eq!(silent("    /// Two.\n    Two {\n        of: u8,\n    },\n"), ["5: of: u8,"]);
    assert_eq!(fields_of("pub struct Own {\n    of: u8,\n}\n"), (0, Vec::new()), "it stays on this side");
}

/// How many fields and cases the types of a source carry across, and those that say nothing.
fn fields_of(source: &str) -> (usize, Vec<String>) {
    let lines: Vec<&str> = source.lines().collect();
    let (mut declared, mut silent, mut within) = (0, Vec::new(), None);
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        if text.starts_with("pub struct ") || text.starts_with("pub enum ") {
            within = crosses(&lines[..at]).then_some(indent);
        } else if within == Some(indent) && text.starts_with('}') {
            within = None;
        } else if within.is_some() && declares(text) {
            declared += 1;
            if !documented(&lines[..at]) {
                silent.push(format!("{}: {text}", at + 1));
            }
        }
    }
    (declared, silent)
}

/// True if one of the attributes above a type makes it cross.
fn crosses(before: &[&str]) -> bool {
    let above = before.iter().rev().map(|line| line.trim());
    above
        .take_while(|line| line.starts_with(['#', '/', '$']))
        .any(|line| CROSSING.iter().any(|word| line.contains(word)))
}

/// True for a field or a case; an attribute, documentation or the end of a case is none.
fn declares(text: &str) -> bool {
    let name = text.trim_start_matches("pub ");
    let word = name.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap();
    !word.is_empty() && name[word.len()..].starts_with([':', ',', '(', ' '])
}

/// True if documentation stands above, with nothing but attributes between.
fn documented(before: &[&str]) -> bool {
    let mut above = before.iter().rev().map(|line| line.trim()).skip_while(|line| line.starts_with("#["));
    above.next().is_some_and(|line| line.starts_with("///") || line.starts_with("$(#["))
}
