//! The fuzz targets of `fuzz/`, which stand outside the workspace, compiled and linted with everything else, and each run
//! over its corpus: a target that does not compile any more, or stumbles over what it begins with, is found without a
//! fuzzer. `libfuzzer_sys` is this file for them.

use std::panic::catch_unwind;

use gridbook_hostile::corpus;

extern crate self as libfuzzer_sys;

#[path = "../../../fuzz/fuzz_targets/body.rs"]
#[allow(unused_attributes, reason = "no_main is the fuzzer's")]
mod body;
#[path = "../../../fuzz/fuzz_targets/change.rs"]
#[allow(unused_attributes, reason = "no_main is the fuzzer's")]
mod change;
#[path = "../../../fuzz/fuzz_targets/proof.rs"]
#[allow(unused_attributes, reason = "no_main is the fuzzer's")]
mod proof;
#[path = "../../../fuzz/fuzz_targets/roster.rs"]
#[allow(unused_attributes, reason = "no_main is the fuzzer's")]
mod roster;
#[path = "../../../fuzz/fuzz_targets/scan.rs"]
#[allow(unused_attributes, reason = "no_main is the fuzzer's")]
mod scan;

/// What a target is made of, as a function. After the targets, which import it as they do from the fuzzer.
macro_rules! fuzz_target {
    (|$bytes:ident: &[u8]| $body:block) => {
        pub(crate) fn run($bytes: &[u8]) {
            $body
        }
    };
}
pub(crate) use fuzz_target;

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 5] = [
    ("body", body::run),
    ("change", change::run),
    ("proof", proof::run),
    ("roster", roster::run),
    ("scan", scan::run),
];

#[test]
fn each_target_takes_its_corpus() {
    let files = |folder: &std::path::Path| -> Vec<std::path::PathBuf> {
        let files = std::fs::read_dir(folder).into_iter().flatten();
        files.filter_map(|file| Some(file.ok()?.path())).collect()
    };
    let targets = files(&corpus::folder().join("../fuzz_targets"));
    assert_eq!(targets.len(), TARGETS.len(), "{targets:?}: one is not run here");
    for (name, run) in TARGETS {
        let seeds = files(&corpus::folder().join(name));
        assert!(!seeds.is_empty(), "{name} has no corpus");
        for seed in seeds {
            let bytes = std::fs::read(&seed).unwrap_or_default();
            assert!(!bytes.is_empty(), "{}: cannot be read", seed.display());
            assert!(catch_unwind(|| run(&bytes)).is_ok(), "{name} stumbles over {}", seed.display());
        }
    }
}
