#!/usr/bin/env bash
# Drives the console in a real browser: Debian's Chromium, a server process and real phones (tests/browser).
#
#   scripts/browser.sh test          tells the stories and looks at every page (make test-browser); what follows names
#                                    files of tests/browser, such as live.test.mjs, and options of `node --test`
#   scripts/browser.sh screenshots   only looks at the pages, and takes their pictures into docs/console (make screenshots)
#
# Pictures of all pages are in target/screenshots afterwards. GRIDBOOK_CHROMIUM names another Chromium than Debian's.
set -euo pipefail
cd "$(dirname "$0")/.."

goal=${1:-test}
[ $# -eq 0 ] || shift
case $goal in
  test | screenshots) ;;
  *)
    echo "usage: scripts/browser.sh test|screenshots" >&2
    exit 2
    ;;
esac

need=browser
[ "$goal" = test ] || need=screenshots
GRIDBOOK_REQUIRE_NODE=1 scripts/setup.sh "$need"

# npm leaves this file where an install has ended well.
mark=tests/browser/node_modules/.package-lock.json
if [ ! -e "$mark" ] || [ tests/browser/package-lock.json -nt "$mark" ]; then
  echo "browser: fetching the packages of tests/browser (npm ci)"
  npm ci --silent --prefix tests/browser
  touch "$mark"
fi

scripts/programs.sh

files=()
[ "$goal" = test ] || set -- pages.test.mjs
for argument in "$@"; do
  case $argument in
    -*) files+=("$argument") ;;
    *) files+=("tests/browser/$argument") ;;
  esac
done
case " ${files[*]} " in *.mjs*) ;; *) files+=(tests/browser/*.test.mjs) ;; esac
node --test --test-reporter=spec "${files[@]}"

if [ "$goal" = screenshots ]; then
  screenshots=${CARGO_TARGET_DIR:-target}/screenshots
  mkdir -p docs/console
  grep -oE 'console/[a-z-]+-[0-9]+\.png' docs/CONSOLE.md | sort -u | while IFS= read -r picture; do
    # 256 colours of its own are what a page has; a third of the bytes.
    pngquant --force --strip --speed 1 --output "docs/$picture" 256 -- "$screenshots/${picture#console/}"
  done
  echo "browser: docs/console is new; look at each picture before it is committed"
fi
