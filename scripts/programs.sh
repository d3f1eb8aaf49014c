#!/usr/bin/env bash
# Builds what the tests in other languages use, into target/debug: the phones' library, gridbook-server, the terminal
# phone and the generator of bindings. The scripts of `make test` call it, one after the other.
#
# The whole workspace with an example, although they need four things: cargo chooses the features of what is built from
# all that is asked for together, with the tests' own where a test or an example is among it. Each other choice than that
# of `cargo test --workspace` would build the dependencies again, minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --workspace --lib --bins --example phone
