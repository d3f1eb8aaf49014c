#!/usr/bin/env bash
# Measures what a call costs across the bridge on the JVM, against the same call in Rust, and prints the rows of
# docs/PERFORMANCE.md. Nothing else should run meanwhile. `make bench-jvm` calls it.
#
#   PROFILE=release scripts/bench_jvm.sh     both sides are built with this profile; the server is as it is for tests
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${PROFILE:-release}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
if [ "$profile" = dev ]; then built=$target/debug; else built=$target/$profile; fi
scripts/kotlin.sh package >/dev/null
cargo build --quiet --profile "$profile" --package gridbook-bindings --lib --example calls
mvn --batch-mode --quiet --no-transfer-progress --file bindings/kotlin/pom.xml "-Dgridbook.target=$target" \
  -DskipTests test-compile org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath \
  "-Dmdep.outputFile=$target/maven/classpath"
# In memory where there is such a place: a save on a disk measures the disk on both sides.
memory=$(test -w /dev/shm && echo /dev/shm || echo "${TMPDIR:-/tmp}")
java "-Djava.io.tmpdir=$memory" "-Djna.library.path=$built" "-Dgridbook.programs=$target/debug" \
  -cp "$target/maven/test-classes:$target/maven/classes:$(cat "$target/maven/classpath")" \
  org.gridbook.BenchKt "$built/examples/calls"
