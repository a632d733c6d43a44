#!/bin/bash
# weakness: order-taken-over
# The shop adds to an order by its id alone. Mallory, a customer too, places an order of her own under
# the id of Ann's. What the shop writes to Ann's order next would then be sealed for Mallory:
# as tokens that she has shipped to herself, and that erasing Ann does not reach.
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	[ { at: "$.address", class: "address", do: "seal" } ] as $seal
	| def store($path; $subject): { name: "s\($path | gsub("[^a-z]"; "-"))", match: { path: $path }, upstream: $orders, purpose: "order_processing",
		subject: $subject, request: $seal };
	  [ store("/orders"; ["$.buyer.id", { order: "$.id" }]),
	    store("/orders/{id}"; ["$.buyer.id", { order: "path.id" }]),
	    { name: "waybill", match: { path: "/waybill" }, upstream: $echo, purpose: "order_processing", from: ["order_system"],
	      to: { role: "carrier", purpose: "delivery" }, subject: "$.buyer.id",
	      request: [ { at: "$.address", class: "address", do: "policy" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer label echo "$CARRIER_PORT"
world_up

J='Content-Type: application/json'
put() { # ROLE METHOD PATH BODY: the status
	world_curl "$1" -o "$W/answer" -w '%{http_code}' -X "$2" -H "$J" -d "$4" "$PLAIN$3"
}
order() { jq -cn --arg i "$1" --arg b "$2" --arg a "$3" '{ id: $i, buyer: { id: $b }, address: $a }'; }
added() { # ADDRESS: what the order system has of it, added to Ann's order
	put order_system PATCH /orders/A-1 "$(jq -cn --arg a "$1" '{ address: $a }')" >"$W/status"
	tail -1 "$W/orders.ndjson" | jq -r .address
}
shipped() { # TOKEN PERSON TEXT: is it printed on a label of theirs, by way of an order of theirs?
	put shop POST /orders "$(order "own-$2" "$2" "$1")" >"$W/status"
	put order_system POST /waybill "$(tail -1 "$W/orders.ndjson")" >"$W/status"
	grep -q '^200$' "$W/status" && tail -n 1 "$W/label.ndjson" | grep -qF "$3"
}
opens() {
	world_curl order_system -H 'Scrim-Purpose: delivery' -H "$J" -d "$(jq -nc --arg t "$1" '{items:[{token:$t}]}')" "$PLAIN/v1/reveal" |
		jq -r '.items[0] | .value // .status'
}

is "Ann orders" "$(put shop POST /orders "$(order A-1 ann '1 Example Street')")" 201
ok "what is added to her order is hers" shipped "$(added '2 Example Street')" ann "2 Example Street"
no "and not Mallory's" shipped "$(added '3 Example Street')" mallory "3 Example Street"

is "Mallory orders under that id, and no order is lost" "$(put shop POST /orders "$(order A-1 mallory '9 Test Road')")" 201
hers=$(tail -1 "$W/orders.ndjson" | jq -r .address)
moved=$(added '4 Example Street')
attack "Mallory has what is added to Ann's order shipped to herself" shipped "$moved" mallory "4 Example Street"
own() { [ "$(added "$hers")" = "$hers" ]; }
attack "a token of Mallory's is own in Ann's order" own
is "Ann is erased" "$(world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -d '{"subject":"ann"}' "$PLAIN/v1/subjects/erase" | jq -r .status)" erased
left() { [ "$(opens "$moved")" != gone ]; }
attack "and what was added to her order outlives her" left

[ "${VARIANT:-release}" = weak ] || {
	is "her order is then whose it is said to be" "$(put shop POST /orders "$(order A-1 mallory '9 Test Road')" >"$W/status"; shipped "$(added '5 Test Road')" mallory "5 Test Road" && echo hers)" hers
	sleep 1.5
	ok "keyd's log counts who was named for it" grep -rq '"claimed":1' "$W/run/keyd/log"
}
tap_done
