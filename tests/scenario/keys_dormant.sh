#!/bin/bash
# For whom nothing was sealed since a day, of more people than one look at the store takes: all of
# them are counted and listed, once each, wherever they lie.
. "$(dirname "$0")/../lib/world.sh"

command -v sqlite3 >/dev/null || { skip "dormant people" "there is no sqlite3"; tap_done; exit; }
world_new
keyd_init
sqlite3 "$W/run/keyd/keyd.db" >/dev/null <<-'END'
	UPDATE store SET high = 65000, lease = 65520 WHERE node = '';
	WITH RECURSIVE n(slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM n WHERE slot < 64999)
	INSERT INTO week(slot, week) SELECT slot, CASE WHEN slot % 10 = 3 OR slot >= 60000 THEN 2600 ELSE 2900 END FROM n;
END
start_keyd
await 10 grep -q '"keyd.ready"' "$W/log/keyd.err"
echo '{}' >"$W/scrim.json"
dormant() { "$BIN/scrim" keys dormant --config "$W/scrim.json" "$@"; }
is "counted" "$(dormant --before 2020-06-30 | tail -1 | cut -d' ' -f1)" 11000
dormant --list --before 2020-06-30 >"$W/ids"
is "listed" "$(wc -l <"$W/ids")" 11000
is "once each" "$(sort -u "$W/ids" | wc -l)" 11000
is "of nobody, nobody" "$(dormant --list --before 2019-01-31 | wc -l)" 0
is "of all, all" "$(dormant --before 2026-01-31 | tail -1 | cut -d' ' -f1)" 65000
tap_done
