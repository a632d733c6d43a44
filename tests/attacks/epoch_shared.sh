#!/bin/bash
# A copy of keyd's database and log, started with the same epoch file as the first (a trial
# installation whose configuration names it by its full path): its first erasure would destroy the
# key that all of the first's people lie under, and the first would seal on under it.
# weakness: epoch-shared
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_routes - <<<'[]'
world_up
J='Content-Type: application/json'
world_curl shop -H "$J" -o "$W/sealed" -d '{"items":[{"class":"name","subject":"ann","value":"Ann"}]}' "$URL/v1/seal"
mkdir "$W/copy"
cp -r "$W"/run/keyd/keyd.db* "$W/run/keyd/log" "$W/copy/"
rm -f "$W/copy/keyd.db.lock"
jq '. + { store: "copy/keyd.db", log: "copy/log", socket: "copy/keyd.sock", operator: "copy/operator.sock",
	epoch: "run/keyd/keyd.epoch" }' "$W/keyd.json" >"$W/copy.json"
ok "the copy is one" test -s "$W/copy/keyd.db"
"$BIN/scrim-keyd" --config "$W/copy.json" --demo 2>"$W/log/copy.err" &
COPY=$!
two() {
	await 3 grep -q '"keyd.ready"' "$W/log/copy.err" || return 1
	"$BIN/scrim" keys rotate epoch --config "$W/scrim.json" --keyd-config "$W/copy.json" >/dev/null
}
destroyed() {
	two
	kill "$COPY" 2>/dev/null
	wait "$COPY"
	world_down
	start_keyd
	! await 3 eval 'grep -c "\"keyd.ready\"" "$W/log/keyd.err" | grep -qx 2'
}
attack "the first one's keys, destroyed by its copy" destroyed
[ "${VARIANT:-release}" = weak ] || ok "the copy is told why" grep -q 'another keyd lives by this epoch file' "$W/log/copy.err"
tap_done
