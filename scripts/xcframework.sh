#!/usr/bin/env bash
# Packages the library for Xcode: bindings/swift/GridbookFFI.xcframework, for iPhones, their simulator and Macs with
# Apple's own processor. bindings/swift/Package.swift links it where it lies there. It needs a Mac with Xcode, and says
# what is missing. (docs/PHONES.md says whether it was run.)
set -euo pipefail
cd "$(dirname "$0")/.."

targets=(aarch64-apple-ios aarch64-apple-ios-sim aarch64-apple-darwin)
target=${CARGO_TARGET_DIR:-target}
have() { command -v "$1" >/dev/null 2>&1; }

missing=()
[ "$(uname -s)" = Darwin ] || missing+=("a Mac: Apple's SDKs exist for macOS alone")
have xcodebuild || missing+=("xcodebuild: install Xcode 16 or newer, then sudo xcode-select --switch /Applications/Xcode.app")
if have xcrun; then
  for sdk in iphoneos iphonesimulator macosx; do
    xcrun --sdk "$sdk" --show-sdk-path >/dev/null 2>&1 || missing+=("Xcode's SDK $sdk: xcodebuild -downloadPlatform iOS")
  done
fi
if have rustup; then
  installed=$(rustup target list --installed)
  for wanted in "${targets[@]}"; do
    grep -qx "$wanted" <<<"$installed" || missing+=("Rust's standard library for $wanted: rustup target add $wanted")
  done
else
  missing+=("rustup, for Rust's standard library of ${targets[*]}")
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "xcframework: it cannot be made here; this is missing:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi

scripts/swift.sh generate
headers=$target/xcframework-headers
rm -rf -- "$headers"
mkdir -p "$headers"
cp "$target/bindings/swift/GridbookFFI.h" "$target/bindings/swift/module.modulemap" "$headers/"
parts=()
for one in "${targets[@]}"; do
  cargo rustc --package gridbook-bindings --profile mobile --features vendored-openssl --target "$one" --lib \
    --crate-type staticlib
  parts+=(-library "$target/$one/mobile/libgridbook_bindings.a" -headers "$headers")
done
framework=bindings/swift/GridbookFFI.xcframework
rm -rf -- "$framework"
xcodebuild -create-xcframework "${parts[@]}" -output "$framework"
echo "xcframework: $framework"
