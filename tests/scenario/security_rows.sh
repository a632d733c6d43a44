#!/bin/bash
# Every row of SECURITY.md's table names what tries it, and that is there and runs.
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/tests/lib/tap.sh"

rows() { awk '/^\| whoever holds/ { on = 1; getline; next } on && !/^\|/ { exit } on' "${1:-$ROOT/SECURITY.md}"; }
is_there() { [ -s "$ROOT/tests/scenario/$1.sh" ] || [ -s "$ROOT/tests/attacks/$1.sh" ] || [ -s "$ROOT/tests/unit/$1.c" ]; }

untried() { # FILE: rows that name nothing, or what is not there
	local row cell name
	while IFS= read -r row; do
		cell=$(sed 's/ *|$//; s/.*| *//' <<<"$row")
		[ "$(grep -o '|' <<<"$row" | wc -l)" = 5 ] && grep -q '`' <<<"$cell" || echo "nothing tries: ${row:0:60}"
		for name in $(grep -o '`[a-z0-9_/-]*`' <<<"$cell" | tr -d '`'); do
			is_there "$name" || echo "there is no $name: ${row:0:60}"
		done
	done < <(rows "$1")
}
ok "the table has its rows" [ "$(rows | wc -l)" -ge 23 ]
is "each is tried by what there is" "$(untried "$ROOT/SECURITY.md")" ""
W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX")
trap 'rm -rf "$W"' EXIT
sed 's/`who_holds`/`who_held`/; s/| `keys_backup` |$/| |/' "$ROOT/SECURITY.md" >"$W/wrong.md"
ok "a script that is not there is noticed" grep -q 'no who_held' < <(untried "$W/wrong.md")
ok "and a row without one" grep -q '^nothing tries: | a backup' < <(untried "$W/wrong.md")
tap_done
