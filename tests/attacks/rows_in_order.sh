#!/bin/bash
# Somebody who has the list of who was there, in the order of the table (by the day they
# came, by name), reads the release beside it: row by row, whose is which.
# weakness: views-in-order
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/patients.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'rm -rf "$W"' EXIT
patients "$W"
ok "a release is made" eval '"$BIN/scrim" views release "$W/patients.csv" --spec "$W/views.json" --out "$W/shelf" >>"$W/out" 2>>"$W/err"'
# the illnesses as the table has them, and as the release has them, row by row
linked() {
	python3 - "$W/patients.csv" "$W/shelf/patients/1/release.db" <<-'PY'
	import csv, sqlite3, sys
	mine = [r["ill"] for r in csv.DictReader(open(sys.argv[1]))]
	theirs = [r[0] for r in sqlite3.connect(sys.argv[2]).execute("SELECT ill FROM patients ORDER BY rowid")]
	same = sum(a == b for a, b in zip(mine, theirs))
	print(f"# {same} of {len(mine)} illnesses by the order of rows alone")
	sys.exit(0 if same > len(mine) * 0.9 else 1)
	PY
}
attack "every illness is told by the order of rows" linked
tap_done
