//! Household lists: a CSV or a spreadsheet, as an administrator is handed one.

#![no_main]

use gridbook_core::roster;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let name = if bytes.starts_with(b"PK") { "list.xlsx" } else { "list.csv" };
    let _ = roster::read(name, bytes);
});
