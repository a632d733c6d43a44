#!/bin/bash
# The backup that docs/OPERATIONS.md tells, taken while customers come in: restored
# elsewhere, every token that was given before it opens, and both logs verify.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
J='Content-Type: application/json'

awk '/^## / { section = $2 } /^```sh test/ { on = section == "Backup"; next } /^```/ { on = 0 } on' "$ROOT/docs/OPERATIONS.md" >"$W/commands"
ok "the document has commands for it" grep -q 'cp -a' "$W/commands"

# New customers without end, 64 at a time; a batch's tokens are given when its answer is there.
mkdir "$W/given"
seal_batch() { # NUMBER
	jq -cn --argjson b "$1" '{ items: [ range(64) | { class: "name", value: "Ann \($b)-\(.)", subject: "c\($b)-\(.)" } ] }' |
		world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" >"$W/given/$1.part" &&
		jq -e '[.items[].status] | all(. == "ok")' "$W/given/$1.part" >/dev/null && mv "$W/given/$1.part" "$W/given/$1"
}
(
	b=0
	until [ -e "$W/enough" ]; do
		seal_batch $((b += 1)) || echo "batch $b" >>"$W/failed"
	done
) &
LOAD=$!
given() { [ "$(ls "$W/given" | grep -cv part)" -ge "$1" ]; }
await 60 given 40
ok "customers come in" given 40

n=0
for round in 1 2; do
	ls "$W/given" | grep -v part >"$W/before.$round"
	mkdir "$W/copy.$round"
	(cd "$W/copy.$round" && KEYD=${PROC_PID[keyd]} RUN=$W/run bash -eu "$W/commands") >"$W/out" 2>&1
	is "copy $round is taken" "$?" 0
	n=$(ls "$W/given" | wc -l)
	ok "copy $round: there is a write-ahead log in it" test -s "$W/copy.$round/backup/keyd/keyd.db-wal"
	is "copy $round: nobody else can enter it" "$(stat -c %a "$W/copy.$round/backup")" 700
	await 30 given $((n + 10))
	ok "copy $round: customers come in again" given $((n + 5))
done
touch "$W/enough"
wait $LOAD
no "no customer was turned away for it" test -e "$W/failed"
world_down

# Each copy in a folder of its own, with the root key from where that is kept.
opens() { # BATCH: how many of its tokens open
	jq '{ items: [ .items[] | { token } ] }' "$W/given/$1" |
		world_curl support -H "$J" -H 'Scrim-Purpose: service' --data-binary @- "$URL/v1/reveal" |
		jq '[.items[] | select(.status == "ok")] | length'
}
for round in 1 2; do
	rm -rf "$W/run"
	mkdir "$W/run"
	cp -a "$W/copy.$round/backup/." "$W/run/"
	start_keyd
	start_scrimd
	ok "copy $round: both start on it" await 20 ready
	opened=0 wanted=0
	while read -r batch; do
		opened=$((opened + $(opens "$batch")))
		wanted=$((wanted + 64))
	done <"$W/before.$round"
	is "copy $round: every token that was given before it opens" $opened $wanted
	sleep 1.5
	ok "copy $round: both logs verify" "$BIN/scrim" audit verify --config "$W/scrim.json"
	is "copy $round: and it takes new customers" "$(world_curl shop -o "$W/answer" -w '%{http_code}' -H "$J" \
		-d '{"items":[{"class":"name","value":"Ann","subject":"new"}]}' "$URL/v1/seal")" 200
	world_down
done

# What the document warns of: without the second file, customers are lost.
rm -rf "$W/run"
mkdir "$W/run"
cp -a "$W/copy.2/backup/." "$W/run/"
rm "$W/run/keyd/keyd.db-wal"
start_keyd
start_scrimd
lost() { [ "$(opens "$(tail -n 1 <(sort -n "$W/before.2"))")" != 64 ]; }
await 5 ready
ok "keyd.db alone does not open them all" lost
tap_done
