#!/bin/bash
# What a field is can stand beside it, and where it stands can make it nobody's: attributes of
# {name, value} in any order, a merchant's own phone, sets of rules, an answer that follows.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	def when($name): "$.note_attributes[?@.name==\u0027\($name)\u0027].value";
	[{ name: "shop", match: { path: "/orders" }, upstream: $peer, purpose: "order_processing", response: "mirror", undeclared: "pass", request: [
		{ use: "party", under: ["$.receiver", "$.senders[1:]"] },
		{ at: when("phone"), class: "phone", do: "seal" },
		{ at: when("mail"), class: "email", do: "seal" },
		{ at: "$..phone", except: "$..merchant", class: "phone", do: "seal" },
		{ at: "$..remark", do: "scan" } ] }]' | world_routes -
jq '.rule_sets = { party: [{ at: ["$.name", "$.nick"], class: "name", do: "seal" }], nobodys: [] }' "$W/scrim.json" >"$W/new" && mv "$W/new" "$W/scrim.json"
start_peer orders order_system "$PEER_PORT" --requests "$W/requests"
world_up

cat >"$W/order" <<'DOC'
{ "note_attributes": [
    { "name": "phone", "value": "07700 900101" },
    { "value": "07700 900102", "name": "\u0070hone" },
    { "value": "red", "name": "colour" },
    { "value": "07700 900103", "name": "colour", "name": "phone" },
    { "name": "mail", "value": "a@example.org" } ],
  "receiver": { "name": "Iris Winter", "nick": "iris" },
  "senders": [ { "name": "A Shop" }, { "name": "Ada Summer" } ],
  "merchant": { "phone": "020 7946 0999", "deep": [ { "phone": "020 7946 0998" } ] },
  "phone": "07700 900104", "remark": "call 07700 900105" }
DOC
is "the order is taken" "$(world_curl order_system -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @"$W/order" "$URL/orders")" 201
tail -1 "$W/orders.ndjson" >"$W/stored"
stored() { jq -r "$1" "$W/stored"; }
for at in '.note_attributes[0].value' '.note_attributes[1].value' '.note_attributes[3].value' '.note_attributes[4].value' \
	.receiver.name .receiver.nick '.senders[1].name' .phone; do
	ok "$at is a token" grep -q '^sct1-' <<<"$(stored "$at")"
done
is "who is not the first sender is" "$(stored '.senders[0].name')" "A Shop"
is "a colour is not" "$(stored '.note_attributes[2].value')" red
is "nor what is a merchant's" "$(stored '[.merchant.phone, .merchant.deep[0].phone] | join(" ")')" "020 7946 0999 020 7946 0998"
no "no phone of a person is stored" grep -qE '900 ?10|9001|example\.org|Iris|Ada' "$W/stored"

# ---- the way back: by the names of the request, wherever they stand; a clear value is masked ----
jq '{ result: [{ merchant: .merchant, who: .receiver, attributes: { note_attributes: [{ value: "07700 900177", name: "phone" }, { value: "red" }] },
	name: "Iris Winter", phone: .phone }] }' "$W/stored" | tr -d '\n' >"$W/body"
{ printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' "$(wc -c <"$W/body")" && cat "$W/body"; } >"$W/reply"
stop orders
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply"
world_curl order_system -o "$W/answer" -H 'Content-Type: application/json' --data-binary @"$W/order" "$URL/orders"
answer() { jq -r ".result[0].$1" "$W/answer"; }
no "a phone of an attribute is not told" grep -q 900177 "$W/answer"
is "other attributes are" "$(answer 'attributes.note_attributes[1].value')" red
is "a merchant's phone is as it was" "$(answer merchant.phone)" "020 7946 0999"
is "a name is one wherever it stands" "$(answer name)" "I*** W*****"
is "a token is opened as far as the policy lets the reader see" "$(answer phone)" "077** **0104"

# ---- what is wrong in the file is told where it stands ----
refused() { # WHAT FILTER SAYS
	jq "$2" "$W/scrim.json" >"$W/wrong.json"
	no "$1 is refused" eval '"$BIN/scrim" config check "$W/wrong.json" >"$W/said" 2>&1'
	ok "$1: it is said what to write" grep -qF "$3" "$W/said"
}
refused "an existence filter" '.routes[0].request[1].at = "$.a[?@.b]"' "such as [?@.name=='phone']"
refused "a step" '.routes[0].request[1].at = "$.a[0:4:2]"' "write the indices"
refused "a set of another name" '.routes[0].request[0].use = "partys"' 'did you mean "party"?'
refused "a set in a set" '.rule_sets.nobodys = [{ use: "party" }]' "does not use another"
tap_done
