//! The hand-written Kotlin and Swift say what everything is that an app can see: KDoc above every public declaration,
//! or a `@property` for what a constructor takes, and DocC's `///` above every public declaration and case.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use gridbook_tests::repository::files;

const KOTLIN: [&str; 2] = ["bindings/kotlin/src/main", "android/core/src/main"];
const SWIFT: [&str; 2] = ["bindings/swift/Sources", "ios/GridbookModels/Sources"];
/// Written by the generator, from documentation that rustc holds to the same.
const GENERATED: &str = "/Generated/";

#[test]
fn every_public_declaration_is_documented() {
    for (folders, ending, look) in [(KOTLIN, "kt", kotlin as Look), (SWIFT, "swift", swift)] {
        let mut known = 0;
        for file in folders.iter().flat_map(|folder| files(folder, &[ending])) {
            if file.path.contains(GENERATED) {
                continue;
            }
            let (declared, silent) = look(&file.text);
            assert!(silent.is_empty(), "{}: {silent:?}", file.path);
            known += declared;
        }
        assert!(known > 250, "{known} declarations are few: does the check still find them?");
    }
}

#[test]
fn what_says_nothing_is_found() {
    let silent = |look: Look, source: &str| look(source).1.len();
    assert_eq!(silent(kotlin, "/** A. */\n@JvmInline\npublic class A\n"), 0);
    assert_eq!(silent(kotlin, "public class A\n"), 1);
    assert_eq!(silent(kotlin, "// A.\npublic fun a(): Unit = b()\n"), 1);
    let state = |names: &str| {
        format!("/**\n * A state.\n *\n{names} */\npublic data class A(\n    public val a: Int,\n)\n")
    };
    assert_eq!(silent(kotlin, &state(" * @property a how many.\n")), 0);
    assert_eq!(silent(kotlin, &state(" * @property b how many.\n")), 1);
    assert_eq!(
        silent(swift, "/// A.\n@MainActor\npublic struct A {\n    /// B.\n    public let b: Int\n}\n"),
        0
    );
    assert_eq!(silent(swift, "/// A.\npublic struct A {\n    public internal(set) var b = 1\n}\n"), 1);
    assert_eq!(silent(swift, "/// A.\npublic enum A {\n    case b\n    /// C.\n    case c\n}\n"), 1);
    assert_eq!(
        silent(swift, "enum A {\n    case b\n}\nfunc c() {\n    switch d {\n    case .b: e()\n    }\n}\n"),
        0
    );
}

/// How many declarations an app can see, and those that say nothing.
type Look = fn(&str) -> (usize, Vec<String>);

fn kotlin(source: &str) -> (usize, Vec<String>) {
    let lines: Vec<&str> = source.lines().collect();
    let public = |line: &str| line.starts_with("public ") && line != "public companion object {";
    undocumented(
        &lines,
        |at| public(lines[at].trim()),
        |at| {
            let said = above(&lines, at).is_some_and(|line| line.ends_with("*/"));
            let taken = lines[at].trim().strip_prefix("public val ").map(name);
            said || taken.is_some_and(|name| class_says(&lines[..at], name))
        },
    )
}

/// True if the documentation of the class whose constructor is open says what its property `name` is.
fn class_says(before: &[&str], name: &str) -> bool {
    let class = before.iter().rposition(|line| line.contains(" class ")).unwrap_or(0);
    let words = before[..class].iter().rev().take_while(|line| line.trim().starts_with(['*', '/', '@']));
    let (property, mention) = (format!("@property {name} "), format!("[{name}]"));
    words.into_iter().any(|line| line.contains(&property) || line.contains(&mention))
}

fn swift(source: &str) -> (usize, Vec<String>) {
    let lines: Vec<&str> = source.lines().collect();
    let of_public_enum = |at: usize| {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let owner =
            lines[..at].iter().rev().find(|line| !line.trim().is_empty() && indent(line) < indent(lines[at]));
        owner.is_some_and(|owner| {
            owner.trim().starts_with("public enum ") || owner.trim().starts_with("public indirect enum ")
        })
    };
    let visible = |at: usize| {
        let line = lines[at].trim();
        let declared = line.split_whitespace().find(|word| !word.starts_with('@')) == Some("public");
        declared || (line.starts_with("case ") && of_public_enum(at))
    };
    undocumented(&lines, visible, |at| above(&lines, at).is_some_and(|line| line.starts_with("///")))
}

fn undocumented(
    lines: &[&str],
    visible: impl Fn(usize) -> bool,
    documented: impl Fn(usize) -> bool,
) -> (usize, Vec<String>) {
    let own = |at: &usize| visible(*at) && !lines[*at].contains("override ");
    let declared: Vec<usize> = (0..lines.len()).filter(own).collect();
    let silent = declared.iter().filter(|at| !documented(**at));
    let silent = silent.map(|at| format!("{}: {}", at + 1, lines[*at].trim())).collect();
    (declared.len(), silent)
}

/// The line above a declaration and its annotations.
fn above<'a>(lines: &[&'a str], at: usize) -> Option<&'a str> {
    lines[..at].iter().map(|line| line.trim()).rfind(|line| !line.starts_with('@'))
}

fn name(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default()
}
