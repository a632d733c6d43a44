#!/bin/bash
# Random edits, drops, copies and exchanges of any file of two logs that two daemons wrote, also from
# an older copy and between the two: `audit verify` and a verifier in Python, written from FORMATS.md,
# have the same word of each, by the key beside it, by a pinned one and by the auditor's file; and by
# that nothing is verified unless what counts is as it was. Once of logs whose writers stopped, once
# of logs whose writers were killed.
# EDITS: how many (60); SEED: to have a case again.
# timeout: 900
. "$(dirname "$0")/../lib/world.sh"

EDITS=${EDITS:-60}
SEED=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
if ! python3 -c 'import cryptography' 2>/dev/null; then
	skip "both verifiers have the same word" "python3-cryptography is not here: NOTHING was compared"
	tap_done
	exit
fi
world_new
jq -n '[]' | world_routes -
export SCRIM_CONFIG=$W/scrim.json

# More openings than one bundle has room for, or a few.
load() { # HOW-MANY
	local token
	token=$(world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
	world_curl order_system -o /dev/null -H 'Scrim-Purpose: order_processing' -d "{\"items\":[{\"token\":\"$token\"}]}" "$URL/v1/reveal#[1-$1]"
}
keep() { # NAME
	mkdir "$W/$1"
	cp -a "$W/run/log" "$W/$1/gate"
	cp -a "$W/run/keyd/log" "$W/$1/keyd"
}
world_up
load 40
world_down
keep older
start_keyd
start_scrimd
await 20 ready
load 300
world_down
keep stopped
trusted() { "$BIN/scrim" audit trust >"$W/out"; }
ok "an auditor keeps what there is" trusted
cp "$W/trust" "$W/trust.stopped"
start_keyd
start_scrimd
await 20 ready
load 50
stop scrimd KILL
stop keyd KILL
keep killed
ok "and once more, when both were killed" trusted
cp "$W/trust" "$W/trust.killed"

edits() { # stopped or killed, HOW MANY
	python3 "$ROOT/tests/lib/edit_logs.py" "$2" "$SEED" "$BIN/scrim" "$W/run/log=demo/scrimd" "$W/run/keyd/log=scrim/demo/keyd" \
		"$W/$1" "$W/older" "$W/trust.$1" >"$W/edits.$1" 2>&1
}
for end in stopped killed; do
	ok "of $((EDITS / 2)) edits of logs whose writers were $end both have the same word, and no wrong one is verified" edits $end $((EDITS / 2))
	head -40 "$W/edits.$end" | sed 's/^#* */# /'
	ok "of $end ones most are broken" eval "[ \$(grep -oE 'trust-broken=[0-9]+' '$W/edits.$end' | cut -d= -f2) -gt $((EDITS / 8)) ]"
	ok "and some bytes nobody reads" grep -qE 'trust-verified=([2-9]|1[0-9])' "$W/edits.$end"
done
tap_done
