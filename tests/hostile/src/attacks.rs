//! The named attacks: what automerge 0.12 was found to do with hostile bytes (`docs/SECURITY.md`), as far as it
//! reaches a change, a document or a message. `cargo run -p gridbook-hostile` writes them to
//! `tests/fixtures/hostile/`.

use std::io::Write;
use std::path::{Path, PathBuf};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ObjType, ROOT};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use gridbook_core::gate::Refusal;

use super::forge::{self, Forged, Row, number, signed};
use super::honest::AUTHOR;

/// Where the attack goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// As a change in a request, refused like this.
    Change(Refusal),
    /// As the body of a request.
    Body,
}

/// One attack.
#[derive(Clone, Debug)]
pub struct Attack {
    /// Its file's name.
    pub name: &'static str,
    /// Where it goes in.
    pub entrance: Entrance,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The folder of the fixtures.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile")
}

/// All named attacks.
#[must_use]
pub fn all() -> Vec<Attack> {
    let change = |name, refusal, bytes| Attack { name, entrance: Entrance::Change(refusal), bytes };
    let body = |name, bytes| Attack { name, entrance: Entrance::Body, bytes };
    let malformed = |name, bytes| change(name, Refusal::Malformed, bytes);
    let record = || vec![Row::put("kind", "visit"), Row::put("note", "一")];
    let with = |edit: &dyn Fn(&mut Forged)| {
        let mut change = forge::first(&record());
        edit(&mut change);
        change.bytes()
    };
    vec![
        // A Bloom filter with 4·10⁹ probes: 16 GB at once.
        malformed("sync_message", sync_message()),
        change("five_million_inserts", Refusal::TooLarge, inserts(5_000_000)),
        change("thousand_million_inserts", Refusal::TooLarge, inserts(1_000_000_000)),
        malformed("deflated_change", deflated_change()),
        malformed("deflated_column", with(&|change| change.columns[0].0 |= 0x08)),
        malformed("nested_document", nested(20_000, |document| document.save())),
        change("nested_change", Refusal::TooLarge, nested(5_000, last_change)),
        change("nested_a_little", Refusal::NotARecord, nested(10, last_change)),
        change("last_operation_number", Refusal::WrongSequence, with(&|change| change.start_op = 1 << 30)),
        malformed("operation_number_overflows", with(&|change| change.start_op = u64::from(u32::MAX) - 1)),
        change("sequence_gap", Refusal::WrongSequence, with(&|change| change.seq = 3)),
        malformed("sequence_zero", with(&|change| change.seq = 0)),
        change("orphan", Refusal::MissingDependency, with(&|change| change.dependencies = vec![[5; 32]])),
        change("end_of_time", Refusal::ImpossibleTime, with(&|change| change.time = i64::MAX)),
        change("beginning_of_time", Refusal::ImpossibleTime, with(&|change| change.time = i64::MIN)),
        change(
            "a_thousand_dependencies",
            Refusal::TooLarge,
            with(&|change| change.dependencies = (0..1_000_u32).map(hash_like).collect()),
        ),
        change(
            "a_thousand_actors",
            Refusal::TooLarge,
            with(&|change| change.others = (0..1_000_u32).map(|n| hash_like(n)[..16].to_vec()).collect()),
        ),
        malformed("a_long_actor", with(&|change| change.actor = vec![7; 30_000])),
        malformed("a_hidden_message", with(&|change| change.message = b"hidden".to_vec())),
        malformed("a_hidden_tail", with(&|change| change.rest = vec![0; 100])),
        malformed("an_unknown_column", with(&|change| change.column(0xf5).push(1))),
        malformed("a_mark", with(&|change| *change.column(0xa5) = vec![2, 1, b'm'])),
        change("dependencies_without_end", Refusal::TooLarge, claims(&number(u64::MAX))),
        malformed("columns_without_end", with_columns(u64::MAX)),
        malformed("a_column_without_end", with_column_length(u64::MAX)),
        malformed("values_beyond_the_column", with(&|change| *change.column(0x56) = lengths())),
        malformed("predecessors_without_end", with(&|change| *change.column(0x70) = huge_run(1 << 40))),
        change("a_long_name_four_thousand_times", Refusal::NotARecord, long_name()),
        change("a_counter", Refusal::NotARecord, with(&|change| change.columns = counter())),
        change("a_list_in_a_record", Refusal::NotARecord, forge::first(&[Row::make("note", 2)]).bytes()),
        body("sync_message_body", sync_message()),
        body("gzip_bomb", gzip(&vec![0; 64 << 20])),
        body("array_without_end", gzip(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
        body("bytes_without_end", gzip(&[0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
        body("map_without_end", gzip(&[0xbb, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
        body("nested_message", gzip(&[0x81; 100_000])),
        body("nested_tags", gzip(&[0xc6; 100_000])),
    ]
}

/// `gzip` at its best, as a sender of bombs would.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let written = gzip.write_all(bytes).and_then(|()| gzip.finish());
    written.unwrap_or_default()
}

fn sync_message() -> Vec<u8> {
    // Type, no heads, no needs, one "have" with no last sync and a filter: entries, bits an entry, probes.
    let filter = [number(1), number(1), number(4_000_000_000), vec![1]].concat();
    [&[0x42, 0, 0, 1, 0][..], &forge::run(&filter), &[0]].concat()
}

/// A list and so many insertions into it, in about a hundred bytes.
fn inserts(count: u64) -> Vec<u8> {
    let rows = i64::try_from(count).unwrap_or(i64::MAX);
    let both = |first: &[u8], then: &[u8]| [first, &signed(rows), then].concat();
    let columns = vec![
        (0x01, both(&[0, 1], &[0])),
        (0x02, both(&[0, 1], &[1])),
        (0x11, [&[0, 2][..], &signed(rows - 1), &[0]].concat()),
        (0x13, [&[0, 1, 0x7e, 0, 2][..], &signed(rows - 2), &[1]].concat()),
        (0x15, [&[0x7f, 4][..], b"note", &[0], &number(count)].concat()),
        (0x34, [&[1][..], &number(count)].concat()),
        (0x42, both(&[0x7f, 2], &[1])),
        (0x56, both(&[0x7f, 0], &[1])),
        (0x70, [&signed(rows + 1)[..], &[0]].concat()),
    ];
    Forged { columns, ..Forged::default() }.bytes()
}

/// A deflated change of 60 kB that inflates to as much as it can.
fn deflated_change() -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = deflate.write_all(&vec![0; 16 << 20]).and_then(|()| deflate.finish());
    forge::chunk(forge::DEFLATED, &written.unwrap_or_default())
}

fn nested(depth: usize, bytes: impl Fn(&mut AutoCommit) -> Vec<u8>) -> Vec<u8> {
    let mut document = AutoCommit::new().with_actor(automerge::ActorId::from(AUTHOR.0));
    let mut object = ROOT;
    for _ in 0..depth {
        object = document.put_object(&object, "a", ObjType::Map).unwrap_or(ROOT);
    }
    document.commit_with(CommitOptions::default().with_time(crate::samples::MOMENT.0));
    bytes(&mut document)
}

fn last_change(document: &mut AutoCommit) -> Vec<u8> {
    document.get_last_local_change().map(|change| change.raw_bytes().to_vec()).unwrap_or_default()
}

fn hash_like(n: u32) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..4].copy_from_slice(&n.to_be_bytes());
    hash
}

/// A change that ends after its first number.
fn claims(first: &[u8]) -> Vec<u8> {
    forge::chunk(forge::CHANGE, &[first, &[0; 60]].concat())
}

fn head() -> Vec<u8> {
    [&[0, 16][..], &[7; 16], &[1, 1, 0, 0, 0]].concat()
}

fn with_columns(count: u64) -> Vec<u8> {
    forge::chunk(forge::CHANGE, &[head(), number(count), vec![1; 60]].concat())
}

fn with_column_length(length: u64) -> Vec<u8> {
    forge::chunk(forge::CHANGE, &[head(), number(1), number(0x15), number(length), vec![1; 60]].concat())
}

/// Two values of 2⁵⁰ bytes each.
fn lengths() -> Vec<u8> {
    [signed(2), number((1 << 54) | 6)].concat()
}

fn huge_run(rows: i64) -> Vec<u8> {
    [signed(rows), number(1)].concat()
}

/// One name of 60 kB in four thousand operations, run-length coded.
fn long_name() -> Vec<u8> {
    let name = "长".repeat(20_000);
    let rows: Vec<Row> = (0..4_000).map(|_| Row { value: (1, Vec::new()), ..Row::put(&name, "") }).collect();
    forge::first(&rows).bytes()
}

fn counter() -> Vec<(u64, Vec<u8>)> {
    forge::columns(&[Row { value: (8, signed(3)), ..Row::put("note", "") }])
}
