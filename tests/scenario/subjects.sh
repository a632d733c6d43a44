#!/bin/bash
# Whose a document is: guests, gifts, shared accounts; by the path, the query, a field. A
# customer's own token moves between their orders, and nobody else's does.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	[ ["$.receiver.name", "name"], ["$.receiver.address", "address"] ] as $fields
	| def rules($do): [ $fields[] | { at: .[0], class: .[1], do: $do } ];
	  def store($path; $subject): { name: "s\($path | gsub("[^a-z]"; "-"))", match: { path: $path }, upstream: $orders, purpose: "order_processing",
		foreign: "refuse", subject: $subject, request: rules("seal") };
	  ["$.buyer.id", { guest: "$.order" }] as $of_body
	| [ store("/orders"; $of_body),
	    store("/people/{who}/orders"; "path.who"),
	    store("/people/ann/orders"; { from: "header.Buyer", required: true }),
	    store("/asked"; { from: ["query.buyer", "$.buyer.id"], required: true }),
	    { name: "waybill", match: { path: "/waybill" }, upstream: $echo, purpose: "order_processing", from: ["order_system"],
	      to: { role: "carrier", purpose: "delivery" }, subject: { from: $of_body, required: true }, request: rules("policy") },
	    { name: "list", match: { path: "/people/{who}/seen" }, upstream: $echo, purpose: "delivery", subject: "path.who", response: rules("policy") } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer label echo "$CARRIER_PORT"
world_up

J='Content-Type: application/json'
put() { # ROLE PATH BODY [curl args]: the status
	local role=$1 path=$2 body=$3; shift 3
	world_curl "$role" -o "$W/answer" -w '%{http_code}' -H "$J" "$@" -d "$body" "$PLAIN$path"
}
stored() { tail -1 "$W/orders.ndjson"; }
problem() { jq -r .type "$W/answer" | sed 's/.*://'; }
order() { jq -cn --argjson b "$1" --arg o "$2" --arg n "$3" '{ order: $o, buyer: $b, receiver: { name: $n, address: "1 Example Street" } }'; }

# ---- a gift: whoever receives it, the buyer's order is the buyer's ----
is "Ann buys for Bob" "$(put shop /orders "$(order '{"id":"ann"}' o-1 'Bob Example')")" 201
stored >"$W/gift"
is "and the label is printed" "$(put order_system /waybill "$(cat "$W/gift")"; jq -r .receiver.name "$W/answer")" "200B** E******"
bob=$(jq -r .receiver.name "$W/gift")
# ---- an own token moves between one's orders; somebody else's does not ----
is "Ann repeats her order, out of the shop's own records" "$(put shop /orders "$(order '{"id":"ann"}' o-2 "$bob")"; stored | jq -r .receiver.name)" "201$bob"
is "Bob cannot use it" "$(put shop /orders "$(order '{"id":"bob"}' o-3 "$bob")"; problem)" "422foreign-token"
is "an account that two people share has both" "$(put shop /orders "$(order '{"id":"ann"}' o-4 'Cy Example')"; put shop /orders "$(order '{"id":"ann"}' o-5 "$bob")")" 201201

# ---- guests are known by their order alone ----
is "a guest orders" "$(put shop /orders "$(order null o-6 'Gus Example')")" 201
stored >"$W/guest"
gus=$(jq -r .receiver.name "$W/guest")
is "whose parcel goes out" "$(put order_system /waybill "$(cat "$W/guest")"; jq -r .receiver.name "$W/answer")" "200G** E******"
is "another guest has nothing of it" "$(put shop /orders "$(order null o-7 "$gus")"; problem)" "422foreign-token"
is "nor an account that is called as they are" "$(put order_system /waybill "$(jq -c '.buyer = { id: "guest:o-6" } | .order = "o-9"' "$W/guest")"; problem)" "422subject-missing"
is "a guest is erased by the order" "$(world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -d '{"subject":"guest:o-6"}' "$PLAIN/v1/subjects/erase" | jq -r .status)" erased
is "and their parcel says nothing" "$(put order_system /waybill "$(cat "$W/guest")"; jq -r .receiver.name "$W/answer")" "200null"
is "who names neither is refused, where somebody must be named" "$(put order_system /waybill '{"receiver":{"name":"x"}}'; problem)" "422subject-missing"

# ---- by the path, the query and a field ----
is "a path says whose it is" "$(put shop /people/ann/../bob/orders "$(order null o-8 Di)" --path-as-is; put shop /people/bob/orders "$(order null o-8 'Bob Example')")" 400201
stored >"$W/bob"
is "as the body would have" "$(put shop /orders "$(order '{"id":"bob"}' o-9 "$(jq -r .receiver.name "$W/bob")")")" 201
is "the closer path has its own subject: a field" "$(put shop /people/ann/orders "$(order null o-10 "$bob")"; put shop /people/ann/orders "$(order null o-10 "$bob")" -H 'Buyer: ann')" 422201
is "a field that is there twice names nobody" "$(put shop /people/ann/orders "$(order null o-10 "$bob")" -H 'Buyer: ann' -H 'Buyer: ann'; problem)" "422subject-missing"
is "a query" "$(put shop '/asked?buyer=ann' "$(order '{"id":"bob"}' o-11 "$bob")"; put shop '/asked?x=1' "$(order '{"id":"ann"}' o-11 "$bob")")" 201201
is "that says it twice names nobody" "$(put shop '/asked?buyer=ann&b%75yer=bob' "$(order '{"id":"ann"}' o-12 "$bob")"; problem)" "422subject-missing"
is "an answer is read by whose path it is" "$(put order_system /people/ann/seen "$(cat "$W/gift")" -H 'Scrim-Purpose: order_processing'; jq -r .receiver.name "$W/answer" | grep -vc '^null$')" 2001
is "and not by another's" "$(put order_system /people/bob/seen "$(cat "$W/gift")" -H 'Scrim-Purpose: order_processing'; jq -r .receiver.name "$W/answer")" "200null"

# ---- and what the check says ----
jq '.routes[1].subject = "path.nobody"' "$W/scrim.json" >"$W/wrong.json"
ok "a place that the path has not is told" eval '"$BIN/scrim" config check "$W/wrong.json" 2>&1 | grep -q "there is no {nobody} in the route"'
jq '.routes[1].subject = "cookie.id"' "$W/scrim.json" >"$W/wrong.json"
ok "and one that is none" eval '"$BIN/scrim" config check "$W/wrong.json" 2>&1 | grep -q "query.NAME or header.NAME"'
tap_done
