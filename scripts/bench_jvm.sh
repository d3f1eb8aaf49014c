#!/usr/bin/env bash
# Measures what a call costs across the bridge in Kotlin and in Swift, through the layers that apps use, against the same
# call in Rust, and prints the rows of docs/PERFORMANCE.md; it fails where one misses. Nothing else should run meanwhile,
# though each round measures both sides one after the other. `make bench-jvm` calls it.
#
#   PROFILE=release scripts/bench_jvm.sh     the library, Rust's side and Swift's are built with this profile
#
# Where there is no Swift (scripts/swift-toolchain.sh), Kotlin is measured alone.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${PROFILE:-release}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
if [ "$profile" = dev ]; then built=debug swift=debug; else built=$profile swift=release; fi
cargo build --quiet --profile "$profile" --package gridbook-bindings --features bench --lib --bin gridbook-calls

scripts/kotlin.sh package >/dev/null
mvn --batch-mode --quiet --no-transfer-progress --file bindings/kotlin/pom.xml "-Dgridbook.target=$target" \
  -DskipTests test-compile org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath \
  "-Dmdep.outputFile=$target/maven/classpath"
kotlin="java '-Djna.library.path=$target/$built' \
  -cp '$target/maven/test-classes:$target/maven/classes:$(cat "$target/maven/classpath")' org.gridbook.BenchKt"
languages=("Kotlin=$kotlin")

# In memory: a save on a disk measures the disk on both sides. Swift sees this place from its own folder too.
memory=$(test -w /dev/shm && echo /dev/shm || echo "${TMPDIR:-/tmp}")
folder=$(mktemp -d "$memory/gridbook-bench.XXXXXX")
trap 'rm -rf -- "$folder"' EXIT

if [ "$memory" = /dev/shm ] && scripts/swift-toolchain.sh install; then
  scripts/swift.sh generate
  # shellcheck disable=SC2016
  scripts/swift-toolchain.sh run bash -euc '
    options=(--configuration "$2" --scratch-path "$GRIDBOOK_TARGET/swift-bench" -Xlinker "-L$GRIDBOOK_TARGET/$1")
    if [ "$(uname -s)" = Linux ]; then options+=(-Xlinker --unresolved-symbols=ignore-in-shared-libs); fi
    swift build --quiet --product Bench "${options[@]}"
    cp -- "$(swift build --show-bin-path "${options[@]}")/Bench" "$GRIDBOOK_TARGET/swift-bench/program"
  ' bash "$built" "$swift"
  # shellcheck disable=SC2016
  run='LD_LIBRARY_PATH=$GRIDBOOK_TARGET/$0 exec $GRIDBOOK_TARGET/swift-bench/program "$@"'
  languages+=("Swift=scripts/swift-toolchain.sh run bash -euc '$run' $built")
else
  echo "bench: no Swift here, or no place in memory; Kotlin alone is measured" >&2
fi
"$target/$built/gridbook-calls" "$folder" "${languages[@]}"
