#!/usr/bin/env bash
# Builds the library, writes the generated side of bindings/swift from it, and calls Swift's package manager there and in
# ios/GridbookModels, the models of screens over it.
#
#   scripts/swift.sh generate   only writes the generated files (what Xcode needs)
#   scripts/swift.sh build      and builds the packages
#   scripts/swift.sh test       compiles the documentation into target/swift-docs, and tells their stories against the
#                               library and a server process (make test-swift); what follows goes to `swift test`, such
#                               as --filter offlineDay
#
# The toolchain is that of scripts/swift-toolchain.sh, which is installed if it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

goal=${1:-build}
[ $# -eq 0 ] || shift
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
case $goal in
  generate | build | test) ;;
  *)
    echo "usage: scripts/swift.sh generate|build|test" >&2
    exit 2
    ;;
esac

scripts/setup.sh
[ "$goal" = generate ] || scripts/swift-toolchain.sh install

scripts/bridge.sh

# A package's sources lie inside it. What has not changed is not written again, so that Swift builds nothing anew.
put() {
  mkdir -p "$(dirname "$2")"
  cmp --silent "$1" "$2" || cp -- "$1" "$2"
}
sources=bindings/swift/Sources
generated=$target/bindings/swift
put "$generated/GridbookBindings.swift" "$sources/GridbookBindings/Generated/GridbookBindings.swift"
put "$generated/GridbookFFI.h" "$sources/GridbookFFI/GridbookFFI.h"
put "$generated/module.modulemap" "$sources/GridbookFFI/module.modulemap"
[ "$goal" != generate ] || exit 0

# The library's own dependencies are looked up when it is loaded. On a Mac it knows its own path.
# shellcheck disable=SC2016
scripts/swift-toolchain.sh run bash -euc '
  goal=$1
  shift
  if [ "$(uname -s)" = Linux ]; then export LD_LIBRARY_PATH=$GRIDBOOK_TARGET/debug; fi
  export GRIDBOOK_PROGRAMS=$GRIDBOOK_TARGET/debug
  cd ../..
  for package in bindings/swift ios/GridbookModels; do
    options=(--package-path "$package" -Xlinker "-L$GRIDBOOK_TARGET/debug")
    case $package in
      bindings/swift) options+=(--scratch-path "$GRIDBOOK_TARGET/swift") ;;
      *) options+=(--scratch-path "$GRIDBOOK_TARGET/swift-models") ;;
    esac
    if [ "$(uname -s)" = Linux ]; then options+=(-Xlinker --unresolved-symbols=ignore-in-shared-libs); fi
    swift build --build-tests --quiet "${options[@]}"
    [ "$goal" = test ] || continue
    if [ "$package" = bindings/swift ]; then
      scripts/swift-docs.sh "$(swift build --show-bin-path "${options[@]}")" "$GRIDBOOK_TARGET/swift-docs"
    fi
    GRIDBOOK_OWN_PROGRAMS=$(swift build --show-bin-path "${options[@]}")
    export GRIDBOOK_OWN_PROGRAMS
    swift test --skip-build --disable-xctest "${options[@]}" "$@"
  done
' bash "$goal" "$@"
