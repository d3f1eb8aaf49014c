#!/usr/bin/env bash
# Compiles the documentation of bindings/swift with DocC; a link that leads nowhere or a parameter without a word fails.
# scripts/swift.sh calls it where the toolchain is, once the package is built.
#
#   scripts/swift-docs.sh BUILT OUT   BUILT is where Swift's package manager has put the package, OUT becomes
#                                     OUT/Gridbook.doccarchive, which any web server can show
set -euo pipefail
cd "$(dirname "$0")/.."
built=$1
out=$2

# Debian keeps the compiler's own tools out of the PATH, Xcode behind a command.
PATH=$PATH:/usr/libexec/swift/bin
xcrun=$(command -v xcrun || true)
triple=$($xcrun swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')

rm -rf -- "$out"
mkdir -p "$out/symbols"
# The layer shows the generated types as its own.
$xcrun swift-symbolgraph-extract -module-name Gridbook -target "$triple" -I "$built/Modules" -I bindings/swift/Sources/GridbookFFI \
  -minimum-access-level public -experimental-allowed-reexported-modules=GridbookBindings -output-dir "$out/symbols"
$xcrun docc convert bindings/swift/Sources/Gridbook/Gridbook.docc --additional-symbol-graph-dir "$out/symbols" \
  --fallback-display-name Gridbook --fallback-bundle-identifier org.gridbook --analyze --warnings-as-errors \
  --output-path "$out/Gridbook.doccarchive"
