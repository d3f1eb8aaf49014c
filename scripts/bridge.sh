#!/usr/bin/env bash
# Builds the library and writes Kotlin's and Swift's side of the bridge from it into target/bindings.
# scripts/kotlin.sh and scripts/swift.sh call it, one after the other in `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
case $(uname -s) in Darwin) library=libgridbook_bindings.dylib ;; *) library=libgridbook_bindings.so ;; esac

scripts/programs.sh
"$target/debug/gridbook-generate" "$target/debug/$library" "$target/bindings"
