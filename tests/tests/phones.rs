//! The table of stories in `docs/PHONES.md`: which language tells which, read from the tests' names. And the screens'
//! two halves, which have the same names.
//!
//! A Kotlin or Swift test is a story's if its function is called so (`offlineDay`); a Rust test, which has its own
//! name, says `Story: offline_day` in a comment above it. Nothing but a test tells a story.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use std::collections::BTreeSet;

use gridbook_tests::repository::{SourceFile, files, root};

/// The stories, in the order of a phone's life.
const STORIES: &[(&str, &str)] = &[
    ("offline_day", "a whole day without a network: households, visits, outreach, the diary's page, search"),
    ("reconnect", "the network comes back: every record gets its receipt, and a lead's mark comes with them"),
    ("two_phones_one_visit", "two phones edit one visit offline; what they changed apart comes together"),
    ("conflict_and_choice", "they change the same field; both values are shown until a person chooses"),
    (
        "resumed_edit",
        "an edit is interrupted, a colleague's arrives, the draft is resumed and saved: both values are kept",
    ),
    ("five_tick_one_list", "five people tick one list offline, and no tick is lost"),
    ("cancel_in_mid_sync", "an exchange is cancelled on its way, and the next one goes on"),
    (
        "refused_and_taken",
        "the server refuses an edit: it stays with its reason, and goes out again once the role is back",
    ),
    ("killed_and_reopened", "the process is killed; drafts and records are there when it opens again"),
    ("wrong_key", "a database without its vault says so and is not touched"),
    ("full_disk", "the disk is full: the save says so, the draft stays, and it is saved once there is room"),
    ("pin_asked", "a phone with a PIN opens with it alone, and counts wrong ones"),
    (
        "locked_and_unlocked",
        "too long without contact: the phone is locked until it reaches the server, and holds all it held",
    ),
    (
        "revoked_and_wiped",
        "a revoked phone hands in what it had not sent, is empty and says so, and begins anew",
    ),
    (
        "key_in_hardware",
        "the platform's hardware keeps the device's key: it signs all along, and a copy of the phone has no word",
    ),
    (
        "damaged_database",
        "the database is damaged: it is kept aside, and what was not sent is saved and goes out",
    ),
    ("newer_schema", "a database of a newer version says so and is not touched"),
];

/// The languages: where their tests are, and how a story's name is written there.
const LANGUAGES: &[(&str, &[(&str, &str)])] = &[
    ("Rust", &[("core/tests", "rs"), ("tests/tests", "rs"), ("bindings/tests", "rs")]),
    ("Kotlin", &[("bindings/kotlin/src/test", "kt")]),
    ("Swift", &[("bindings/swift/Tests", "swift")]),
];

#[test]
fn the_table_of_stories_is_what_the_tests_say() {
    let path = root().join("docs/PHONES.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once("<!-- stories:begin -->\n").unwrap();
    let (told, after) = rest.split_once("<!-- stories:end -->").unwrap();
    let table = table();
    if std::env::var_os("GRIDBOOK_WRITE").is_some() {
        let whole = format!("{before}<!-- stories:begin -->\n{table}<!-- stories:end -->{after}");
        std::fs::write(&path, whole).unwrap();
        return;
    }
    assert_eq!(told, table, "docs/PHONES.md: GRIDBOOK_WRITE=1 cargo test -p gridbook-tests --test phones");
}

#[test]
fn every_story_is_told_in_every_language() {
    for (story, _) in STORIES {
        for language in LANGUAGES {
            assert!(teller(language, story).is_some(), "no test in {} tells {story}", language.0);
        }
    }
}

fn table() -> String {
    let mut table = String::from("| story | | Rust | Kotlin | Swift |\n|---|---|---|---|---|\n");
    for (story, what) in STORIES {
        let cells: Vec<_> = LANGUAGES
            .iter()
            .map(|language| {
                teller(language, story).map_or_else(|| "—".to_owned(), |path| format!("`{path}`"))
            })
            .collect();
        table.push_str(&format!("| {story} | {what} | {} |\n", cells.join(" | ")));
    }
    table
}

/// The file whose test tells `story`.
fn teller((language, places): &(&str, &[(&str, &str)]), story: &str) -> Option<String> {
    let tells = |file: &SourceFile| match *language {
        "Rust" => marked(&file.text).contains(story),
        _ => tests(&file.text).contains(&camel(story)),
    };
    // A language whose package is not here yet tells nothing.
    let here = places.iter().filter(|(folder, _)| root().join(folder).is_dir());
    let files = here.flat_map(|(folder, ending)| files(folder, &[ending]));
    files.into_iter().find(|file| file.path != "tests/tests/phones.rs" && tells(file)).map(|file| file.path)
}

/// The stories that a Rust source's tests say above them that they tell.
fn marked(source: &str) -> BTreeSet<&str> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let tells_of = |at: usize| {
        let mut code = lines[at..].iter().skip_while(|line| line.starts_with("//"));
        let is_test = code.next().is_some_and(|line| *line == "#[test]" || line.starts_with("#[tokio::test"));
        is_test && !code.take_while(|line| line.starts_with("#[")).any(|line| line.starts_with("#[ignore"))
    };
    let stories =
        lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.strip_prefix("// Story: ")?)));
    stories.filter(|(at, _)| tells_of(*at)).map(|(_, story)| story).collect()
}

/// The names of a Kotlin or Swift source's tests: of the functions that come right after `@Test`, its arguments, other
/// annotations and modifiers. One that is switched off is none.
fn tests(source: &str) -> BTreeSet<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n");
    let parts = code.split("@Test").skip(1).filter(|part| !part.starts_with("(.disabled"));
    parts.filter_map(|part| named_after(arguments(part))).collect()
}

/// What stands after the arguments of an annotation, if it has some.
fn arguments(part: &str) -> &str {
    if !part.starts_with('(') {
        return part;
    }
    let mut depth = 0_usize;
    let end = part.char_indices().find(|(_, letter)| {
        depth += usize::from(*letter == '(');
        depth -= usize::from(*letter == ')');
        depth == 0
    });
    end.map_or("", |(place, _)| &part[place + 1..])
}

/// The name of the function that `part` begins with.
fn named_after(part: &str) -> Option<String> {
    let mut rest = part.trim_start();
    loop {
        if rest.starts_with("@Disabled") {
            return None;
        }
        if let Some(named) = rest.strip_prefix("fun ").or_else(|| rest.strip_prefix("func ")) {
            return Some(name(named.trim_start()));
        }
        let annotation =
            rest.strip_prefix('@').map(|rest| arguments(rest.trim_start_matches(char::is_alphanumeric)));
        let modifier = ["internal ", "public ", "private "].iter().find_map(|word| rest.strip_prefix(word));
        rest = annotation.or(modifier)?.trim_start();
    }
}

fn camel(story: &str) -> String {
    let mut parts = story.split('_');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(1);
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}

#[test]
fn a_story_is_told_by_its_very_name() {
    assert_eq!(camel("cancel_in_mid_sync"), "cancelInMidSync");
    let told = |source: &str| tests(source).contains("offlineDay");
    assert!(told("    @Test\n    fun offlineDay() = runBlocking {"));
    assert!(told("    @Test func offlineDay() async throws {"));
    assert!(told("@Test(.enabled(if: Programs.smallDisk != nil, \"none\"))\nfunc offlineDay() {}"));
    assert!(told("@Test\n    @Timeout(5)\n    internal fun offlineDay() {}"));
    assert!(!told("    @Test fun offlineDayTwice() {}"), "by its very name");
    assert!(!told("    fun offlineDay() {}"), "what is no test tells nothing");
    assert!(
        !told("    @Test\n    @Disabled(\"for now\")\n    fun offlineDay() {}"),
        "nor what is switched off"
    );
    assert!(!told("@Test(.disabled(\"for now\")) func offlineDay() {}"));
    assert!(!told("    // @Test\n    fun offlineDay() {}"), "nor does one that is taken out");
    assert!(!told("    @Test fun another() { offlineDay() }\n    fun offlineDay() {}"));

    let told = |source: &str| marked(source).contains("offline_day");
    assert!(told("// Story: offline_day\n// It is long.\n#[tokio::test]\nasync fn a_day() {}\n"));
    assert!(told("// Story: offline_day\n#[test]\nfn a_day() {}\n"));
    assert!(!told("// Story: offline_day\nfn a_helper() {}\n"), "what is no test tells nothing");
    assert!(
        !told("// Story: offline_day\n#[test]\n#[ignore = \"slow\"]\nfn a_day() {}\n"),
        "nor what is left out"
    );
    assert!(!told("// Story: offline_day_twice\n#[test]\nfn a_day() {}\n"));
}

/// The screens, as both halves call them.
const SCREENS: [&str; 9] =
    ["Today", "Visit", "Diary", "Outreach", "Checklists", "Search", "Record", "Sync", "Enrol"];
const PRESENTERS: &str = "android/core/src/main/kotlin/org/gridbook/screens";
const MODELS: &str = "ios/GridbookModels/Sources/GridbookModels";

#[test]
fn both_halves_have_every_screen_with_the_same_state_and_events() {
    assert_eq!(screens(PRESENTERS, "kt", "Presenter"), screens(MODELS, "swift", "Model"));
    for screen in SCREENS {
        let kotlin = text(&format!("{PRESENTERS}/{screen}Presenter.kt"));
        let swift = text(&format!("{MODELS}/{screen}Model.swift"));
        let state = fields(&kotlin, &format!("data class {screen}State("), "public val ");
        assert!(state.len() > 3 && state.contains("problem"), "{screen}: {state:?}");
        let same = fields(&swift, &format!("struct {screen}State:"), "public internal(set) var ");
        assert_eq!(state, same, "the state of {screen}");
        for nouns in ["Event", "Target"] {
            let told = cases(&kotlin, &format!("sealed interface {screen}{nouns} {{"), "public data ");
            let same = cases(&swift, &format!("enum {screen}{nouns}:"), "case ");
            assert_eq!(told, same, "{screen}{nouns}");
            assert!(nouns == "Target" || told.len() > 1, "{screen} takes {told:?}");
        }
    }
}

#[test]
fn both_halves_test_their_screens_alike() {
    let names = |folder: &str, ending: &str| -> BTreeSet<String> {
        files(folder, &[ending]).iter().flat_map(|file| tests(&file.text)).collect()
    };
    let kotlin = names("android/core/src/test", "kt");
    assert!(kotlin.len() > 35, "{kotlin:?}");
    assert_eq!(kotlin, names("ios/GridbookModels/Tests", "swift"));
}

#[test]
fn both_halves_say_the_same_keys() {
    let quoted = |path: &str, word: &str| -> BTreeSet<String> {
        let text = text(path);
        text.lines()
            .filter(|line| line.contains(word))
            .filter_map(|line| line.split('"').nth(1))
            .map(str::to_owned)
            .collect()
    };
    let kotlin = quoted(&format!("{PRESENTERS}/Keys.kt"), "const val ");
    assert!(kotlin.len() > 40, "{kotlin:?}");
    assert_eq!(kotlin, quoted(&format!("{MODELS}/Keys.swift"), "static let "));
}

/// The screens of a folder, by the names of its files: all but what the screens share.
fn screens(folder: &str, ending: &str, what: &str) -> BTreeSet<String> {
    let found: BTreeSet<_> = files(folder, &[ending])
        .iter()
        .filter_map(|file| {
            file.path.rsplit('/').next()?.strip_suffix(&format!("{what}.{ending}")).map(str::to_owned)
        })
        .filter(|screen| !screen.is_empty() && screen != "Screen")
        .collect();
    assert_eq!(found, SCREENS.map(str::to_owned).into(), "{folder}");
    found
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of the declaration that begins with `opening`, trimmed.
fn declaration<'a>(source: &'a str, opening: &str) -> impl Iterator<Item = &'a str> {
    let body = source.split_once(opening).map_or("", |(_, body)| body);
    body.lines().take_while(|line| !line.starts_with([')', '}'])).map(str::trim)
}

/// What a state shows: the names after `word`.
fn fields(source: &str, opening: &str, word: &str) -> BTreeSet<String> {
    declaration(source, opening).filter_map(|line| line.strip_prefix(word)).map(name).collect()
}

/// What a person can do: the names after `word`, which Swift begins with a small letter.
fn cases(source: &str, opening: &str, word: &str) -> BTreeSet<String> {
    let lines = declaration(source, opening).filter_map(|line| line.strip_prefix(word));
    let names = lines.map(|line| name(line.trim_start_matches("object ").trim_start_matches("class ")));
    names.map(|name| name[..1].to_lowercase() + &name[1..]).collect()
}

/// The identifier that `text` begins with.
fn name(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}
