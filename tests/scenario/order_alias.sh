#!/bin/bash
# Whose an order is, where a document names the order alone: the person who was named for it
# when it was sealed first. It is erased with them, moves with a merge, and nobody takes it over.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg echo "http://127.0.0.1:$CARRIER_PORT" '
	[ { at: "$.phone", class: "phone", do: "seal" }, { at: "$.remark", do: "scan" } ] as $seal
	| def store($path; $subject): { name: "s\($path | gsub("[^a-z]"; "-"))", match: { path: $path }, upstream: $orders, purpose: "order_processing",
		subject: $subject, request: $seal };
	  def order($place): { order: $place };
	  [ store("/orders"; ["$.buyer.id", order("$.id")]),
	    store("/orders/{id}"; ["$.buyer.id", order("path.id")]),
	    store("/strict/{id}"; { from: ["$.buyer.id", order("path.id")], required: true }),
	    (store("/refusing/{id}"; ["$.buyer.id", order("path.id")]) | .foreign = "refuse"),
	    store("/guests/{id}"; ["$.buyer.id", order("path.id"), { guest: "path.id" }]),
	    (store("/whose"; "$.buyer.id") | .foreign = "refuse"),
	    { name: "shown", match: { path: "/shown/{id}" }, upstream: $echo, purpose: "delivery", subject: { from: [order("path.id")], required: true },
	      response: [ { at: "$.phone", class: "phone", do: "policy" } ] },
	    { name: "waybill", match: { path: "/waybill/{id}" }, upstream: $echo, purpose: "order_processing", from: ["order_system"],
	      to: { role: "carrier", purpose: "delivery" }, subject: { from: [order("path.id")], required: true },
	      request: [ { at: "$.phone", class: "phone", do: "policy" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
start_peer label echo "$CARRIER_PORT"
world_up

J='Content-Type: application/json'
put() { # ROLE METHOD PATH BODY [curl args]: the status
	local role=$1 method=$2 path=$3 body=$4; shift 4
	world_curl "$role" -o "$W/answer" -w '%{http_code}' -X "$method" -H "$J" "$@" -d "$body" "$PLAIN$path"
}
stored() { tail -1 "$W/orders.ndjson"; }
problem() { jq -r .type "$W/answer" | sed 's/.*://'; }
phone() { jq -cn --arg p "$1" '{ phone: $p }'; }
new() { jq -cn --arg i "$1" --arg b "$2" --arg p "$3" '{ id: $i, buyer: { id: $b }, phone: $p }'; }
patched() { # ID PHONE: the token that the order system stores, sealed by another client
	put shop PATCH "/orders/$1" "$(phone "$2")" >"$W/status"
	grep -q '^20' "$W/status" && stored | jq -r .phone
}
opens() { # TOKEN: what a person at support sees of it
	world_curl order_system -H 'Scrim-Purpose: delivery' -H "$J" -d "$(jq -nc --arg t "$1" '{items:[{token:$t}]}')" "$PLAIN/v1/reveal" |
		jq -r '.items[0] | .value // .status'
}
erase() { world_curl privacy_officer -H "$J" -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked' -d "{\"subject\":\"$1\"}" "$PLAIN/v1/subjects/erase" | jq -r .status; }
merge() { world_curl order_system -H "$J" -H 'Scrim-Purpose: order_processing' -d "{\"from\":\"$1\"}" "$PLAIN/v1/subjects/$2/merge" | jq -r .status; }
whose() { # TOKEN PERSON: is it theirs? Somebody else's is refused
	[ "$(put shop PATCH /whose "$(jq -cn --arg t "$1" --arg b "$2" '{ buyer: { id: $b }, phone: $t }')")" != 422 ]
}

# ---- an order of c1's, and what is added to it by name of the order alone ----
is "an order is stored" "$(put shop POST /orders "$(new A-1 c1 '07700 900123')")" 201
first=$(stored | jq -r .phone)
is "another client adds to it" "$(put order_system PATCH /orders/A-1 '{"phone":"07700 900456","remark":"or 07700 900789"}')" 201
second=$(stored | jq -r .phone) third=$(stored | grep -o 'or sct1-[a-z0-9]*' | cut -d' ' -f2)
ok "what is added is the buyer's" whose "$second" c1
ok "what a remark says too" whose "$third" c1
no "and nobody else's" whose "$second" mallory
is "the buyer's own token is own there, and stays" "$(patched A-1 "$first")" "$first"
put shop POST /orders "$(new B-1 c2 '07700 900321')" >/dev/null
other=$(stored | jq -r .phone)
no "that of another buyer does not" [ "$(patched A-1 "$other")" = "$other" ]
is "and is refused where the route says so" "$(put shop PATCH /refusing/A-1 "$(phone "$other")"; problem)" "422foreign-token"
is "numbers and texts name one order" "$(put shop POST /orders '{"id":17,"buyer":{"id":"c2"},"phone":"07700 900322"}' >/dev/null
	put shop PATCH /refusing/17 "$(phone "$(stored | jq -r .phone)")")" 201

# ---- an order that nobody knows, and where somebody must be named ----
is "of an unknown order it is as if nobody was named" "$(patched Z-9 '07700 900111' | cut -c1-5)" sct1-
is "which a strict route refuses" "$(put shop PATCH /strict/Z-9 "$(phone '07700 900111')"; problem)" "422subject-missing"
is "as ever without any place" "$(put shop PATCH "/strict/Z-9?id=A-1" "$(phone '07700 900111')"; problem)" "422subject-missing"
is "of one that is known it takes it" "$(put shop PATCH /strict/A-1 "$(phone '07700 900111')")" 201
is "and the first who is named for it is its person" "$(put shop PATCH /strict/Z-9 "$(jq -cn '{ buyer: { id: "c3" }, phone: "07700 900222" }')"; put shop PATCH /strict/Z-9 "$(phone '07700 900333')")" 201201
ok "from then on" whose "$(stored | jq -r .phone)" c3

# ---- reading ----
is "an order's answer is read by whose it is" "$(put order_system POST /shown/A-1 "$(phone "$second")" -H 'Scrim-Purpose: order_processing'; jq -r .phone "$W/answer" | grep -c '\*')" 2001
is "and not by whose it is not" "$(put order_system POST /shown/B-1 "$(phone "$second")" -H 'Scrim-Purpose: order_processing'; jq -r .phone "$W/answer")" 200null
is "nor of an order that nobody knows" "$(put order_system POST /shown/none "$(phone "$second")" -H 'Scrim-Purpose: order_processing'; jq -r .phone "$W/answer")" 200null
is "a label is printed" "$(put order_system POST /waybill/A-1 "$(phone "$second")"; tail -1 "$W/label.ndjson" | jq -r .phone)" "200077** **0456"
is "not for another order" "$(put order_system POST /waybill/B-1 "$(phone "$second")"; tail -1 "$W/label.ndjson" | jq -r .phone)" 200null
is "and not for none" "$(put order_system POST /waybill/none "$(phone "$second")"; problem)" "422subject-missing"

# ---- whoever names an order's id later does not take it over ----
is "Mallory orders under c1's order id, and none is lost" "$(put shop POST /orders "$(new A-1 mallory '07700 900666')")" 201
hers=$(stored | jq -r .phone)
ok "what she sent is hers" whose "$hers" mallory
ok "what is added then is still c1's" whose "$(patched A-1 '07700 900457')" c1
no "and not hers" whose "$(patched A-1 '07700 900457')" mallory
no "her own token is none of that order's" [ "$(patched A-1 "$hers")" = "$hers" ]
sleep 1.5
ok "keyd's log counts that somebody tried" grep -rq '"claimed":1' "$W/run/keyd/log"

# ---- after a restart, after a crash ----
stop keyd
start_keyd
await 20 ready
ok "after a restart of keyd it is known" whose "$(patched A-1 '07700 900458')" c1
put shop POST /orders "$(new A-2 c1 '07700 900124')" >/dev/null
stop keyd KILL
start_keyd
await 20 ready
ok "and after a crash, what was answered a moment before" whose "$(patched A-2 '07700 900459')" c1

# ---- a merge moves orders; a guest is their order until then ----
is "a guest orders" "$(put shop PATCH /guests/G-1 "$(phone '07700 900701')")" 201
guest=$(stored | jq -r .phone)
ok "who is known by the order" whose "$guest" guest:G-1
is "and registers" "$(merge guest:G-1 c1)" merged
is "what is added then is the account's" "$(put shop PATCH /guests/G-1 "$(phone '07700 900702')"; whose "$(stored | jq -r .phone)" c1 && echo c1)" 201c1
no "and nobody is made of the order again" whose "$(stored | jq -r .phone)" guest:G-1
is "c1 becomes c9" "$(merge c1 c9)" merged
merged=$(patched A-1 '07700 900460')
ok "whose the order is from then on" whose "$merged" c9
is "all of it opens" "$(opens "$merged")" "07700 900460"

# ---- erasing the person reaches all that was added ----
orders_of() { python3 -c 'import sqlite3, sys
print(sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True).execute("SELECT count(*) FROM alias").fetchone()[0])' "$W/run/keyd/keyd.db"; }
before=$(orders_of)
is "the person is erased" "$(erase c9)" erased
for t in "$first" "$second" "$third" "$guest" "$merged"; do
	is "what was in their orders is gone" "$(opens "$t")" gone
done
is "so are their orders, three" "$((before - $(orders_of)))" 3
is "what is added to one is nobody's" "$(put shop PATCH /strict/A-1 "$(phone '07700 900461')"; problem)" "422subject-missing"
is "until somebody is named for it" "$(put shop POST /orders "$(new A-1 c4 '07700 900462')"; whose "$(patched A-1 '07700 900463')" c4 && echo c4)" 201c4
is "others' orders are theirs" "$(whose "$(patched B-1 '07700 900323')" c2 && echo c2)" c2

# ---- nothing tells of an order's id ----
no "no id stands in keyd's files or any log" grep -rqaE 'A-1|B-1|G-1' "$W/run/keyd" "$W/log" "$W/run/log"

# ---- and what the check says ----
wrong() { jq "$1" "$W/scrim.json" >"$W/wrong.json"; "$BIN/scrim" config check "$W/wrong.json" 2>&1; }
ok "who is named stands before the order" eval 'wrong ".routes[1].subject = [{ order: \"path.id\" }, \"\$.buyer.id\"]" | grep -q "nothing stands but"'
ok "an order's place is told when the path has none" eval 'wrong ".routes[1].subject = [{ order: \"path.no\" }]" | grep -q "there is no {no} in the route"'
tap_done
