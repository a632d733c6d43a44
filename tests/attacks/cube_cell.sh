#!/bin/bash
# Whoever reads the weekly cube looks for a cell of a few people: who they are is known to
# anybody who knows that they were there.
# weakness: cube-unfolded
. "$(dirname "$0")/../lib/attack.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
trap 'stop_all; rm -rf "$W"' EXIT
cat >"$W/words.json" <<-END
	{ "categories": ["kettles", "cups", "tea"], "channels": ["app", "h5", "pc", "shop"], "purposes": ["analytics"], "text_version": 1,
	  "traits": [ { "name": "age", "kind": "birthday", "bands": [18, 25, 35, 45, 55] }, { "name": "sex", "kind": "word", "words": ["f", "m"] },
		{ "name": "region", "kind": "word", "words": ["n", "e", "s", "w", "c", "o"] } ] }
END
cat >"$W/viewd.json" <<-END
	{ "tenant": "demo", "feed": "run/feed.sock", "operator": "run/ask.sock", "data": "data", "words": "words.json", "drafts": "drafts",
	  "cube": { "dataset": "week" } }
END
start viewd "$W/viewd.log" "$BIN/scrim-viewd" --config "$W/viewd.json"
ok "viewd is up" await 10 test -S "$W/run/ask.sock"
ok "half a year of a small shop" eval '"$TOOLS/gen_year" "$W/spool" "$W/run/feed.sock" 300 26 >"$W/frames" 2>"$W/err"'
ok "the cube is drafted" "$BIN/scrim" views release --viewd "$W/run/ask.sock"
few() { # a row of one to nine people in any table
	python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
least = 10**9
for (t,) in db.execute("SELECT name FROM sqlite_schema").fetchall():
    for c in [r[1] for r in db.execute(f"PRAGMA table_info({t})") if r[1] in ("visitors", "people")]:
        least = min(least, db.execute(f"SELECT min({c}) FROM {t} WHERE {c} > 0").fetchone()[0] or least)
print(f"# the smallest cell is of {least}")
sys.exit(0 if least < 10 else 1)' "$W/drafts/week/1/release.db"
}
attack "a cell of fewer than ten people" few
attack "whoever checks the cube solves some" eval '! "$BIN/scrim" views check "$W/drafts/week/1" >"$W/check" 2>&1'
tap_done
