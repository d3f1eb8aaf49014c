#!/usr/bin/env bash
# Makes sure that everything Gridbook is built and tested with is here: as root on Debian or Ubuntu it
# installs what is missing through apt, elsewhere it names what to install. `make setup` and every target
# that builds call it; when all is there it is silent and takes a few hundredths of a second. It warns of a disk that is
# nearly full.
#
#   scripts/setup.sh                   what building and testing need
#   scripts/setup.sh kotlin            and the JDK and Maven of bindings/kotlin
#   scripts/setup.sh browser           and the browser of tests/browser with a font that has Chinese
#   scripts/setup.sh screenshots       with its words in Chinese, and what makes pictures small enough to keep
#   scripts/setup.sh python            and a Python that makes virtual environments, for tests/api
#   scripts/setup.sh cargo-deny        and the tool that `make deny` needs, built once
#   GRIDBOOK_REQUIRE_NODE=1 …          fails, too, where node is missing (otherwise one test is skipped)
set -euo pipefail
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }
say() { printf 'setup: %s\n' "$*"; }

# The first number.number in what a program says of itself; 0 if it says nothing.
version_of() { "$@" 2>/dev/null | grep -oE '[0-9]+\.[0-9]+' | head -n 1 || echo 0; }
# at_least HAVE WANT: both as number.number
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

has_openssl() { have pkg-config && pkg-config --exists 'openssl >= 1.1.1'; }
# The automerge package and `open.mjs` want node 18.
has_node() { have node && have npm && at_least "$(version_of node --version)" 18.0; }

has_jdk() { have javac && at_least "$(version_of javac -version)" 17.0; }
# Where a release has gone past 17, its own JDK does as well.
jdk_package() {
  if apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1; then
    echo openjdk-17-jdk-headless
  else
    echo default-jdk-headless
  fi
}

has_browser() { [ -n "${GRIDBOOK_CHROMIUM:-}" ] || [ -x /usr/bin/chromium ]; }
# Debian keeps Chromium's Chinese in a package of its own; without it a page's dates are written in the American order.
has_browser_words() { [ -n "${GRIDBOOK_CHROMIUM:-}" ] || [ -e /usr/lib/chromium/locales/zh-CN.pak ]; }
has_chinese_font() { have fc-list && [ -n "$(fc-list :lang=zh-cn family)" ]; }

# Without ensurepip, which Debian keeps in a package of its own, an environment would have no pip.
has_python() { have python3 && at_least "$(version_of python3 --version)" 3.10 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

# Debian packages of the tools that are missing.
missing() {
  if [ "${1:-}" = kotlin ]; then
    has_jdk || jdk_package
    have mvn || echo maven
  fi
  if [ "${1:-}" = browser ] || [ "${1:-}" = screenshots ]; then
    has_browser || echo chromium
    has_chinese_font || echo fonts-noto-cjk
  fi
  if [ "${1:-}" = screenshots ]; then
    have pngquant || echo pngquant
    has_browser_words || echo chromium-l10n
  fi
  if [ "${1:-}" = python ]; then
    has_python || echo python3-venv
  fi
  # The fuzz targets, which `make lint` compiles, bring libFuzzer along, and that is C++.
  { have cc && have c++; } || echo build-essential
  have make || echo make
  have git || echo git
  have pkg-config || echo pkg-config
  has_openssl || echo libssl-dev
  [ -e /etc/ssl/certs/ca-certificates.crt ] || [ ! -e /etc/debian_version ] || echo ca-certificates
  have node || echo nodejs
  # NodeSource's nodejs brings its own npm and clashes with Debian's.
  have npm || echo npm
}

install() {
  if [ "$(id -u)" != 0 ] || ! have apt-get; then
    return 1
  fi
  say "installing $* with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Whoever builds on a full disk is told of a linker alone.
warn_of_disk() {
  local target=${CARGO_TARGET_DIR:-target} place free
  place=$target
  while [ ! -d "$place" ]; do place=$(dirname "$place"); done
  # The column before the one in per cent: a name may have blanks. What df does not know is nothing to warn of.
  free=$(df -Pk "$place" 2>/dev/null |
    awk 'NR == 2 { for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+%$/) { print $(i - 1); exit } }') || return 0
  [ -n "$free" ] || return 0
  free=$((free / 1024 / 1024))
  if [ ! -d "$target/debug" ] && [ "$free" -lt 8 ]; then
    say "$free GB are free here; the first \`make test\` takes about 8 GB (a full disk shows as a linker that dies of a bus error)"
  elif [ "$free" -lt 1 ]; then
    say "less than 1 GB is free here (a full disk shows as a linker that dies of a bus error)"
  fi
}
warn_of_disk

wanted=()
while IFS= read -r package; do wanted+=("$package"); done < <(missing "${1:-}")
if [ ${#wanted[@]} -gt 0 ] && ! install "${wanted[@]}"; then
  essential=()
  for package in "${wanted[@]}"; do
    case $package in nodejs | npm) ;; *) essential+=("$package") ;; esac
  done
  say "missing: ${wanted[*]}"
  if have apt-get; then
    say "install them: sudo apt-get update && sudo apt-get install -y ${wanted[*]}"
  else
    say "install a C and C++ compiler, make, git, pkg-config, the OpenSSL headers (openssl-devel, openssl@3), node 18"
    say "and for bindings/kotlin a JDK (17 or newer) and Maven, for tests/browser Chromium (GRIDBOOK_CHROMIUM) and Noto CJK,"
    say "for tests/api Python 3.10 or newer with venv"
  fi
  if [ ${#essential[@]} -gt 0 ]; then exit 1; fi
fi

if ! has_node; then
  if [ "${GRIDBOOK_REQUIRE_NODE:-0}" = 1 ]; then
    say "node 18 or newer with npm is missing"
    exit 1
  fi
  say "node 18 or newer with npm is missing; the test that opens documents in JavaScript is skipped"
fi

# Rust itself is the one thing that is not installed here: whoever builds chooses where it comes from.
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if ! have cargo; then
  say "cargo is missing; install Rust $rust_wanted or newer with rustup: where the distribution packages it,"
  say "sudo apt-get install -y rustup && rustup default stable; otherwise as https://rustup.rs says"
  exit 1
fi
rust_here=$(version_of cargo --version)
if ! at_least "$rust_here" "$rust_wanted"; then
  say "Rust $rust_here is too old, $rust_wanted or newer is needed; run: rustup update stable"
  exit 1
fi

# Formatting and lints; tests do without.
for component in rustfmt clippy; do
  if ! have "cargo-${component/rustfmt/fmt}" || ! "cargo-${component/rustfmt/fmt}" --version >/dev/null 2>&1; then
    if have rustup; then
      say "adding the Rust component $component"
      rustup component add "$component" || say "could not add $component; make lint needs it: rustup component add $component"
    else
      say "$component is missing; make lint needs it: install your distribution's package (rustfmt, rust-clippy)"
    fi
  fi
done

# The version is pinned, with the lock file of its authors, so that what it allows does not change by itself.
cargo_deny=0.20.2
if [ "${1:-}" = cargo-deny ] && [ "$(cargo deny --version 2>/dev/null)" != "cargo-deny $cargo_deny" ]; then
  say "building cargo-deny $cargo_deny (a minute or two, once)"
  # Not optimised: it then takes a third of the time to build, and a second more to run.
  cargo install cargo-deny --version "$cargo_deny" --locked --quiet --debug
fi
