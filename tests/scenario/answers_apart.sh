#!/bin/bash
# Where rules name people one by one, a token at a place of nobody is nobody's to see; and what is
# opened in a text that is a document is written as that document writes it, or stays closed.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" --arg carrier "http://127.0.0.1:$CARRIER_PORT" '
	def each($do): [ { at: "$.orders[*].name", class: "name", do: $do, subject: "$.orders[*].buyer.id" } ];
	{ upstream: $orders, purpose: "order_processing" } as $r |
	{ upstream: $carrier, purpose: "order_processing", from: ["order_system"], to: { role: "carrier", purpose: "delivery" } } as $to |
	[ $r + { name: "store", match: { path: "/store" }, undeclared: "pass", request: each("seal") },
	  $r + { name: "reads", match: { path: "/reads" }, response: each("policy") },
	  $r + { name: "one", match: { path: "/one" }, undeclared: "pass", subject: "$.id", request: [ { at: "$.name", class: "name", do: "seal" } ] },
	  $r + { name: "texts", match: { path: "/texts" }, response: [ { at: "$.scanned", do: "scan" }, { at: "$.ruled", class: "name", do: "policy" } ] },
	  $to + { name: "label", match: { path: "/label" }, request: (each("policy") + [ { at: "$..remark", do: "scan" } ]) },
	  $to + { name: "print", match: { path: "/print" }, request: [ { at: "$..remark", do: "scan" }, { at: "$.ruled", class: "name", do: "policy" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply"
start_peer carrier echo "$CARRIER_PORT"
world_up

J='Content-Type: application/json'
store() { rm -f "$W/reply"; world_curl shop -o "$W/answer" -w '%{http_code}' -H "$J" -d "$2" "$PLAIN/$1"; }
reply() { printf 'HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %s\r\n\r\n%s' "${TYPE:-application/json}" "$(printf %s "$1" | wc -c)" "$1" >"$W/reply.new" && mv "$W/reply.new" "$W/reply"; }
asked() { world_curl order_system -H "Scrim-Purpose: delivery" "$PLAIN/$1"; }
sent() { world_curl order_system -o "$W/answer" -w '%{http_code}' -H "$J" --data-binary "$2" "$PLAIN/$1"; }

# ---- people one by one
is "orders of two people are stored" "$(store store '{"orders":[{"name":"Vera Victim","buyer":{"id":"v1"}},{"name":"Mo Example","buyer":{"id":"m1"}}]}')" 201
read -r HERS HIS < <(jq -r '[.orders[].name] | join(" ")' "$W/orders.ndjson")
LIST="{\"orders\":[{\"name\":\"$HIS\",\"buyer\":{\"id\":\"m1\"},\"note\":\"$HERS\",\"remark\":\"for $HERS\",\"extra\":\"{\\\"n\\\":\\\"$HERS\\\"}\"}]}"
reply "$LIST"
is "somebody else's token is closed wherever it stands" "$(asked reads | jq -c '.orders[0] | [.name, .note, .remark, .extra]')" \
	"[\"Mo Example\",null,\"for $HERS\",\"{\\\"n\\\":null}\"]"
reply "{\"orders\":[{\"name\":\"$HERS\",\"buyer\":{\"id\":\"m1\"}}]}"
is "at the rule's own place, too" "$(asked reads | jq -c '.orders[0].name')" null
is "a list is labelled" "$(sent label "$LIST")" 200
is "and shows a recipient no more" "$(tail -1 "$W/carrier.ndjson" | jq -c '.orders[0] | [.name, .remark]')" "[\"M* E******\",\"for $HERS\"]"

# ---- documents in texts
EVIL='Ann","admin":true,"z":"x'
is "a name that would break a document is stored" "$(store one "$(jq -cn --arg n "$EVIL" '{ id: "a1", name: $n }')")" 201
NAME=$(tail -1 "$W/orders.ndjson" | jq -r .name)
reply "$(jq -cn --arg t "$NAME" '{ scanned: ({ n: $t } | tojson), ruled: ({ n: $t } | tojson), free: ({ n: $t } | tojson), bare: "for \($t)!" }')"
asked texts >"$W/texts"
for at in scanned free; do
	is "$at: it stands in JSON in a string as a text" "$(jq -r ".$at | fromjson | keys[], .n" "$W/texts")" "$(printf 'n\n%s' "$EVIL")"
done
is "a rule about the string alone leaves it closed" "$(jq -r '.ruled | fromjson | .n' "$W/texts")" "$NAME"
is "in a text it is a text" "$(jq -r .bare "$W/texts")" "for $EVIL!"
for doc in "<n>$NAME</n>" "{'n':'$NAME'}" "$(printf '\xEF\xBB\xBF')[\"$NAME\"" "\"$NAME\""; do
	reply "$(jq -cn --arg t "$doc" '{ scanned: $t }')"
	is "in ${doc:0:4} it stays a token" "$(asked texts | jq -r .scanned)" "$doc"
done
is "a recipient is shown no more" "$(sent print "$(jq -cn --arg t "$NAME" '{ remark: ({ n: $t } | tojson), deep: { remark: "<n>\($t)</n>" } }')")" 200
is "of JSON its text" "$(tail -1 "$W/carrier.ndjson" | jq -r '.remark | fromjson | keys[]')" n
is "of others the token" "$(tail -1 "$W/carrier.ndjson" | jq -r .deep.remark)" "<n>$NAME</n>"

# ---- what a format cannot hold
is "a name with half a character is stored" "$(store one '{"id":"h1","name":"Ann \ud83d"}')" 201
HALF=$(tail -1 "$W/orders.ndjson" | jq -r .name)
TYPE=application/xml reply "<o><a>$HALF</a><b>at $HALF</b><c>ok</c></o>"
is "it keeps nobody from the rest of an answer" "$(asked texts)" "<o><a></a><b>at $HALF</b><c>ok</c></o>"
tap_done
