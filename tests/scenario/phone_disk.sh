#!/bin/bash
# A virtual number is on disk before it is told; while the disk takes none there is
# none, nobody is half erased, and everything else goes on.
. "$(dirname "$0")/../lib/world.sh"

world_new
DISK=$W/disk
WORLD_PHONE='{ "home": "44", "pools": [ { "name": "labels", "mode": "AXE", "ext_digits": 4, "dial": ["44"], "numbers": [{ "number": "+441632960001" }] } ] }'
echo '[]' | world_routes -
disk() { "$TOOLS/disk" "$1" "$DISK" "${@:2}"; }
disk new || bail "no test disk"
keyd_init || bail "keyd could not be initialised"
start_keyd
ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$TOOLS/testdisk.so SCRIM_DISK=$DISK SCRIM_DISK_ROOT=$W/run start_scrimd
await 20 ready || bail "scrimd does not start on the test disk"

ask() { # ROLE PURPOSE METHOD PATH [BODY]: the status; the answer is in $W/answer
	CURL_MAX=60 world_curl "$1" -o "$W/answer" -w '%{http_code}' -X "$3" -H "Scrim-Purpose: $2" -H 'Content-Type: application/json' \
		${5:+--data-binary "$5"} "$PLAIN$4"
}
bind() { ask order_system order_processing POST /v1/bindings "{\"pool\":\"labels\",\"order_ref\":\"$1\",\"a\":\"07700900123\",\"subject\":\"$2\"}"; }
numbers() { curl -s "$PLAIN/readyz" | jq -e ".numbers == $1" >/dev/null; }
opens() { # the token in $W/token
	ask order_system delivery POST /v1/reveal "{\"items\":[{\"token\":\"$(cat "$W/token")\"}]}" >/dev/null
	jq -e '.items[0].value == "Leaver Example"' "$W/answer" >/dev/null
}

is "a number is bound" "$(bind SO-1 leaver)" 201
ID=$(jq -r .id "$W/answer")
ask order_system order_processing POST /v1/seal '{"items":[{"class":"name","subject":"leaver","value":"Leaver Example"}]}' >/dev/null
jq -rj '.items[0].token' "$W/answer" >"$W/token"
ok "a value of the same person opens" opens

# ---- held back ----
disk block 'scrim.db*'
bind SO-2 someone >"$W/code" &
HELD=$!
ok "the row is held back" disk waits
ok "scrimd goes on answering meanwhile" ready
no "and no number was told" test -s "$W/code"
disk release
wait $HELD
is "when it is on disk it is told" "$(cat "$W/code")" 201

# ---- refused ----
disk fail 'scrim.db*'
is "what cannot be kept is not bound" "$(bind SO-3 someone)" 503
ok "because of the numbers" jq -e '.type == "urn:scrim:problem:numbers-unavailable"' "$W/answer"
ok "readyz says so" await 5 numbers false
is "what was bound is read" "$(ask order_system order_processing GET "/v1/bindings/$ID")" 200
is "nobody is erased" "$(ask privacy_officer audit POST /v1/subjects/erase '{"subject":"leaver"}')" 503
ok "because of the numbers" jq -e '.type == "urn:scrim:problem:numbers-unavailable"' "$W/answer"
ok "the person's values open as before" opens
is "but nobody reaches them any more" "$(ask order_system order_processing GET "/v1/bindings/$ID")" 200
ok "it was asked for" jq -e '.state == "cooling"' "$W/answer"
disk release

# ---- and back ----
ok "it is noticed when the disk is well" await 20 numbers true
is "numbers are bound again" "$(bind SO-3 someone)" 201
is "and the person is erased" "$(ask privacy_officer audit POST /v1/subjects/erase '{"subject":"leaver"}')" 200
no "for good" opens
stop scrimd KILL
start_scrimd
await 20 ready || bail "scrimd does not start again"
is "after a kill it is over" "$(ask order_system order_processing GET "/v1/bindings/$ID")" 200
ok "still" jq -e '.state == "cooling" and .a.status == "gone"' "$W/answer"
is "the others are live" "$(ask order_system order_processing GET '/v1/bindings?order_ref=SO-2')" 200
ok "as they were" jq -e '.items[0].state == "live"' "$W/answer"
tap_done
