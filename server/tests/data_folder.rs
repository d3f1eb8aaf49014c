//! The server's folder as an administrator finds it: closed to others, and left alone by a server that is too old for it.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::clock::Surroundings;
use gridbook_server::db::sqlite::{Sqlite, Threads};

#[tokio::test]
async fn a_newer_schema_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gridbook.db");
    drop(Sqlite::open(&file, &Surroundings::system(), Threads::Blocking).unwrap());
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = std::fs::read(&file).unwrap();
    let error = Sqlite::open(&file, &Surroundings::system(), Threads::Blocking).unwrap_err();
    assert!(error.to_string().contains("schema 99"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = gridbook_server::Server::open(&data, Surroundings::system()).await.unwrap();
    server.admin().add_person("样例甲").await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in std::fs::read_dir(&data).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}
