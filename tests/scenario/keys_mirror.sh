#!/bin/bash
# The first disk dies while customers come in and are erased: out of the mirror on the second one
# comes every key that was answered, and nobody who was erased. What is missing there or not of one
# time is refused.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

ROUNDS=${MIRROR_ROUNDS:-2}
world_new
mkdir "$W/second"
jq '. + { mirror: "second", log: "keylog" }' "$W/keyd.json" >"$W/keyd.tmp" && mv "$W/keyd.tmp" "$W/keyd.json"
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
J='Content-Type: application/json'
mkdir "$W/given"
seal_batch() { # NUMBER
	jq -cn --argjson b "$1" '{ items: [ range(16) | { class: "name", value: "Ann \($b)-\(.)", subject: "c\($b)-\(.)" } ] }' |
		world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" >"$W/given/$1.part" &&
		jq -e '[.items[].status] | all(. == "ok")' "$W/given/$1.part" >/dev/null && mv "$W/given/$1.part" "$W/given/$1"
}
WHY=(-H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked by the person')
erase() { # SUBJECT
	[ "$(world_curl privacy_officer "${WHY[@]}" -H "$J" -o "$W/erase.out" -w '%{http_code}' \
		-d "{\"subject\":\"$1\"}" "$URL/v1/subjects/erase")" = 200 ]
}
opens() { # BATCH: how each of its tokens fares, a line each
	jq '{ items: [ .items[] | { token } ] }' "$W/given/$1" |
		world_curl support -H "$J" -H 'Scrim-Purpose: service' --data-binary @- "$URL/v1/reveal" | jq -r '.items[].status'
}
given() { find "$W/given" -type f ! -name '*.part' -printf '%f\n'; }
: >"$W/erased"
b=0
load() { # until it fails
	while seal_batch $((b += 1)); do
		[ $((b % 4)) != 0 ] || { erase "c$b-0" && echo "$b" >>"$W/erased"; }
	done
}

restore() { "$BIN/scrim" keys restore --config "$W/scrim.json" --demo --mirror "$W/second" "$@" >"$W/out" 2>"$W/err"; }
refused() { # WORDS
	restore && return 1
	grep -q "$1" "$W/out" "$W/err" || { sed 's/^/# /' "$W/out" "$W/err"; return 1; }
}
ok "a base lies there" test -s "$W/second/base.scb"
ok "and the twin" test -s "$W/second/keyd.epoch"
for round in $(seq 1 "$ROUNDS"); do
	from=$(given | wc -l)
	(
		b=$((round * 1000))
		load
	) 2>/dev/null &
	LOAD=$!
	enough() { [ "$(given | wc -l)" -ge $((from + 12)) ]; }
	await 60 enough
	await 10 test -e "$W/keylog/checkpoint"
	stop keyd KILL
	wait $LOAD
	ok "round $round: customers came in" enough
	rm -f "$W"/run/keyd/keyd.*
	if [ "$round" = 1 ]; then
		mv "$W/second/base.scb" "$W/base"
		ok "a base that is missing is told" refused "base is not there"
		mv "$W/base" "$W/second/base.scb"
		cp "$W/second/journal" "$W/journal"
		printf 'x' | dd of="$W/second/journal" bs=1 seek=200 conv=notrunc 2>/dev/null
		ok "a record that is broken is told" refused "in the middle"
		cp "$W/journal" "$W/second/journal"
		cp "$W/second/keyd.epoch" "$W/twin"
		head -c 8192 /dev/urandom >"$W/second/keyd.epoch"
		no "a twin that opens nothing is refused" restore
		cp "$W/twin" "$W/second/keyd.epoch"
		is "nothing is left of those" "$(find "$W/run/keyd" -name 'keyd.*' ! -name '*.lock' | wc -l)" 0
		ok "nor is the twin touched" cmp "$W/twin" "$W/second/keyd.epoch"
	fi
	restore
	is "round $round: the restore" "$?" 0 || sed 's/^/# /' "$W/err"
	start_keyd
	stop scrimd
	start_scrimd
	ok "round $round: both start on it" await 20 ready
	: >"$W/fared"
	for batch in $(given); do
		opens "$batch" >>"$W/fared"
	done
	erased=$(wc -l <"$W/erased")
	ok "round $round: somebody was erased" test "$erased" -gt 0
	is "round $round: who was erased is gone, perhaps one more that was not answered" \
		"$(($(grep -c '^gone$' "$W/fared") - erased <= round))" 1
	is "round $round: every other token that was answered opens" \
		"$(grep -c '^ok$' "$W/fared")" $((16 * $(given | wc -l) - $(grep -c '^gone$' "$W/fared")))
	ok "round $round: nobody comes back" test "$(grep -c '^gone$' "$W/fared")" -ge "$erased"
done
world_down

# A store that is another's is not written over.
rm -rf "$W/run/keyd"
mkdir "$W/run/keyd" "$W/aside"
mv "$W/second/keyd.epoch" "$W/keylog" "$W/keys/root.json" "$W/aside/"
"$BIN/scrim-keyd" --config "$W/keyd.json" --demo --init >"$W/out" 2>&1
no "the mirror of another store is refused" test "$?" = 0
ok "in words" grep -q 'another store' "$W/out"
tap_done
