#!/bin/bash
# weakness: subject-beneath
# When the customer's id is an object, the last scalar in it must not become the
# person: all customers of one tier would share a key, and erasing "gold" would
# destroy what belongs to each of them.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    request: [ { at: "$.name", class: "name", do: "seal" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up

order() { # BUYER-ID NAME
	world_curl shop -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
		-d "{\"buyer\":{\"id\":$1},\"name\":\"$2\"}" "$PLAIN/orders"
}
erase() {
	world_curl privacy_officer -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: erasure request' -X POST "$PLAIN/v1/subjects/$1/erase" |
		jq -r .status
}
gone() { [ "$(erase "$1")" = erased ]; }

is "two customers order" "$(order '{"id":"7001","tier":"gold"}' Ann; order '{"id":"7002","tier":"gold"}' Bob)" 201201
is "and one whose id is a list" "$(order '["7003","silver"]' Cy)" 201
said_twice=$(order '"7004","id":"7005"' Di)
[ "${VARIANT:-release}" = weak ] || is "one whose id is said twice is refused" "$said_twice" 422
attack "erasing a tier erases its customers" gone gold
attack "the last of a list is a person" gone silver
attack "the last of two ids is the person" gone 7005
is "a plain id is a person" "$(order '"7006"' Ed; erase 7006)" 201erased
is "a number is one, too" "$(order 7007 Flo; erase 7007)" 201erased
[ "${VARIANT:-release}" = weak ] || is "documents without a subject are counted" \
	"$(curl -s "$PLAIN/metrics" | sed -n 's/^scrim_documents_without_subject_total //p')" 3
tap_done
