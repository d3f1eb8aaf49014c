//! The house rules that a compiler does not know: rooms use rooms below them, heavy crates stay in their
//! room, files are small and say what they are for. See `docs/ARCHITECTURE.md` and `CONTRIBUTING.md`.

use gridbook_tests::repository::{SourceFile, files};

/// The rooms of the core by height; a room uses only rooms that are lower.
const ROOMS: &[(&str, u8)] = &[
    ("workbook", 6),
    ("sync", 5),
    ("gate", 4),
    ("vault", 3),
    ("store", 3),
    ("doc", 3),
    ("roster", 3),
    ("chunk", 2),
    ("model", 2),
    ("id", 1),
    ("key", 1),
    ("clock", 1),
    ("file", 1),
    ("error", 1),
];

/// Uses that are not downwards, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("error", "model", "an error names the kind of record it is about: a plain noun that needs nothing"),
    ("error", "id", "an error names the record and the scope it is about"),
    ("key", "error", "a key store may refuse to sign"),
    ("file", "error", "an error names the file"),
    ("id", "clock", "a record's id is made of the moment and random bytes, which are injected"),
];

/// Crates that one room alone may name, and where it is.
const HEAVY: &[(&str, &[&str])] = &[
    ("automerge", &["core/src/doc/"]),
    ("rusqlite", &["core/src/store/", "server/src/db/"]),
    ("reqwest", &["core/src/sync/http"]),
    ("calamine", &["core/src/roster/"]),
    ("csv", &["core/src/roster/", "server/src/console/ledger/"]),
    ("rust_xlsxwriter", &["server/src/console/ledger/"]),
    ("tokio_postgres", &["server/src/db/"]),
    ("uniffi", &["bindings/"]),
    ("utoipa", &["server/src/openapi/", "server/src/handlers/", "server/src/service/"]),
];

/// Words of the trade in pinyin: code says them in English, screens in Chinese.
const PINYIN: &[&str] = &[
    "wangge",
    "zoufang",
    "riji",
    "minqing",
    "fanzha",
    "shequ",
    "zuzhang",
    "qingdan",
    "taizhang",
    "jumin",
    "maodun",
    "jiufen",
    "yijiao",
    "renwu",
    "huizhi",
    "yueping",
    "xuanchuan",
    "yinhuan",
];

/// What national policy bans, in the words in which a screen would offer it.
const BANNED: &[&str] = &["打卡", "排名", "在线时长"];

#[test]
fn a_room_uses_only_rooms_below_it() {
    let mut wrong = Vec::new();
    for file in files("core/src", &["rs"]) {
        let Some(room) = room_of(&file) else { continue };
        // As one text, because a group of imports may run over several lines.
        let code: String = file.code().flat_map(|(_, text)| [text, "\n"]).collect();
        for (at, used) in rooms_named(&code) {
            let excepted = EXCEPTIONS.iter().any(|(from, to, _)| *from == room && *to == used);
            if used != room && !excepted && height(used) >= height(room) {
                let line = code[..at].lines().count();
                wrong.push(format!("{}:{line}: {room} uses {used}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "rooms use only rooms below them:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_of_the_core_stands_in_a_room() {
    let homeless: Vec<_> = files("core/src", &["rs"])
        .into_iter()
        .filter(|file| room_of(file).is_none() && file.path != "core/src/lib.rs")
        .map(|file| file.path)
        .collect();
    assert!(homeless.is_empty(), "name these rooms here and in docs/ARCHITECTURE.md: {homeless:?}");
}

#[test]
fn heavy_crates_are_named_in_their_room_alone() {
    let mut wrong = Vec::new();
    let sources =
        ["core/src", "server/src", "bindings/src"].into_iter().flat_map(|room| files(room, &["rs"]));
    for file in sources {
        for (line, text) in file.code() {
            for (heavy, rooms) in HEAVY {
                if names_crate(text, heavy) && !rooms.iter().any(|room| file.path.starts_with(room)) {
                    wrong.push(format!("{}:{line}: {heavy} belongs in {rooms:?}", file.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_bindings_alone_depend_on_uniffi() {
    let naming = files("", &["toml"]).into_iter().filter(|file| {
        file.path.ends_with("Cargo.toml")
            && file.text.lines().any(|line| line.trim_start().starts_with("uniffi"))
    });
    let naming: Vec<_> = naming.map(|file| file.path).collect();
    let bridge = ["Cargo.toml", "bindings/Cargo.toml", "bindings/generate/Cargo.toml"];
    assert_eq!(naming, bridge, "docs/adr/0016-the-bridge.md");
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    let mut wrong = Vec::new();
    for file in files("", &["rs"]) {
        if !file.text.starts_with("//!") {
            wrong.push(format!("{} does not open with //! and what it is for", file.path));
        }
        let lines = file.text.lines().count();
        if lines > 600 {
            wrong.push(format!("{} has {lines} lines; more than 600 is two files", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_unsafe_in_pinyin_or_banned() {
    // Put together, so that this file does not name it.
    let unsafe_word = ["un", "safe"].concat();
    let mut wrong = Vec::new();
    // The shim under SQLite of the tests of faults: docs/adr/0010-a-faulty-disk-for-tests.md.
    let foreign = ["tests/tests/rooms.rs", "tests/faulty_disk/src/shim.rs"];
    for file in files("", &["rs"]).into_iter().filter(|file| !foreign.contains(&file.path.as_str())) {
        let name = file.path.to_lowercase();
        wrong.extend(PINYIN.iter().filter(|word| name.contains(*word)).map(|word| format!("{name}: {word}")));
        for (line, text) in file.code() {
            let place = format!("{}:{line}", file.path);
            if words(text).any(|word| word == unsafe_word) {
                wrong.push(format!("{place}: {unsafe_word}"));
            }
            let lower = text.to_lowercase();
            let found = PINYIN.iter().filter(|word| lower.contains(*word)).chain(banned_in(text));
            wrong.extend(found.map(|word| format!("{place}: {word}")));
        }
    }
    for file in files("", &["toml", "html", "sql"]) {
        let found =
            file.text.lines().filter(|line| !line.trim_start().starts_with(['#', '-'])).flat_map(banned_in);
        wrong.extend(found.map(|word| format!("{}: {word}", file.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_profile_aborts_on_panic() {
    for file in files("", &["toml"]) {
        let aborts = file.text.lines().any(|line| {
            let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            line.starts_with("panic=") && line.contains("abort")
        });
        assert!(!aborts, "{}: see docs/adr/0004-the-gate-needs-unwinding.md", file.path);
    }
}

#[test]
fn the_rules_see_what_they_look_for() {
    let rooms_named = |code| rooms_named(code).into_iter().map(|(_, room)| room).collect::<Vec<_>>();
    assert_eq!(
        rooms_named("use crate::{\n    clock, model::{Kind, store},\n    doc,\n};"),
        ["clock", "model", "doc"]
    );
    assert_eq!(rooms_named("let x = crate::Result::Ok(crate::gate::read(b)?);"), ["error", "gate"]);
    assert_eq!(rooms_named("use super::super::workbook::Workbook;"), ["workbook"]);
    assert_eq!(rooms_named("use super::store::Row; // own module"), ["store"]);
    assert!(names_crate("let mut reader = csv::Reader::from_path(p)?;", "csv"));
    assert!(names_crate("use rusqlite::{Connection};", "rusqlite"));
    assert!(names_crate("use calamine as sheets;", "calamine"));
    assert!(!names_crate("crate::roster::csv::read(path)", "csv"));
    assert!(!names_crate("self.automerge.get(key)", "automerge"));
}

fn height(room: &str) -> u8 {
    ROOMS.iter().find(|(name, _)| *name == room).map_or(0, |(_, height)| *height)
}

/// The room in which a file of the core stands.
fn room_of(file: &SourceFile) -> Option<&'static str> {
    let inside = file.path.strip_prefix("core/src/")?;
    let name = inside.split('/').next()?.trim_end_matches(".rs");
    ROOMS.iter().map(|(room, _)| *room).find(|room| *room == name)
}

/// The rooms that code names after `crate::` or `super::`, and where it does.
fn rooms_named(code: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (at, path) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        // `crate::{a, b::{c}}` names a and b; `gridbook_core::` is not `crate::`.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + path.len()..];
        let mut depth = 0_u32;
        let mut at_start = true;
        for (start, character) in rest.char_indices() {
            match character {
                '{' => {
                    depth += 1;
                    at_start = depth == 1 && start == 0;
                }
                '}' => depth = depth.saturating_sub(1),
                ',' => at_start = depth == 1,
                ' ' | '\n' => {}
                _ if at_start => {
                    at_start = false;
                    let word: String =
                        rest[start..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    // The crate's root repeats these two of `error`.
                    let word = if word == "Result" || word == "Error" { "error" } else { word.as_str() };
                    let rooms = ROOMS.iter().map(|(room, _)| *room);
                    found.extend(rooms.filter(|room| *room == word).map(|room| (at, room)));
                }
                _ => {}
            }
            if depth == 0 && !rest.starts_with('{') {
                break;
            }
        }
    }
    found
}

/// True if `line` uses the crate itself: its name at the beginning of a path.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let begins = before.is_none_or(|c| !(c.is_alphanumeric() || "_.:\"".contains(c)));
        begins
            && (after.starts_with("::")
                || (line[..at].trim_end().ends_with("use") && after.starts_with([' ', ';'])))
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

fn banned_in(text: &str) -> impl Iterator<Item = &&'static str> {
    BANNED.iter().filter(|word| text.contains(**word))
}
