#!/usr/bin/env bash
# Packages the Kotlin module and the library for Android: target/gridbook-0.1.0.aar, for phones of 64 and 32 bits and the emulator. It
# needs Android's NDK, and says what is missing. (docs/PHONES.md says whether it was run.)
#
#   ANDROID_NDK_HOME   the NDK's folder; by default the newest below ANDROID_HOME
set -euo pipefail
cd "$(dirname "$0")/.."

# Android 8, from which on java.time is there.
api=26
# Phones of 64 and of 32 bits, and the emulator.
targets=(aarch64-linux-android armv7-linux-androideabi x86_64-linux-android)
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
# The NDK calls 32-bit ARM otherwise than Rust does.
clang() { echo "${1/armv7-/armv7a-}$api-clang"; }
have() { command -v "$1" >/dev/null 2>&1; }

missing=()
ndk=${ANDROID_NDK_HOME:-}
if [ -z "$ndk" ] && [ -n "${ANDROID_HOME:-}" ] && [ -d "$ANDROID_HOME/ndk" ]; then
  ndk=$(find "$ANDROID_HOME/ndk" -mindepth 1 -maxdepth 1 -type d | sort -V | tail -n 1)
fi
tools=
if [ -n "$ndk" ]; then
  tools=$(find "$ndk/toolchains/llvm/prebuilt" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | head -n 1)/bin
  for one in "${targets[@]}"; do
    [ -x "$tools/$(clang "$one")" ] || missing+=("$(clang "$one") in the NDK at $ndk: install NDK r27 or newer")
  done
else
  missing+=("Android's NDK r27 or newer: sdkmanager --install 'ndk;27.2.12479018', then set ANDROID_NDK_HOME to its folder")
fi
if have rustup; then
  installed=$(rustup target list --installed)
  for one in "${targets[@]}"; do
    grep -qx "$one" <<<"$installed" || missing+=("Rust's standard library for $one: rustup target add $one")
  done
else
  missing+=("rustup, for Rust's standard library of ${targets[*]}")
fi
have jar || missing+=("jar, of a JDK 17 or newer")
have mvn || missing+=("Maven")
have perl || missing+=("perl, with which OpenSSL is built")
if [ ${#missing[@]} -gt 0 ]; then
  echo "aar: it cannot be made here; this is missing:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi

scripts/kotlin.sh package
content=$target/aar
rm -rf -- "$content"
mkdir -p "$content"
export ANDROID_NDK_ROOT=$ndk PATH=$tools:$PATH
for one in "${targets[@]}"; do
  case $one in
    aarch64-*) abi=arm64-v8a ;;
    armv7-*) abi=armeabi-v7a ;;
    *) abi=x86_64 ;;
  esac
  upper=${one^^}
  export "CARGO_TARGET_${upper//-/_}_LINKER=$tools/$(clang "$one")"
  export "CC_${one//-/_}=$tools/$(clang "$one")" "AR_${one//-/_}=$tools/llvm-ar"
  # Pages of 16 KiB, as newer phones have. Relocations packed as Android 6 and newer read them, and functions that came out the
  # same kept once where nothing compares their addresses: a tenth of the library (docs/PERFORMANCE.md).
  flags='-C link-arg=-Wl,-z,max-page-size=16384'
  flags+=' -C link-arg=-Wl,--pack-dyn-relocs=android -C link-arg=-Wl,--icf=safe'
  export "CARGO_TARGET_${upper//-/_}_RUSTFLAGS=$flags"
  cargo build --package gridbook-bindings --profile mobile --features vendored-openssl --target "$one" --lib
  mkdir -p "$content/jni/$abi"
  # Its symbols were needed to generate the bindings, which the library of this machine has done.
  "$tools/llvm-strip" -o "$content/jni/$abi/libgridbook_bindings.so" "$target/$one/mobile/libgridbook_bindings.so"
done
cp "$target/maven/gridbook-0.1.0.jar" "$content/classes.jar"
cat >"$content/AndroidManifest.xml" <<XML
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.gridbook">
  <uses-sdk android:minSdkVersion="$api" />
</manifest>
XML
cat >"$content/proguard.txt" <<'RULES'
-dontwarn java.awt.**
-keep class com.sun.jna.** { *; }
-keepclassmembers class * extends com.sun.jna.** { public *; }
-keep class org.gridbook.** { *; }
RULES
: >"$content/R.txt"
jar --create --no-manifest --file "$target/gridbook-0.1.0.aar" -C "$content" .
echo "aar: $target/gridbook-0.1.0.aar"
