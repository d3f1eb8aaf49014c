//! Writes the Kotlin and the Swift side of the bridge from a built library, before its symbols are stripped:
//! `gridbook-generate LIBRARY FOLDER` makes `FOLDER/kotlin` and `FOLDER/swift`. `make bindings` calls it.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use uniffi::{GenerateOptions, SwiftBindingsOptions, TargetLanguage, generate, generate_swift_bindings};

/// The module that has the C header: what the generated Swift imports.
const FFI_MODULE: &str = "GridbookFFI";
/// How the code looks.
const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/languages.toml");

/// Where the generated Kotlin allocates a status for each call into Rust: five for a list, each with memory outside
/// the JVM, a place in a table, a cleaner, and its fields copied by reflection before and after. That is a third of
/// what the bridge costs (docs/PERFORMANCE.md).
const FRESH_STATUS: &str = "    var status = UniffiRustCallStatus()
    val return_value = callback(status)
    uniffiCheckCallStatus(errorHandler, status)
    return return_value
";
/// The same with statuses that a thread keeps. A call within a call takes another one; one that carried an error is
/// not kept, so a kept one always says success, and only its first byte has to be looked at.
const KEPT_STATUS: &str = "    val kept = uniffiKeptStatuses.get()
    val status = kept.removeLastOrNull() ?: UniffiRustCallStatus().also { it.setAutoSynch(false); it.write() }
    val return_value = callback(status)
    if (status.pointer.getByte(0) != UNIFFI_CALL_SUCCESS) {
        status.read()
        uniffiCheckCallStatus(errorHandler, status)
    }
    kept.addLast(status)
    return return_value
";
const KEPT_STATUSES: &str = "
private val uniffiKeptStatuses = object : ThreadLocal<ArrayDeque<UniffiRustCallStatus>>() {
    override fun initialValue() = ArrayDeque<UniffiRustCallStatus>()
}
";

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
    keep_statuses(&folder.join("kotlin/org/gridbook/gridbook.kt"))?;
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
    .map_err(|error| format!("Swift: {error:#}"))
}

/// Lets a thread's calls into Rust share their statuses.
fn keep_statuses(generated: &Utf8PathBuf) -> Result<(), String> {
    let fresh = std::fs::read_to_string(generated).map_err(|error| format!("{generated}: {error}"))?;
    if fresh.matches(FRESH_STATUS).count() != 1 {
        return Err(format!(
            "{generated}: uniffi allocates a call's status in another way now; see FRESH_STATUS"
        ));
    }
    let kept = fresh.replace(FRESH_STATUS, KEPT_STATUS) + KEPT_STATUSES;
    std::fs::write(generated, kept).map_err(|error| format!("{generated}: {error}"))
}

#[allow(clippy::print_stderr, reason = "a command says what went wrong")]
fn tell(line: &str) {
    eprintln!("generate: {line}");
}
