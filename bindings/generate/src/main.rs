//! Writes the Kotlin and the Swift side of the bridge from a built library, before its symbols are stripped:
//! `gridbook-generate LIBRARY FOLDER` makes `FOLDER/kotlin` and `FOLDER/swift`. `make bindings` calls it.

mod rewrite;

use std::process::ExitCode;

use camino::Utf8PathBuf;
use uniffi::{GenerateOptions, SwiftBindingsOptions, TargetLanguage, generate, generate_swift_bindings};

use rewrite::{KOTLIN, SWIFT, rewrite};

/// The module that has the C header: what the generated Swift imports.
const FFI_MODULE: &str = "GridbookFFI";
/// How the code looks.
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/languages.toml");

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(Utf8PathBuf::from);
    let (Some(library), Some(folder)) = (arguments.next(), arguments.next()) else {
        tell("usage: gridbook-generate LIBRARY FOLDER");
        return ExitCode::from(2);
    };
    match write(&library, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

fn write(library: &Utf8PathBuf, folder: &Utf8PathBuf) -> Result<(), String> {
    generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.clone(),
        out_dir: folder.join("kotlin"),
        config_override: Some(CONFIG.into()),
        ..GenerateOptions::default()
    })
    .map_err(|error| format!("Kotlin: {error:#}"))?;
    rewrite(&folder.join("kotlin/org/gridbook/gridbook.kt"), &KOTLIN)?;
    generate_swift_bindings(SwiftBindingsOptions {
        source: library.clone(),
        out_dir: folder.join("swift"),
        config: Some(CONFIG.into()),
        generate_swift_sources: true,
        generate_headers: true,
        generate_modulemap: true,
        module_name: Some(FFI_MODULE.to_owned()),
        modulemap_filename: Some("module.modulemap".to_owned()),
        ..SwiftBindingsOptions::default()
    })
    .map_err(|error| format!("Swift: {error:#}"))?;
    rewrite(&folder.join("swift/GridbookBindings.swift"), &SWIFT)
}

#[allow(clippy::print_stderr, reason = "a command says what went wrong")]
fn tell(line: &str) {
    eprintln!("generate: {line}");
}
