#!/usr/bin/env bash
# Fetches the official JavaScript automerge at the locked version, for the test that opens the core's
# documents with it. `make test` calls it; when the lock file has not changed it does nothing. Without
# node or the registry it says so and the test is skipped, unless GRIDBOOK_REQUIRE_NODE=1.
set -euo pipefail
cd "$(dirname "$0")/../tests/js"

# npm leaves this file where an install has ended well.
mark=node_modules/.package-lock.json
if [ -e "$mark" ] && [ ! package-lock.json -nt "$mark" ]; then exit 0; fi

reason=''
if ! command -v npm >/dev/null 2>&1; then
  reason='npm is missing'
else
  echo "test: fetching the JavaScript automerge (npm ci)"
  if npm ci --silent; then touch "$mark"; else reason='npm ci failed'; fi
fi
if [ -n "$reason" ]; then
  echo "test: $reason; the test that opens documents in JavaScript is skipped"
  if [ "${GRIDBOOK_REQUIRE_NODE:-0}" = 1 ]; then exit 1; fi
fi
