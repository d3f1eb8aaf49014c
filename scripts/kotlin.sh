#!/usr/bin/env bash
# Builds the library, writes Kotlin's and Swift's side of the bridge from it, and calls Maven on
# android/pom.xml: bindings/kotlin and the presenters of android/core.
#
#   scripts/kotlin.sh package   the Kotlin modules' jars (make bindings)
#   scripts/kotlin.sh test      and their tests, against the library and a server process (make test)
#
# The first run fetches Kotlin's compiler and the libraries of the modules; later ones stay offline.
set -euo pipefail
cd "$(dirname "$0")/.."

goal=${1:-package}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
scripts/setup.sh kotlin

scripts/bridge.sh

# What an earlier run with the same poms has fetched is in Maven's own folder, and so is the note of it.
fetched=$HOME/.m2/repository/.gridbook-$goal-$(cat android/pom.xml android/core/pom.xml bindings/kotlin/pom.xml | cksum | tr ' ' '-')
options=(--batch-mode --no-transfer-progress --file android/pom.xml "-Dgridbook.target=$target")
[ ! -e "$fetched" ] || options+=(--offline)

case $goal in
  package)
    mvn "${options[@]}" --quiet -DskipTests package
    echo "kotlin: $target/maven/gridbook-0.1.0.jar, $target/maven-screens/gridbook-screens-0.1.0.jar"
    ;;
  test)
    # A disk of four megabytes for the story of the full disk, seen by these tests alone and gone with them.
    disk=$target/small-disk
    mkdir -p "$disk"
    if [ "$(id -u)" = 0 ]; then alone=(unshare --mount); else alone=(unshare --mount --map-root-user); fi
    # shellcheck disable=SC2016
    on_small_disk='mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"'
    if "${alone[@]}" bash -c "$on_small_disk" "$disk" true 2>/dev/null; then
      "${alone[@]}" bash -c "$on_small_disk" "$disk" mvn "${options[@]}" "-Dgridbook.small.disk=$disk" test
    else
      echo "kotlin: no small disk can be mounted here; the story of the full disk is skipped"
      mvn "${options[@]}" test
    fi
    ;;
  *)
    echo "usage: scripts/kotlin.sh package|test" >&2
    exit 2
    ;;
esac
touch "$fetched"
