#!/bin/bash
# A bulk restore and an erasure are on record, on disk, before anything happens:
# scrimd's log is held back on the test disk, and not a byte arrives meanwhile.
. "$(dirname "$0")/../lib/world.sh"

world_new
DISK=$W/disk
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
disk() { "$TOOLS/disk" "$1" "$DISK" "${@:2}"; }
disk new || bail "no test disk"
keyd_init || bail "keyd could not be initialised"
start_keyd
ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$TOOLS/testdisk.so SCRIM_DISK=$DISK SCRIM_DISK_ROOT=$W/run start_scrimd
await 20 ready || bail "scrimd does not start on the test disk"

"$TOOLS/gen_orders" --shape crm --count 3 --seed 5 >"$W/crm.in"
"$BIN/scrim" rewrite --config "$W/scrim.json" --route crm --key "$W/keys/order_system.key" \
	--purpose order_processing <"$W/crm.in" >"$W/crm.sealed" || bail "nothing was sealed"

# a value of the first order that left as a token
VALUE=$(diff <(head -1 "$W/crm.in" | jq -r '.. | strings') <(head -1 "$W/crm.sealed" | jq -r '.. | strings') |
	sed -n 's/^< //p' | head -1)
no "a value is sealed" grep -qF "${VALUE:-sct1-}" "$W/crm.sealed"

restore() { # FILE: the lines into it, the status into FILE.code
	CURL_MAX=60 world_curl privacy_officer -N -o "$1" -w '%{http_code}' -H 'Content-Type: application/x-ndjson' \
		-H 'Scrim-Purpose: audit' -H 'Scrim-Reason: a check' -H 'Scrim-Ticket: T-100' \
		--data-binary @"$W/crm.sealed" "$PLAIN/v1/rewrite/crm?restore=1" >"$1.code"
}
erase() { # FILE
	CURL_MAX=60 world_curl privacy_officer -o "$1" -w '%{http_code}' -X POST \
		-H 'Scrim-Purpose: audit' -H 'Scrim-Reason: a check' "$PLAIN/v1/subjects/leaver/erase" >"$1.code"
}
reveals() { # the token in $W/leaver opens
	jq -n --rawfile t "$W/leaver" '{ items: [ { token: $t } ] }' | world_curl order_system -H 'Content-Type: application/json' \
		-H 'Scrim-Purpose: delivery' -H 'Scrim-Reason: a check' --data-binary @- "$PLAIN/v1/reveal" |
		jq -e '.items[0].value == "Leaver Example"' >/dev/null
}

disk block 'log/journal.*'
restore "$W/held" &
HELD=$!
ok "the intent's write is held back" disk waits
ok "scrimd goes on answering meanwhile" ready
no "and of the restore not a byte has arrived" test -s "$W/held"
disk release
wait $HELD
is "when the intent is on disk the restore is answered" "$(cat "$W/held.code")" 200
is "with all orders" "$(wc -l <"$W/held")" 3
ok "and their values" grep -qF "$VALUE" "$W/held"

jq -n '{ items: [ { class: "name", subject: "leaver", value: "Leaver Example" } ] }' >"$W/seal.json"
world_curl order_system -H 'Content-Type: application/json' --data-binary @"$W/seal.json" "$PLAIN/v1/seal" |
	jq -rj '.items[0].token' >"$W/leaver"
ok "a person's token opens" reveals
disk block 'log/journal.*'
erase "$W/erased" &
HELD=$!
ok "the intent to erase is held back" disk waits
ok "scrimd goes on answering meanwhile" ready
no "and no erasure was told" test -s "$W/erased.code"
disk release
wait $HELD
is "when the intent is on disk the person is erased" "$(cat "$W/erased.code")" 200
no "and the token opens no more" reveals

disk fail 'log/journal.*'
restore "$W/refused"
is "an intent that cannot be written is a refusal" "$(cat "$W/refused.code")" 503
no "and nothing of the orders arrives" grep -qF "$VALUE" "$W/refused"
disk release
stop scrimd
stop keyd
tap_done
