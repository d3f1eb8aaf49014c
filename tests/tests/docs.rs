//! The documents keep their word: paths exist, and fields, merge rules, limits and refusals are the code's.

use std::collections::BTreeMap;

use gridbook_core::chunk::{ACTOR_LIMIT, DEPENDENCY_LIMIT, ROW_LIMIT};
use gridbook_core::gate::{CHANGE_LIMIT, CHUNK_PREFIX, Refusal};
use gridbook_core::model::{Header, Kind, Merge, RETRY_DAYS, dictionary};
use gridbook_core::sync::{encoding, proof, protocol, recovery};
use gridbook_core::{model, store};
use gridbook_tests::repository::{SourceFile, files, root};

/// What a document's path ends with if it is a file.
const ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".lock", ".sh", ".mjs", ".json", ".sql", ".csv", ".xlsx"];

/// Folders that exist only once something ran.
const MADE_LATER: &[&str] = &["demo-data/", "target/"];

#[test]
fn every_path_named_in_a_document_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for path in paths_in(&document.text) {
            let target = path.split('#').next().unwrap_or(&path);
            let beside = root().join(folder).join(target);
            if !MADE_LATER.contains(&target) && !root().join(target).exists() && !beside.exists() {
                missing.push(format!("{}: {path}", document.path));
            }
        }
    }
    assert!(missing.is_empty(), "these paths do not exist:\n{}", missing.join("\n"));
}

#[test]
fn every_document_named_in_code_exists() {
    let mut missing = Vec::new();
    for file in files("", &["rs", "toml", "sql"]) {
        for (at, _) in file.text.match_indices("docs/") {
            let path: String = file.text[at..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "/._-".contains(*c))
                .collect();
            let path = path.trim_end_matches('.');
            if path.ends_with(".md") && !root().join(path).exists() {
                missing.push(format!("{}: {path}", file.path));
            }
        }
    }
    assert!(missing.is_empty(), "these documents do not exist:\n{}", missing.join("\n"));
}

#[test]
fn every_decision_is_listed() {
    let list = document("docs/adr/README.md");
    for decision in files("docs/adr", &["md"]) {
        let name = decision.path.trim_start_matches("docs/adr/");
        assert!(name == "README.md" || list.contains(name), "docs/adr/README.md does not list {name}");
    }
}

/// Bytes of a picture: the repository carries every one of them for good.
const LARGEST_PICTURE: u64 = 150_000;

#[test]
fn the_consoles_document_shows_every_page_and_its_pictures_are_small() {
    let document = document("docs/CONSOLE.md");
    let pages = std::fs::read_to_string(root().join("tests/browser/pages.mjs")).unwrap();
    let names: Vec<&str> =
        pages.split("{ name: \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    assert!(names.len() > 20 && names.contains(&"login"), "{names:?}");
    for name in &names {
        assert!(
            document.contains(&format!("](console/{name}-1920.png)")),
            "docs/CONSOLE.md does not show {name}"
        );
    }
    for picture in std::fs::read_dir(root().join("docs/console")).unwrap() {
        let picture = picture.unwrap();
        let (name, size) = (picture.file_name().into_string().unwrap(), picture.metadata().unwrap().len());
        assert!(document.contains(&format!("](console/{name})")), "docs/console/{name} is shown nowhere");
        assert!(size <= LARGEST_PICTURE, "docs/console/{name} has {size} bytes");
        let page = name.rsplit_once('-').map_or(name.as_str(), |(page, _)| page);
        assert!(names.contains(&page), "docs/console/{name} shows a page that pages.mjs does not have");
    }
}

#[test]
fn every_kind_and_field_is_described_with_its_merge_rule() {
    let data = document("docs/DATA.md");
    for merge in [Merge::KeepBoth, Merge::PerElement, Merge::PerEntry, Merge::Characters] {
        assert!(
            data.contains(&format!("| {} | `{merge:?}` |", words_of(merge))),
            "{merge:?} is not explained"
        );
    }
    for kind in Kind::ALL {
        let rows = rows(section(&data, &format!("### `{kind}`")));
        for field in kind.fields() {
            let row = rows
                .get(field.name)
                .unwrap_or_else(|| panic!("docs/DATA.md: {kind}.{} is missing", field.name));
            assert_eq!(
                row[2],
                words_of(field.merge),
                "docs/DATA.md: the merge rule of {kind}.{}",
                field.name
            );
        }
        for name in rows.keys() {
            let known = kind.fields().iter().any(|field| field.name == *name);
            assert!(known, "docs/DATA.md: {kind} has no field {name}");
        }
    }
    let header = serde_json::to_value(gridbook_tests::samples::header(Kind::Visit)).unwrap();
    let described = rows(section(&data, "## The header"));
    let mut fields: Vec<_> = header.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(described.keys().copied().collect::<Vec<_>>(), fields);
}

#[test]
fn dictionaries_rhythms_and_versions_are_the_codes() {
    let data = document("docs/DATA.md");
    let dictionaries = section(&data, "## Dictionaries");
    for (name, dictionary) in dictionary::all() {
        let row =
            dictionaries.lines().find(|line| line.starts_with("| `") && line.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("docs/DATA.md: the dictionary {name} is missing"));
        assert!(row.contains(&format!("| {} |", dictionary.version)), "docs/DATA.md: the version of {name}");
    }
    assert!(data.contains(&format!("otherwise {RETRY_DAYS} days later")), "docs/DATA.md: RETRY_DAYS");
    for rhythm in model::RhythmTable::default().0 {
        let words = format!("{} {}", rhythm.zh, rhythm.days);
        assert!(data.contains(&words), "docs/DATA.md: the rhythm {words}");
    }
    let newest = |heading: &str, version: i64| {
        let part = section(&data, heading);
        let last =
            part.lines().rfind(|line| line.starts_with("| ") && !line.starts_with("| version")).unwrap_or("");
        assert!(
            last.starts_with(&format!("| {version} |")),
            "docs/DATA.md: the newest version under {heading}"
        );
    };
    newest("## The header", Header::SCHEMA);
    newest("## The phone's database", store::SCHEMA_VERSION);
}

#[test]
fn every_constant_of_the_protocol_is_documented_with_its_value() {
    let values: BTreeMap<&str, String> = [
        ("VERSION", protocol::VERSION.to_string()),
        ("ENROL_PATH", protocol::ENROL_PATH.to_owned()),
        ("SYNC_PATH", protocol::SYNC_PATH.to_owned()),
        ("RECOVER_PATH", protocol::RECOVER_PATH.to_owned()),
        ("BOX_PATH", protocol::BOX_PATH.to_owned()),
        ("UNLOCK_PATH", protocol::UNLOCK_PATH.to_owned()),
        ("ASK_BYTES", protocol::ASK_BYTES.to_string()),
        ("PUSH_CHANGES", protocol::PUSH_CHANGES.to_string()),
        ("PUSH_BYTES", protocol::PUSH_BYTES.to_string()),
        ("PUSH_REVEALS", protocol::PUSH_REVEALS.to_string()),
        ("PULL_ENTRIES", protocol::PULL_ENTRIES.to_string()),
        ("PULL_BYTES", protocol::PULL_BYTES.to_string()),
        ("BODY_LIMIT", protocol::BODY_LIMIT.to_string()),
        ("INFLATED_LIMIT", protocol::INFLATED_LIMIT.to_string()),
        ("POINTS", recovery::POINTS.to_string()),
        ("CHANGE_LIMIT", CHANGE_LIMIT.to_string()),
        ("ROW_LIMIT", ROW_LIMIT.to_string()),
        ("DEPENDENCY_LIMIT", DEPENDENCY_LIMIT.to_string()),
        ("ACTOR_LIMIT", ACTOR_LIMIT.to_string()),
        ("CHUNK_PREFIX", CHUNK_PREFIX.to_string()),
        ("TOLERANCE_MS", proof::TOLERANCE_MS.to_string()),
        ("MEDIA_TYPE", encoding::MEDIA_TYPE.to_owned()),
        ("DEVICE_HEADER", proof::DEVICE_HEADER.to_owned()),
        ("TIME_HEADER", proof::TIME_HEADER.to_owned()),
        ("NONCE_HEADER", proof::NONCE_HEADER.to_owned()),
        ("PROOF_HEADER", proof::PROOF_HEADER.to_owned()),
        ("SERVER_TIME_HEADER", proof::SERVER_TIME_HEADER.to_owned()),
    ]
    .into();
    let protocol = document("docs/PROTOCOL.md");
    let documented = rows(section(&protocol, "## Versions and limits"));
    for (name, value) in &values {
        let row = documented.get(name).unwrap_or_else(|| panic!("docs/PROTOCOL.md: {name} is missing"));
        let written: String = row[1].chars().filter(|c| *c != ',' && *c != '`').collect();
        assert_eq!(written, *value, "docs/PROTOCOL.md: the value of {name}");
    }
    let sources = files("core/src/sync", &["rs"]).into_iter().chain(files("core/src/gate", &["rs"]));
    for file in sources {
        for (_, line) in file.code() {
            let Some((name, _)) =
                line.trim().strip_prefix("pub const ").and_then(|rest| rest.split_once(':'))
            else {
                continue;
            };
            assert!(
                name == "ALL" || values.contains_key(name),
                "{}: {name} has no place in docs/PROTOCOL.md",
                file.path
            );
        }
    }
}

#[test]
fn every_message_refusal_and_failure_is_documented() {
    let protocol = document("docs/PROTOCOL.md");
    let refusals = rows(section(&protocol, "## Refusals of one change"));
    for refusal in Refusal::ALL {
        assert!(refusals.contains_key(refusal.as_str()), "docs/PROTOCOL.md: {refusal} is missing");
    }
    assert_eq!(refusals.len(), Refusal::ALL.len(), "docs/PROTOCOL.md lists a refusal that is none");

    let source = document("core/src/sync/protocol.rs");
    let failures = rows(section(&protocol, "## Refusals of a whole request"));
    for code in source.lines().filter_map(|line| line.trim().strip_prefix("FailureCode::")) {
        if let Some((_, word)) = code.split_once(" => \"") {
            let word = word.trim_end_matches("\",");
            assert!(failures.contains_key(word), "docs/PROTOCOL.md: {word} is missing");
        }
    }
    for declared in source.lines() {
        let rest = declared.strip_prefix("pub struct ").or_else(|| declared.strip_prefix("pub enum "));
        let Some(rest) = rest else { continue };
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
        assert!(protocol.contains(&format!("`{name}`")), "docs/PROTOCOL.md: the message {name} is missing");
    }
}

fn words_of(merge: Merge) -> &'static str {
    match merge {
        Merge::KeepBoth => "keep both",
        Merge::PerElement => "per element",
        Merge::PerEntry => "per entry",
        Merge::Characters => "characters",
    }
}

fn document(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Everything that people read: markdown, wherever it is.
fn documents() -> Vec<SourceFile> {
    files("", &["md"])
}

/// The part of a document from the heading that begins with `heading` to the next of its level or above.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let start = text
        .match_indices(heading)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || text[..*at].ends_with('\n'))
        .unwrap_or_else(|| panic!("no heading begins with {heading}"));
    let level = heading.chars().take_while(|c| *c == '#').count();
    let body = &text[start + level..];
    let ends = |at: &usize| {
        let hashes = body[at + 1..].chars().take_while(|c| *c == '#').count();
        hashes > 0 && hashes <= level
    };
    let end = body.match_indices('\n').map(|(at, _)| at).find(ends).unwrap_or(body.len());
    &body[..end]
}

/// The rows of the tables in `text` by their first cell, where that is one name in backticks; each with
/// all its cells.
fn rows(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let lines = text.lines().filter(|line| line.starts_with('|'));
    lines
        .filter_map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let name = cells.first()?.strip_prefix('`')?.strip_suffix('`')?;
            (!name.contains('`')).then_some((name, cells))
        })
        .collect()
}

/// The paths of the repository that a document names, in backticks or as a link's target.
fn paths_in(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        paths.extend(line.split('`').skip(1).step_by(2).filter(|span| is_path(span)).map(str::to_owned));
        for (at, opening) in line.match_indices("](") {
            let target = line[at + opening.len()..].split(')').next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with('#') {
                paths.push(target.to_owned());
            }
        }
    }
    paths
}

/// True if text in backticks means a path of this repository.
fn is_path(span: &str) -> bool {
    let first = span.split('/').next().unwrap_or_default();
    // A field's path (`hazards/gas`), a dwelling (`3-1-A02/5`), a route or address, a pattern, a media type.
    let field = Kind::ALL.iter().flat_map(|kind| kind.fields()).any(|field| field.name == first);
    let other = field
        || first.is_empty()
        || first.starts_with(|c: char| c.is_ascii_digit())
        || span.contains("://")
        || span.contains(|c: char| c.is_whitespace() || "*<>{}$()\"".contains(c))
        || first == "application";
    !other && (span.contains('/') || ENDINGS.iter().any(|ending| span.ends_with(ending)))
}

#[test]
fn paths_are_told_from_other_words() {
    let text = "`core/src/lib.rs`, `Makefile`, `hazards/gas`, `items/<id>/title`, `/v1/sync`, [x](adr/0001.md), [y](https://a/b)\n```\n`not/this`\n```\n`Cargo.toml`";
    assert_eq!(paths_in(text), ["core/src/lib.rs", "adr/0001.md", "Cargo.toml"]);
    assert_eq!(section("# a\n## b\nx\n### c\ny\n## d\nz", "## b"), " b\nx\n### c\ny");
}

/// A promise without a command that shows it is a wish.
#[test]
fn every_promise_of_security_names_what_shows_it() {
    let document = document("docs/SECURITY.md");
    let (_, now) = document.split_once("\n## Now\n").unwrap();
    let rows: Vec<&str> = now.lines().skip_while(|line| !line.starts_with("|---")).skip(1).collect();
    let rows: Vec<&str> = rows.into_iter().take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 40, "{}", rows.len());
    for row in rows {
        let shown = row.rsplit_once(" | ").map_or(row, |(_, by)| by);
        let tests = ["--test ", "/tests/", "make ", "tests/src/", "the simulated weeks"];
        assert!(tests.iter().any(|test| shown.contains(test)), "no command shows: {row}");
        for name in shown.split("--test ").skip(1) {
            let name = name.split(['`', ' ', ',']).next().unwrap();
            let known = ["core", "server", "bindings", "tests", "tests/hostile", "tests/faulty_disk"]
                .iter()
                .any(|room| root().join(room).join(format!("tests/{name}.rs")).exists());
            assert!(known, "{name} is no test: {row}");
        }
    }
}
