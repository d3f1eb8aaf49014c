#!/usr/bin/env bash
# Builds the workspace and writes Kotlin's and Swift's side of the bridge from its library into target/bindings.
# scripts/kotlin.sh and scripts/swift.sh call it, one after the other in `make test`.
#
# The whole workspace, although they need the library and the server only: cargo chooses the features of what both
# build from what is asked for together, and each other choice builds the dependencies again, minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
case $(uname -s) in Darwin) library=libgridbook_bindings.dylib ;; *) library=libgridbook_bindings.so ;; esac

# The generator first: it builds the library with a feature that phones do not carry, and the next call puts the
# phones' own library in its place.
cargo build --quiet --workspace --features gridbook-bindings/generate --bin gridbook-generate
cargo build --quiet --workspace
"$target/debug/gridbook-generate" "$target/debug/$library" "$target/bindings"
