//! The repository's own files, for the tests that hold its documents and rooms to their word.

use std::path::{Path, PathBuf};

/// Folders that are built or fetched, not written.
const NOT_OURS: [&str; 5] = ["target", "node_modules", "demo-data", ".git", ".build"];

/// The folder of the repository.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"))
}

/// One written file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path from the repository's folder, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Every written file below `folder` with one of these extensions, by path.
///
/// # Panics
/// If a file or folder cannot be read.
#[must_use]
pub fn files(folder: &str, extensions: &[&str]) -> Vec<SourceFile> {
    let mut found = Vec::new();
    collect(&root().join(folder), extensions, &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<SourceFile>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path: PathBuf = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !NOT_OURS.contains(&name) {
                collect(&path, extensions, found);
            }
        } else if path.extension().and_then(|end| end.to_str()).is_some_and(|end| extensions.contains(&end)) {
            let text =
                std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let path = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.push(SourceFile { path, text });
        }
    }
}

impl SourceFile {
    /// The lines without comments, numbered from 1. A `//` inside a string cuts its line short as well,
    /// unless it follows a colon as in an address.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(number, line)| {
            let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
            (number + 1, comment.map_or(line, |(at, _)| &line[..at]))
        })
    }
}
