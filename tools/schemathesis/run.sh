#!/usr/bin/env bash
# Sends requests that schemathesis makes of the contract, good and bad ones, to a real server, and holds every answer
# against the contract.
#
#   tools/schemathesis/run.sh [PHASES]    examples,coverage (the default: some two minutes), fuzzing, stateful
#
# MAX_TIME=600 gives fuzzing and stateful that many seconds.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in go curl python3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: install it"; exit 1; }
done
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv" && "$dir/venv/bin/pip" install -q schemathesis==4.32.5 ||
  { echo "schemathesis could not be installed: it needs Python's venv and PyPI"; exit 1; }

# Lists of the longest values that the contract allows do not fit in the headers that a server takes by default.
go build -o "$dir/arteriole" .
export ARTERIOLE_DB="$dir/demo.db"
"$dir/arteriole" serve --demo --addr localhost:0 --rate 0 --address-rate 0 --max-header-bytes 1000000 >"$dir/out" 2>"$dir/log" &
until url=$(grep -o 'http://localhost:[0-9]*' "$dir/out" | head -1) && [ -n "$url" ]; do
  kill -0 $! || { echo "the server did not start:"; cat "$dir/log"; exit 1; }
  sleep 0.1
done
TILL=$("$dir/arteriole" till add --org demo --store store --code store.judge --role admin | sed -n 's/.*Authorization: //p')
export TILL

# One credential for all operations: of several that the contract allows, the tool would invent the others.
curl -sf "$url/openapi.json" | python3 -c '
import json, sys
spec = json.load(sys.stdin)
spec["components"]["securitySchemes"] = {}
spec.pop("security", None)
for path in spec["paths"].values():
    for operation in path.values():
        if isinstance(operation, dict):
            operation.pop("security", None)
json.dump(spec, sys.stdout)' >"$dir/openapi.json"

# Several workers at once make Python 3.11 fail by itself (a depth that its compiler shares among threads).
code=0
"$dir/venv/bin/schemathesis" --config-file tools/schemathesis/schemathesis.toml run "$dir/openapi.json" --url "$url" \
  --phases "${1:-examples,coverage}" ${MAX_TIME:+--max-time "$MAX_TIME"} --continue-on-failure -w 1 || code=$?
echo "answers by status:"
grep -o '"status":[0-9]*' "$dir/log" | sort | uniq -c
exit "$code"
