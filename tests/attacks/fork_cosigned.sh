#!/bin/bash
# Who has the log's key writes another past, and wants the witness's word for it.
# weakness: witness-fork-cosigned
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/witness.sh"

world_new
jq -n '[]' | world_routes -
witness_keys
witness_new w1
witness_start w1
cp -r "$W/run" "$W/snapshot"
seal() { world_curl shop -o /dev/null -d '{"items":[{"class":"name","value":"Ann Example","subject":"'"$1"'"}]}' "$URL/v1/seal"; }
size() { sed -n 2p "$1"; }
grown() { [ "$(size "$W/run/log/checkpoint")" -ge "$1" ]; }
base=$(size "$W/run/log/checkpoint")

world_up
for i in 1 2 3; do seal "real$i"; done
ok "the log grows" await 20 grown $((base + 3))
world_down
LOG=$W/run/log
python3 "$ROOT/tests/witness/submit.py" "$LOG" 0 >"$W/body"
is "and is cosigned" "$(witness_add w1 "$W/body")" 200
seen=$(size "$LOG/checkpoint")

# the same keys, another past, longer
rm -rf "$W/run"
cp -r "$W/snapshot" "$W/run"
world_up
for i in $(seq 12); do seal "false$i"; done
ok "so does another past" await 20 grown $((seen + 3))
world_down
cosigned() {
	python3 "$ROOT/tests/witness/submit.py" "$LOG" "$seen" >"$W/body"
	[ "$(witness_add w1 "$W/body")" = 200 ] && grep -q '^— witness' "$W/tmp/said"
}
attack "the witness's word for both" cosigned
tap_done
