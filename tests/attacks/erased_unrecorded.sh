#!/bin/bash
# keyd's log stands still when a person is to be erased, and keyd dies: their key would be
# destroyed without a record that tells who wanted it.
# weakness: commit-before-intent
. "$(dirname "$0")/../lib/attack.sh"

PATIENCE=3 # seconds
[ "${VARIANT:-release}" != weak ] || PATIENCE=10 # the attacker's: long enough on a slow disk too

world_new
jq -n '[]' | world_routes -
keyd_init || bail "keyd could not be initialised"
"$TOOLS/disk" new "$W/disk" || bail "no test disk"
start_keyd_on_disk() {
	TMPDIR=$W/tmp LD_PRELOAD=$TOOLS/testdisk.so SCRIM_DISK=$W/disk SCRIM_DISK_ROOT=$W/run \
		start keyd "$W/log/keyd.err" "$BIN/scrim-keyd" --config "$W/keyd.json" --demo
}
start_keyd_on_disk
start_scrimd
await 20 ready || bail "scrimd did not become ready"

seal() { # SUBJECT: a token of theirs
	world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"'"$1"'"}]}' "$URL/v1/seal" | jq -r '.items[0].token'
}
status() { # TOKEN
	world_curl order_system -H 'Scrim-Purpose: order_processing' \
		-d '{"items":[{"token":"'"$1"'"}]}' "$URL/v1/reveal" | jq -r '.items[0].status'
}
erase() { # SUBJECT SECONDS: waits for its answer so long
	CURL_MAX=$2 world_curl privacy_officer -X POST -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: a check' "$URL/v1/subjects/$1/erase" >"$W/erased" 2>&1
}
answers() { [[ $(status "$token") =~ ^(ok|gone)$ ]]; } # and not that keyd is away
is_gone() { [ "$(status "$token")" = gone ]; }
told() { # in keyd's log, of an erasure
	"$BIN/scrim" audit show --log "$W/run/keyd/log" --json | jq -e 'select(.entry.kind == "erase")' | grep -q .
}
token=$(seal c1)
is "at first it opens" "$(status "$token")" ok
sleep 1.2 # the second's progress is told
"$TOOLS/disk" block "$W/disk" 'keyd/log/journal.*'
erase c1 "$PATIENCE"
ok "the disk was standing still meanwhile" "$TOOLS/disk" waits "$W/disk"
stop keyd KILL
"$TOOLS/disk" release "$W/disk"
start_keyd
await 20 ready || bail "keyd does not start again"
await 20 answers || bail "keyd does not answer again"
no "nobody was told that they are erased" grep -q '"erased"' "$W/erased"
no "and of an erasure the log does not tell" told
attack "a key destroyed without a record" is_gone
# what is not the attack
if [ "${VARIANT:-release}" != weak ]; then
	erase c1 20
	ok "asked again, on a disk that works, it is done" grep -q '"erased"' "$W/erased"
	is "the token is gone" "$(status "$token")" gone
	ok "and the log tells" told
fi
tap_done
