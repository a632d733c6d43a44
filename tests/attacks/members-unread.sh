#!/bin/bash
# An item that names its person in a way nobody reads, a number, another letter case, an
# object, is sealed under the key of everybody: erasing the person then erases nothing.
# weakness: members-unread
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
world_up
J='Content-Type: application/json'

survives() { # ITEM: it is sealed, and its token opens when the person is erased
	world_curl shop -H "$J" -d "{\"items\":[$1]}" "$URL/v1/seal" | jq -e '{ items: [ { token: .items[0].token } ] } | select(.items[0].token)' >"$W/ask" || return 1
	world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -d '{"subject":"c1"}' "$URL/v1/subjects/erase" >/dev/null
	world_curl support -H "$J" -H 'Scrim-Purpose: service' -d @"$W/ask" "$URL/v1/reveal" | jq -e '.items[0].status == "ok"' >/dev/null
}
N='"class":"name","value":"Ann Example"'
no "an item whose person is understood is erased with him" survives "{$N,\"subject\":\"c1\"}"
attack "the person's name in another letter case: outlives him" survives "{$N,\"Subject\":\"c1\"}"
attack "the person as another client calls it: outlives him" survives "{$N,\"subject_id\":\"c1\"}"
attack "the person as an object: outlives him" survives "{$N,\"subject\":{\"id\":\"c1\"}}"
attack "the person as an array: outlives him" survives "{$N,\"subject\":[\"c1\"]}"
attack "the person as true: outlives him" survives "{$N,\"subject\":true}"
tap_done
