#!/bin/bash
# keyd's disk stands still: whoever asks now wants the value before the record that
# they had it is on disk, where a power cut would take the record back.
# weakness: answer-before-record
. "$(dirname "$0")/../lib/attack.sh"

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

PHONE="07700 900123"
token=$(world_curl shop -d '{"items":[{"class":"phone","value":"'"$PHONE"'","subject":"c1"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
reveal() { # SECONDS: what comes in that time
	CURL_MAX=$1 world_curl support_lead -H 'Scrim-Purpose: service' -H 'Scrim-Reason: called back' \
		-d '{"items":[{"token":"'"$token"'"}]}' "$URL/v1/reveal"
}
ok "on a disk that works the value is shown" grep -qF "$PHONE" <(reveal 20)

"$TOOLS/disk" block "$W/disk" 'keyd/log/journal.*'
reveal 4 >"$W/early"
attack "the value, while its record is not on disk" grep -qF "$PHONE" "$W/early"
ok "the disk was standing still meanwhile" "$TOOLS/disk" waits "$W/disk"
"$TOOLS/disk" release "$W/disk"
ok "when it goes on, so do answers" grep -qF "$PHONE" <(reveal 20)
tap_done
