#!/usr/bin/env bash
# Swift for bindings/swift. On a Mac it is Xcode's; on Linux it is Debian's swiftlang, at the version pinned here, in a
# folder of its own outside the repository, which later runs find again.
#
#   scripts/swift-toolchain.sh install      as root: through debootstrap and apt, two minutes and 2.6 GB, once;
#                                           otherwise it names what to install. Where nothing may be mounted, a Swift in
#                                           the PATH does
#   scripts/swift-toolchain.sh run COMMAND  runs it beside bindings/swift/Package.swift. GRIDBOOK_TARGET is where cargo
#                                           builds, GRIDBOOK_SMALL_DISK, if set, a disk of four megabytes
#
# What vouches for the packages is Debian's signature on its Release file, which names the sum of every list, and the
# lists the sum of every package; debootstrap and apt check both and stop where they do not fit. The compiler's own two
# packages are held to the sums pinned here as well, before anything of them runs.
#
#   GRIDBOOK_CACHE          where it is kept; by default $XDG_CACHE_HOME/gridbook, or ~/.cache/gridbook
#   GRIDBOOK_DEBIAN_MIRROR  where Debian comes from; by default http://deb.debian.org/debian
#
# Whatever is mounted is mounted in a namespace of this run's own and is gone with its last process: nothing can be left
# behind, and nothing of this machine is seen from outside.
set -euo pipefail
cd "$(dirname "$0")/.."

release=trixie
version=6.0.3-2
# SHA-256 of the packages as Debian published them; where none is pinned, its signature alone vouches.
sums_amd64="be005017c07f0932564c48761f7f69d2f4e942d514e106932913ca8cf594c4a1  swiftlang_${version}_amd64.deb
8279334aaf16e6b62b8d124d6d5d94cb2a92666986cec491bf4ad03a0a9ae3e4  libswiftlang_${version}_amd64.deb"
at_least=6.0
cache=${GRIDBOOK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gridbook}
mirror=${GRIDBOOK_DEBIAN_MIRROR:-http://deb.debian.org/debian}
toolchain=$cache/swiftlang-$version
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

have() { command -v "$1" >/dev/null 2>&1; }
say() { printf 'swift: %s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 1
}

# A namespace for mounts and processes; whoever is not root is root inside it alone.
alone() {
  if [ "$(id -u)" = 0 ]; then
    unshare --mount --pid --fork --kill-child -- "$@"
  else
    unshare --map-root-user --mount --pid --fork --kill-child -- "$@"
  fi
}

can_be_alone() { have unshare && alone true 2>/dev/null; }

needs_alone() {
  can_be_alone || fail "nothing may be mounted here (a container without CAP_SYS_ADMIN?): run it with" \
    "--privileged, or put a Swift $at_least or newer into the PATH"
}

has_swift() {
  have swift || return 1
  local here
  here=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9.]+$') || return 1
  [ "$(printf '%s\n%s\n' "$at_least" "$here" | sort -V | head -n 1)" = "$at_least" ]
}

is_mac() { [ "$(uname -s)" = Darwin ]; }

install() {
  if is_mac; then
    has_swift || fail "install Xcode 16 or newer, or its command line tools: xcode-select --install"
    return
  fi
  [ ! -d "$toolchain" ] || return 0
  if [ "$(id -u)" != 0 ] || ! have apt-get; then
    # Some have a Swift of their own.
    ! has_swift || return 0
    say "Swift $at_least is missing, and only root on Debian or Ubuntu can install it here."
    say "run once as root: GRIDBOOK_CACHE=$cache scripts/swift-toolchain.sh install"
    fail "or put a Swift $at_least or newer into the PATH, as https://www.swift.org/install says"
  fi
  # What cannot be installed apart is not needed by who has one.
  if ! can_be_alone && has_swift; then return 0; fi
  have unshare || fail "unshare is missing: apt-get install util-linux"
  needs_alone
  mkdir -p "$cache"
  # Two runs at once: the second finds what the first has made.
  exec 9>"$cache/.swift-lock"
  flock 9
  [ ! -d "$toolchain" ] || return 0
  local free began=$SECONDS part=$toolchain.part
  free=$(df --output=avail -k "$cache" | tail -n 1)
  [ "$free" -ge 4500000 ] || fail "$cache has $((free / 1024)) MB free, Swift needs 4500 while it is installed"
  say "installing Debian's swiftlang $version into $toolchain (two minutes and 2.6 GB, once)"
  if ! have debootstrap || [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      debootstrap debian-archive-keyring >/dev/null
  fi
  # What an interrupted run left.
  ! grep -qF " $part" /proc/self/mountinfo || fail "something is mounted in $part: unmount it first"
  rm -rf --one-file-system -- "$part"
  local log=$cache/swift-install.log sums=
  [ "$(dpkg --print-architecture)" != amd64 ] || sums=$sums_amd64
  # shellcheck disable=SC2016
  if ! alone bash -euc '
    part=$1 release=$2 version=$3 mirror=$4 sums=$5
    debootstrap --variant=minbase --force-check-gpg \
      --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$release" "$part" "$mirror"
    mountpoint -q "$part/proc" || mount -t proc proc "$part/proc"
    # The C library to build against, and the OpenSSL that the library of phones is linked to on this machine.
    get() {
      chroot "$part" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
        "swiftlang=$version" "libswiftlang=$version" libc6-dev libstdc++-14-dev libssl3t64 ca-certificates
    }
    get --download-only
    if [ -n "$sums" ]; then
      (cd "$part/var/cache/apt/archives" && sha256sum --check --strict - <<<"$sums")
    else
      echo "no sum is pinned for $(dpkg --print-architecture)"
    fi
    get
    chroot "$part" apt-get clean
    chroot "$part" swift --version
  ' bash "$part" "$release" "$version" "$mirror" "$sums" >"$log" 2>&1 9>&-; then
    tail -n 20 "$log" >&2
    fail "it could not be installed; all of it is in $log"
  fi
  # Where `run` puts the repository.
  mkdir -p "$part/gridbook"
  mv -- "$part" "$toolchain"
  say "installed in $((SECONDS - began)) s"
}

run() {
  mkdir -p "$target"
  if is_mac; then
    cd bindings/swift
    GRIDBOOK_TARGET=$target exec "$@"
  fi
  mkdir -p target
  local disk=$target/small-disk
  mkdir -p "$disk"
  if [ ! -d "$toolchain" ] || { ! can_be_alone && has_swift; }; then
    cd bindings/swift
    if ! can_be_alone; then
      say "no small disk can be mounted here; the story of the full disk is skipped"
      GRIDBOOK_TARGET=$target exec "$@"
    fi
    # shellcheck disable=SC2016
    GRIDBOOK_TARGET=$target GRIDBOOK_SMALL_DISK=$disk alone bash -euc '
      mount -t tmpfs -o size=4m tmpfs "$GRIDBOOK_SMALL_DISK"
      exec "$@"
    ' bash "$@"
    return
  fi
  needs_alone
  local scratch
  scratch=$(mktemp -d "$cache/run.XXXXXX" 2>/dev/null || mktemp -d)
  # Its own folders alone, and only once everything in the namespace is over.
  # shellcheck disable=SC2064
  trap "rm -rf --one-file-system -- '$scratch'" EXIT
  # shellcheck disable=SC2016
  alone bash -euc '
    toolchain=$1 repository=$2 target=$3 scratch=$4
    shift 4
    mount -t proc proc "$toolchain/proc"
    mount --rbind /dev "$toolchain/dev"
    mount --bind "$scratch" "$toolchain/tmp"
    mount --bind "$repository" "$toolchain/gridbook"
    mount --bind "$target" "$toolchain/gridbook/target"
    mount -t tmpfs -o size=4m tmpfs "$toolchain/gridbook/target/small-disk"
    cd "$toolchain/gridbook/bindings/swift"
    exec chroot "$toolchain" env -i PATH=/usr/bin:/bin HOME=/tmp LANG=C.UTF-8 \
      GRIDBOOK_TARGET=/gridbook/target GRIDBOOK_SMALL_DISK=/gridbook/target/small-disk \
      bash -euc "cd /gridbook/bindings/swift && exec \"\$@\"" bash "$@"
  ' bash "$toolchain" "$PWD" "$target" "$scratch" "$@"
}

case ${1:-} in
  install) install ;;
  run)
    shift
    [ $# -gt 0 ] || fail "run what?"
    run "$@"
    ;;
  *) fail "usage: scripts/swift-toolchain.sh install | run COMMAND" ;;
esac
