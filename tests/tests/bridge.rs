//! What the bridge's sources promise and no compiler sees: every export goes through a guard that makes an error of a
//! panic.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]

use gridbook_tests::repository::files;

/// What the whole body of an export is one call of; each makes an error of a panic, which their own tests show.
const GUARDS: [&str; 3] = ["call(", "self.with(", "elsewhere("];

#[test]
fn every_export_goes_through_a_guard() {
    let mut exports = 0;
    for file in files("bindings/src", &["rs"]) {
        let (known, faults) = exports_of(&file.text);
        assert!(faults.is_empty(), "{}: {faults:?}", file.path);
        exports += known;
    }
    assert!(exports > 70, "{exports} exports are few: does the check still find them?");
}

#[test]
fn a_new_export_that_passes_the_guards_by_is_found() {
    let faults = |export: &str| exports_of(export).1.len();
    let method = |body: &str| format!("#[uniffi::export]\nimpl H {{\n    /// A call.\n    {body}\n}}\n");
    assert_eq!(faults(&method("pub fn a(&self) -> Crossing<u8> { self.with(|w| w.a(1)) }")), 0);
    assert_eq!(faults(&method("pub async fn a(&self) -> Crossing<u8> { elsewhere(|| b()).await }")), 0);
    assert_eq!(faults("#[uniffi::export]\npub fn a(b: u8) -> Crossing<u8> {\n    call(|| Ok(b))\n}\n"), 0);
    assert_eq!(faults("#[uniffi::export(foreign)]\npub trait L { fn heard(&self); }\n"), 0);
    for unguarded in [
        method("pub fn a(&self) -> u8 { self.with(|w| w.a()) }"),
        method("pub fn a(&self) -> Crossing<u8> { Ok(self.b[0]) }"),
        method("pub fn a(&self) -> Crossing<u8> { let b = self.b[0]; self.with(|w| w.a(b)) }"),
        method("pub fn a(&self) -> Crossing<u8> { call(|| b()).map(|b| b.unwrap()) }"),
        "#[uniffi::export]\npub fn a() -> u8 {\n    7\n}\n".to_owned(),
        "#[uniffi::export(Debug)]\nimpl H {}\n".to_owned(),
    ] {
        assert_eq!(faults(&unguarded), 1, "{unguarded}");
    }
}

/// How many functions a source exports, and those that may let a panic out.
fn exports_of(source: &str) -> (usize, Vec<String>) {
    let (mut known, mut faults) = (0, Vec::new());
    for export in source.split("#[uniffi::export").skip(1) {
        let (form, item) = export.split_once(']').unwrap();
        match form {
            "" => {}
            // The app's side, which Rust calls: `bindings/src/call.rs` says what becomes of its failures.
            "(foreign)" => continue,
            other => faults.push(format!("an export of the form {other}, which this check does not know")),
        }
        let functions: Vec<_> = match declared(item) {
            item if item.starts_with("impl ") => block(item).0.split("pub ").skip(1).collect(),
            item => vec![item.trim_start_matches("pub ")],
        };
        for function in functions {
            let Some((_, signature)) = function.split_once("fn ") else { continue };
            known += 1;
            let (body, head) = block(signature);
            if !head.contains("-> Crossing<") || !guarded(body.trim()) {
                faults.push(head.trim().to_owned());
            }
        }
    }
    (known, faults)
}

/// The item after its documentation and attributes.
fn declared(item: &str) -> &str {
    let mut rest = item.trim_start();
    while rest.starts_with(['#', '/']) {
        rest = rest.split_once('\n').map_or("", |(_, next)| next.trim_start());
    }
    rest
}

/// What is in the first pair of braces, and what stands before it.
fn block(item: &str) -> (&str, &str) {
    let opens = item.find('{').unwrap();
    let length = closes(&item[opens..], '{', '}').unwrap();
    (&item[opens + 1..opens + length], &item[..opens])
}

/// True if `body` is one call of a guard and nothing else.
fn guarded(body: &str) -> bool {
    GUARDS.iter().filter(|guard| body.starts_with(**guard)).any(|guard| {
        let opens = guard.len() - 1;
        let closed = closes(&body[opens..], '(', ')');
        closed.is_some_and(|length| matches!(body[opens + length + 1..].trim(), "" | ".await"))
    })
}

/// Where the bracket that `text` begins with is closed.
fn closes(text: &str, opening: char, closing: char) -> Option<usize> {
    let mut depth = 0_usize;
    text.char_indices().find_map(|(place, letter)| {
        depth += usize::from(letter == opening);
        depth -= usize::from(letter == closing);
        (depth == 0).then_some(place)
    })
}
