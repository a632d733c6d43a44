#!/bin/bash
# A document of several people: a list of a hundred buyers, a waybill with sender and receiver.
# A rule says whose its field is, in the element it stands in; so each can be erased alone, and
# nobody's token is good in another's place.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	def each($do): [ { at: "$.orders[*].receiver.place", class: "address", do: $do, subject: "$.orders[*].buyer.id" },
		{ at: "$.orders[*].lines[*].engraved", class: "address", do: $do, subject: "$.orders[*].buyer.id" } ];
	def both($do): [ { at: "$.sender.place", class: "address", do: $do, subject: "$.sender.id" },
		{ at: "$.receiver.place", class: "address", do: $do, subject: { guest: "$.order" } } ];
	def asked: { upstream: $orders, purpose: "order_processing" };
	def sent: { upstream: $echo, purpose: "order_processing", from: ["order_system"], to: { role: "carrier", purpose: "delivery" } };
	[ (asked + { name: "batch", match: { path: "/batch" }, foreign: "refuse", request: each("seal") }),
	  (asked + { name: "batch-of", match: { path: "/of" }, foreign: "refuse", subject: "$.shop.owner", request: each("seal") }),
	  (asked + { name: "strict", match: { path: "/strict" }, subject: { from: "$.shop.owner", required: true }, request: each("seal") }),
	  (sent + { name: "labels", match: { path: "/labels" }, request: each("policy") }),
	  (sent + { name: "labels-strict", match: { path: "/labels-strict" }, subject: { from: "$.shop.owner", required: true }, request: each("policy") }),
	  (asked + { name: "send", match: { path: "/send" }, foreign: "refuse", request: both("seal") }),
	  (sent + { name: "waybill", match: { path: "/waybill" }, request: both("policy") }) ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer label echo "$CARRIER_PORT"
world_up

J='Content-Type: application/json'
put() { # ROLE PATH [BODY]: the status; BODY, or what comes in
	local body=${3:-@-}
	world_curl "$1" -o "$W/answer" -w '%{http_code}' -H "$J" --data-binary "$body" "$PLAIN$2"
}
stored() { tail -1 "$W/orders.ndjson"; }
printed() { tail -1 "$W/label.ndjson"; } # what the carrier was handed last
problem() { jq -r .type "$W/answer" | sed 's/.*://'; }
erase() { world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -d "{\"subject\":\"$1\"}" "$PLAIN/v1/subjects/erase" | jq -r .status; }
# Of each of N orders the buyer is named behind what is theirs.
batch() { # N
	jq -cn --argjson n "$1" '{ orders: [ range($n) | { receiver: { place: "Ann Example \(.)" }, lines: [ {}, { engraved: "Bob Example \(.)" } ], buyer: { id: "c-\(.)" } } ] }'
}
names() { jq -r '.orders[] | .receiver.place, .lines[1].engraved'; }

# ---- a list of a hundred buyers ----
is "a hundred orders are taken at once" "$(batch 100 | put shop /batch)" 201
stored >"$W/hundred"
no "the order system has no address" grep -q Example "$W/hundred"
is "but two hundred tokens" "$(names <"$W/hundred" | grep -c '^sct1-')" 200
is "they are labelled at once" "$(put order_system /labels "@$W/hundred")" 200
is "with every address in its place" "$(printed | names)" "$(batch 100 | names)"
is "one of them is erased" "$(erase c-41)" erased
is "the list still goes out" "$(put order_system /labels "@$W/hundred")" 200
is "without theirs, and with everybody else's" "$(printed | names)" "$(batch 100 | jq '(.orders[41] | .receiver.place, .lines[1].engraved) = null' | names)"

# ---- nobody's token is good in another's place ----
swapped() { jq -c '.orders[3].receiver.place as $n | .orders[3].receiver.place = .orders[5].receiver.place | .orders[5].receiver.place = $n'; }
is "tokens of two buyers change places" "$(swapped <"$W/hundred" | put order_system /labels; printed | jq -r '[.orders[3,5,7].receiver.place] | @csv')" '200,,"Ann Example 7"'
is "an order with another's token is refused" "$(swapped <"$W/hundred" | put shop /batch; problem)" "422foreign-token"
is "one's own is taken, wherever the order stands" "$(jq -c '.orders |= reverse' "$W/hundred" | put shop /batch)" 201
is "in one's own order it moves" "$(jq -c '.orders |= map(.lines[0].engraved = .receiver.place)' "$W/hundred" | put shop /batch)" 201

# ---- an element that names nobody, or two ----
nameless='{"shop":{"owner":"s-1"},"orders":[{"receiver":{"place":"Di Example"}},{"receiver":{"place":"Ed Example"},"buyer":{"id":"c-2"}}]}'
is "who is not named in an element is whom the document names" "$(put shop /of "$nameless")" 201
stored >"$W/of"
is "and goes with them" "$(erase s-1; put order_system /labels-strict "@$W/of"; printed | names | grep -v null)" "erased
200Ed Example"
is "where nobody is named it is refused, if somebody must be" "$(put shop /strict "${nameless/shop/nobody}"; problem)" "422subject-missing"
is "all elements that have something have their own: nobody else must be" "$(batch 3 | put shop /strict)" 201
is "an element of two people is nobody's" "$(put shop /strict '{"orders":[{"buyer":{"id":"c-1"},"receiver":{"place":"Flo Example"},"buyer":{"id":"c-2"}}]}'; problem)" "422subject-missing"
is "nor has true a person" "$(put shop /strict '{"orders":[{"buyer":{"id":true},"receiver":{"place":"Flo Example"}}]}'; problem)" "422subject-missing"
is "an id behind escapes is the same" "$(put shop /batch "$(jq -c '.orders[7:8] as $o | { orders: $o }' "$W/hundred" | sed 's/"c-7"/"\\u0063-7"/')")" 201

# ---- sender and receiver ----
is "a parcel from one to another" "$(put shop /send '{"order":"o-1","receiver":{"place":"Gus Example"},"sender":{"place":"Hal Example","id":"hal"}}')" 201
stored >"$W/parcel"
is "has both on its label" "$(put order_system /waybill "@$W/parcel"; printed | jq -r '[.sender.place, .receiver.place] | join(", ")')" "200Hal Example, Gus Example"
is "in each other's place neither" "$(jq -c '.sender.place as $s | .sender.place = .receiver.place | .receiver.place = $s' "$W/parcel" | put order_system /waybill; printed | jq -c '[.sender.place, .receiver.place]')" '200[null,null]'
is "the receiver of that order is erased" "$(erase guest:o-1)" erased
is "the sender is not" "$(put order_system /waybill "@$W/parcel"; printed | jq -c '[.sender.place, .receiver.place]')" '200["Hal Example",null]'

# ---- a subject that shares no element with its rule ----
wrong() { # RULE: config check refuses it with those words
	jq --argjson r "$1" '.routes[0].request = [ $r ]' "$W/scrim.json" >"$W/wrong.json"
	"$BIN/scrim" config check "$W/wrong.json" >"$W/out" 2>&1 && return 1
	grep -q "$2" "$W/out" || { sed 's/^/# /' "$W/out"; return 1; }
}
ok "another list's people are not this one's" wrong '{"at":"$.orders[*].name","class":"address","do":"seal","subject":"$.people[*].id"}' 'each element that "at" goes through'
ok "nor are a list's a single field's" wrong '{"at":"$.name","class":"address","do":"seal","subject":"$.people[*].id"}' 'each element that "at" goes through'
ok "nor those at any depth" wrong '{"at":"$.orders[*].name","class":"address","do":"seal","subject":"$..id"}' 'each element that "at" goes through'
ok "a mask is nobody's" wrong '{"at":"$.name","class":"address","do":"mask","subject":"$.id"}' 'does not go with'
tap_done
