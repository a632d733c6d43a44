#!/bin/bash
# A token of an answer is what policy makes of it for who asked, wherever it stands: at a place that no
# rule names, in a text, or in one that an application put together of several. Put together on the way
# to storage its tokens stay, and what stands beside them is sealed.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg carrier "http://127.0.0.1:$CARRIER_PORT" '
	{ upstream: $orders, purpose: "order_processing", subject: "$.buyer.id" } as $r |
	[ $r + { name: "orders", match: { path: "/orders" }, request: [ { at: "$.receiver.name", class: "name", do: "seal" }, { at: "$.receiver.phone", class: "phone", do: "seal" },
		{ at: "$.receiver.address", class: "address", do: "seal" } ] },
	  $r + { name: "reads", match: { path: "/reads/*" }, response: [ { at: "$.receiver.name", class: "name", do: "policy" } ] },
	  $r + { name: "mirrored", match: { path: "/mirrored/*" }, request: [ { at: "$.receiver.name", class: "name", do: "seal" } ], response: "mirror" },
	  $r + { name: "plain", match: { path: "/plain/*" } },
	  { name: "carrier", match: { path: "/waybill" }, upstream: $carrier, purpose: "order_processing", from: ["order_system"], to: { role: "carrier", purpose: "delivery" },
	    request: [ { at: "$.receiver.address", class: "address", do: "policy" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply"
start_peer carrier echo "$CARRIER_PORT"
world_up

J='Content-Type: application/json'
store() { rm -f "$W/reply"; world_curl shop -o "$W/answer" -w '%{http_code}' -H "$J" -d "$1" "$PLAIN/orders"; }
reply() { printf 'HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %s\r\n\r\n%s' "$J" "$(printf %s "$1" | wc -c)" "$1" >"$W/reply.new" && mv "$W/reply.new" "$W/reply"; }
asked() { # ROLE PATH: what is answered
	world_curl "$1" -H "Scrim-Purpose: ${3:-order_processing}" "$PLAIN/$2"
}

is "an order is stored" "$(store '{"buyer":{"id":"c1"},"receiver":{"name":"Ann Example","phone":"07700 900123","address":"1 Example Street, Leeds"}}')" 201
read -r NAME PHONE ADDRESS < <(jq -r '.receiver | "\(.name) \(.phone) \(.address)"' "$W/orders.ndjson")
ok "as tokens" grep -q '^sct1-.*' <<<"$ADDRESS"
is "of somebody else, too" "$(store '{"buyer":{"id":"c2"},"receiver":{"name":"Bea Example"}}')" 201
OTHER=$(tail -1 "$W/orders.ndjson" | jq -r .receiver.name)

reply "{\"buyer\":{\"id\":\"c1\"},\"receiver\":{\"name\":\"$NAME\"},\"ship_to\":{\"n\":\"$NAME\"},\"log\":[\"called $PHONE twice\",\"$PHONE\"],\"sku\":\"A-1\"}"
WHO='[.receiver.name, .ship_to.n, .log[0], .log[1], .sku]'
for route in reads mirrored; do
	is "$route: wherever a token stands it is what the caller may see of it" "$(asked order_system $route/1 | jq -c "$WHO")" \
		'["A** E******","A** E******","called 077** **0123 twice","077** **0123","A-1"]'
	is "$route: for another purpose more" "$(asked order_system $route/1 delivery | jq -c "$WHO")" \
		'["Ann Example","Ann Example","called 07700 900123 twice","07700 900123","A-1"]'
done
is "a route without rules for its answers passes them as they are" "$(asked order_system plain/1)" "$(sed '1,/^\r$/d' "$W/reply")"
reply "{\"buyer\":{\"id\":\"c1\"},\"x\":\"$OTHER\",\"y\":\"for $OTHER\"}"
is "somebody else's stays closed" "$(asked order_system reads/1 delivery | jq -c '[.x, .y]')" "[null,\"for $OTHER\"]"
reply "{\"buyer\":{\"id\":\"c1\"},\"x\":\"{\\\"n\\\":\\\"$NAME\\\"}\"}"
is "in JSON in a string it is opened as that wants it written" "$(asked order_system reads/1 delivery | jq -r ".x | fromjson | .n")" "Ann Example"

# ---- in clear, where a token was expected
reply '{"buyer":{"id":"c1"},"receiver":{"name":"Cyd Example"},"note":"Cyd Example"}'
for route in reads mirrored; do
	is "$route: a clear value at a declared or mirrored name is masked" "$(asked order_system $route/1 | jq -c '[.receiver.name, .note]')" '["C** E******","Cyd Example"]'
done
is "they are counted" "$(curl -s "$PLAIN/metrics" | awk '/^scrim_clear_values_total/ { print $2 }')" 2
told() { "$BIN/scrim" drift --config "$W/scrim.json" --json | jq -c 'map(select(.by == "clear") | [.route, .place, .class, .did, .times]) | sort'; }
ok "and told by their rules' places" await 10 eval '[ "$(told)" = "[[\"mirrored\",\"$..name\",\"name\",\"mask\",1],[\"reads\",\"$.receiver.name\",\"name\",\"mask\",1]]" ]'
"$BIN/scrim" drift --config "$W/scrim.json" >"$W/drift"
is "who reads it is given no line for what has its rule" "$(grep -c 'in clear' "$W/drift") $(grep -c 'in "request"' "$W/drift")" "2 0"
no "no log has a value" grep -rqsaE 'Cyd|Example' "$W/run" "$W/log"

# ---- put together
reply "{\"buyer\":{\"id\":\"c1\"},\"receiver\":{\"name\":\"Mr $NAME ($NAME)\"}}"
is "a name of several is opened token by token" "$(asked order_system reads/1 delivery | jq -r .receiver.name)" "Mr Ann Example (Ann Example)"
is "for who sees masks what stands beside is one" "$(asked order_system reads/1 | jq -r .receiver.name)" "**** A** E****** (A** E******)"
is "a label has the address and what was written to it" "$(world_curl order_system -o /dev/null -w '%{http_code}' -H "$J" -d "{\"receiver\":{\"address\":\"$ADDRESS (Flat 2)\"}}" "$PLAIN/waybill"; jq -r .receiver.address "$W/carrier.ndjson")" \
	"2001 Example Street, Leeds (Flat 2)"
is "sent back, its tokens stay" "$(store "{\"buyer\":{\"id\":\"c1\"},\"receiver\":{\"name\":\"Mr $NAME\",\"address\":\"$ADDRESS\"}}")" 201
tail -1 "$W/orders.ndjson" | jq -r .receiver.name >"$W/name"
is "and what was written to it is sealed" "$(sed 's/sct1-[0-9a-z]*/TOKEN/g' "$W/name") $(grep -c " $NAME\$" "$W/name")" "TOKEN TOKEN 1"
reply "{\"buyer\":{\"id\":\"c1\"},\"receiver\":{\"name\":\"$(cat "$W/name")\"}}"
is "so it comes back whole" "$(asked order_system reads/1 delivery | jq -r .receiver.name)" "Mr Ann Example"
is "somebody else's does not stand there" "$(store "{\"buyer\":{\"id\":\"c1\"},\"receiver\":{\"name\":\"Mr $OTHER\"}}"; tail -1 "$W/orders.ndjson" | jq -r .receiver.name | grep -c "$OTHER")" 2010
tap_done
