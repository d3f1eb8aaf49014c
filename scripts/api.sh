#!/usr/bin/env bash
# Asks the leads' API from outside, as an office's programs do: a real server process with the demo's community on a free
# port of this machine, and Python programs that share no code with it.
#
#   scripts/api.sh registers   openpyxl reads every register and finds what its CSV says (make test)
#   scripts/api.sh document    schemathesis asks all that /v1/openapi.json describes, rightly and wrongly, and holds the
#                              answers to it: some minutes, because it keeps to the server's own limits (make test-long);
#                              what follows are options of `schemathesis run`, such as --seed
#
# What they need is in a virtual environment under target/, at the versions of tests/api/*.txt. GRIDBOOK_PROGRAMS names a
# folder with a gridbook-server that is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

goal=${1:-}
[ $# -eq 0 ] || shift
case $goal in
  registers | document) ;;
  *)
    echo "usage: scripts/api.sh registers|document" >&2
    exit 2
    ;;
esac

scripts/setup.sh python

target=${CARGO_TARGET_DIR:-target}
needs=tests/api/$goal.txt
python=$target/python-$goal
# The list as it was installed: left only where that has ended well.
if ! cmp -s "$needs" "$python/installed.txt"; then
  echo "api: fetching what $needs lists (pip)"
  rm -rf -- "$python"
  python3 -m venv "$python"
  "$python/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$needs"
  cp -- "$needs" "$python/installed.txt"
fi

programs=${GRIDBOOK_PROGRAMS:-}
if [ -z "$programs" ]; then
  scripts/programs.sh
  programs=$target/debug
fi
server=$programs/gridbook-server

folder=$(mktemp -d)
pid=
stop() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf -- "$folder"
}
trap stop EXIT

"$server" --data "$folder" demo --listen 127.0.0.1:0 >"$folder/told" 2>"$folder/log" &
pid=$!
url=
for _ in $(seq 600); do
  # The last line: until then the day has not ended.
  if grep -q 'Ctrl-C' "$folder/told"; then
    url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+/console' "$folder/told" | head -n 1)
  fi
  [ -z "$url" ] || break
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
if [ -z "$url" ]; then
  echo "api: the server did not come up:" >&2
  tail -n 20 "$folder/log" >&2
  exit 1
fi
url=${url%/console}
token=$(tr -d '\n' <"$folder/lead-token")

case $goal in
  registers)
    "$python/bin/python" tests/api/registers.py "$url" "$token"
    ;;
  document)
    # The token's person reads the audit log as well, so that no path is only ever refused.
    administer() { "$server" --data "$folder/server" --json "$@"; }
    pick() { python3 -c "import json, sys; print(next(one['id'] for one in json.load(sys.stdin) if $1))"; }
    person=$(administer people list | pick "one['tokens']")
    community=$(administer scopes list | pick "one['parent'] is None")
    administer grant "$person" auditor "$community" >/dev/null
    records() {
      python3 - "$url" "$token" <<'EOF'
import json, sys, urllib.request as web
url, token = sys.argv[1:]
asked = web.Request(f"{url}/v1/records?limit=200", headers={"authorization": f"Bearer {token}"})
answer = web.build_opener(web.ProxyHandler({})).open(asked, timeout=30)
print(json.dumps([record["id"] for record in json.load(answer)["records"]]))
EOF
    }
    scopes() { administer scopes list | python3 -c "import json, sys; print(json.dumps([one['id'] for one in json.load(sys.stdin)]))"; }
    {
      cat tests/api/schemathesis.toml
      printf '\n[dictionaries.records]\nvalues = %s\n' "$(records)"
      printf '\n[dictionaries.scopes]\nvalues = %s\n' "$(scopes)"
    } >"$folder/schemathesis.toml"
    NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 GRIDBOOK_TOKEN=$token \
      "$python/bin/schemathesis" --config-file "$folder/schemathesis.toml" run "$url/v1/openapi.json" "$@"
    ;;
esac
