#!/bin/bash
# JSON that stands in a string of another document: where a rule says so, the others' paths go on in
# it, on the way there and back, and nothing around the values is written anew.
# timeout: 120
. "$(dirname "$0")/../lib/world.sh"

world_new
world_any_age
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	def rules($do): [ { at: ["$.msgData", "$.msgData.cargo.extra", "$.orders[*].extra"], inside: "json" },
		{ at: "$.msgData.contactInfoList[*].tel", class: "phone", do: $do }, { at: "$.msgData.contactInfoList[*].contact", class: "name", do: $do },
		{ at: "$.msgData.cargo.extra.phone", class: "phone", do: $do }, { at: "$.orders[*].extra.to[?@.kind==\"home\"].name", class: "name", do: $do } ];
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "shop", match: { path: "/json" }, subject: ["$.msgData.buyer.id", "$.buyer.id"], request: rules("seal"), undeclared: "pass" },
	  $r + { name: "looks", match: { path: "/looks" }, subject: "$.buyer.id", request: [ { at: "$.phone", class: "phone", do: "seal" } ] },
	  $r + { name: "reports", match: { path: "/reports" }, unmatched: "report", undeclared: "pass", request: rules("seal") },
	  $r + { name: "back", match: { path: "/back" }, purpose: "delivery", response: rules("policy") } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply" --heads "$W/heads"
world_up
JSON=application/json FORM=application/x-www-form-urlencoded

posted() { # BODY [PATH]: the status; what the upstream has of it in $W/stored
	rm -f "$W/reply" "$W/answer"
	: >"$W/heads"
	printf %s "$1" | world_curl order_system -o "$W/answer" -w '%{http_code}' -H "Content-Type: ${TYPE:-$JSON}" --data-binary @- "${URL%/}/${2:-json}"
	sed 's/.*\t//' "$W/heads" | tr -d '\n' >"$W/stored"
}
back() { # what was stored, read through the gateway
	{ printf 'HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n' "${TYPE:-$JSON}" "$(stat -c %s "$W/stored")"; cat "$W/stored"; } >"$W/reply.new"
	mv "$W/reply.new" "$W/reply"
	world_curl "${AS:-order_system}" "$URL/back"
}
T='sct1-[A-Za-z0-9_-]+'
goes() { # WHAT BODY STORED: a body of it, and what is stored, with TOKEN for tokens
	is "$1: taken" "$(posted "$2")" 201
	is "$1: sealed, the rest to the byte" "$(sed -E "s/$T/TOKEN/g" "$W/stored")" "$3"
	is "$1: restored" "$(back)" "${4:-$2}"
}

# SF Express: the order as JSON in a field of JSON, and of a form
goes "JSON in JSON" '{ "serviceCode": "EXP", "msgData": "{\"orderId\":\"o-1\", \"contactInfoList\":[{\"tel\":\"07700 900123\",\"contact\":\"Ann \\\"O\\\" Example\",\"n\":1.50},{\"tel\":null,\"contact\":\"\"}],\"remark\":\"\\u00e9\\/\"}" }' \
	'{ "serviceCode": "EXP", "msgData": "{\"orderId\":\"o-1\", \"contactInfoList\":[{\"tel\":\"TOKEN\",\"contact\":\"TOKEN\",\"n\":1.50},{\"tel\":null,\"contact\":\"\"}],\"remark\":\"\\u00e9\\/\"}" }'
goes "spelled with other escapes" '{"msgData":"\u007b\u0022contactInfoList\u0022:[{\u0022tel\u0022:\u002207700\u0020900123\"}]}"}' \
	'{"msgData":"\u007b\u0022contactInfoList\u0022:[{\u0022tel\u0022:\u0022TOKEN\"}]}"}' '{"msgData":"\u007b\u0022contactInfoList\u0022:[{\u0022tel\u0022:\u002207700 900123\"}]}"}'
goes "a number" '{"msgData":"{\"contactInfoList\":[{\"tel\":7700900123 },{\"tel\":1}]}"}' '{"msgData":"{\"contactInfoList\":[{\"tel\":\"TOKEN\" },{\"tel\":\"TOKEN\"}]}"}'
goes "in a string in a string" '{"msgData":"{\"cargo\":{\"extra\":\"{\\\"phone\\\":\\\"07700 900123\\\",\\\"q\\\":\\\"\\\\\\\"\\\"}\"}}"}' \
	'{"msgData":"{\"cargo\":{\"extra\":\"{\\\"phone\\\":\\\"TOKEN\\\",\\\"q\\\":\\\"\\\\\\\"\\\"}\"}}"}'
goes "as an object, too" '{"msgData":{"contactInfoList":[{"tel":"07700 900123"}],"cargo":{"extra":"{\"phone\":\"07700 900124\"}"}}}' \
	'{"msgData":{"contactInfoList":[{"tel":"TOKEN"}],"cargo":{"extra":"{\"phone\":\"TOKEN\"}"}}}'
goes "by a filter in it" '{"orders":[{"extra":"{\"to\":[{\"name\":\"Ann\",\"kind\":\"home\"},{\"name\":\"Depot\",\"kind\":\"shop\"}]}"},{"extra":null},{"extra":""}]}' \
	'{"orders":[{"extra":"{\"to\":[{\"name\":\"TOKEN\",\"kind\":\"home\"},{\"name\":\"Depot\",\"kind\":\"shop\"}]}"},{"extra":null},{"extra":""}]}'
TYPE=$FORM goes "JSON in a form" 'serviceCode=EXP&msgData=%7B%22contactInfoList%22%3A%5B%7B%22tel%22%3A%2207700+900123%22%2C%22n%22%3A1%7D%5D%7D&sign=a%2bb' \
	'serviceCode=EXP&msgData=%7B%22contactInfoList%22%3A%5B%7B%22tel%22%3A%22TOKEN%22%2C%22n%22%3A1%7D%5D%7D&sign=a%2bb'
TYPE=$FORM goes "in a string in a form" 'msgData=%7B%22cargo%22%3A%7B%22extra%22%3A%22%7B%5C%22phone%5C%22%3A%5C%2207700900123%5C%22%7D%22%7D%7D' \
	'msgData=%7B%22cargo%22%3A%7B%22extra%22%3A%22%7B%5C%22phone%5C%22%3A%5C%22TOKEN%5C%22%7D%22%7D%7D'

# whose it is stands in it as well
posted '{"msgData":"{\"buyer\":{\"id\":\"in-1\"},\"contactInfoList\":[{\"tel\":\"07700 900125\"}]}"}' >/dev/null
cp "$W/stored" "$W/hers"
OFFICER="--key $W/keys/privacy_officer.key --purpose audit --reason erasure --ticket 88"
# shellcheck disable=SC2086
ok "the person it names can be erased" "$BIN/scrim" keys erase-subject --config "$W/scrim.json" $OFFICER in-1
cp "$W/hers" "$W/stored"
is "and what was sealed in the string is gone" "$(back | jq -r '.msgData | fromjson | .contactInfoList[0].tel')" null

# who may not see it sees its mask, as the string wants it
posted '{"msgData":"{\"contactInfoList\":[{\"contact\":\"Ann \\\"O\\\" Example\"}]}"}' >/dev/null
is "a reader's mask stands in it" "$(AS=carrier back | jq -r '.msgData | fromjson | .contactInfoList[0].contact')" '****'

refused() { # WHAT BODY
	is "$1" "$(posted "$2")$(jq -r .type "$W/answer")" 422urn:scrim:problem:unmatched-shape
	is "$1: goes no further" "$(stat -c %s "$W/heads")" 0
	no "$1: what stood there is not said" grep -q 0770 "$W/answer"
}
refused "a string that is no JSON" '{"msgData":"07700 900123"}'
refused "one that ends too early" '{"msgData":"{\"contactInfoList\":[{\"tel\":\"07700 900123\"}]"}'
refused "one that others would read" "{\"msgData\":\"{'contactInfoList':[{'tel':'07700 900123'}]}\"}"
refused "one with something behind it" '{"msgData":"{\"contactInfoList\":[]} 07700900123"}'
refused "a number there" '{"msgData":7700900123}'
refused "JSON of another shape" '{"msgData":"{\"contactInfoList\":\"07700 900123\"}"}'
is "a route that reports it passes it" "$(posted '{"msgData":"later"}' reports)" 201
is "no rule, no JSON: a remark is a remark" "$(posted '{"remark":"{\"contactInfoList\":[{\"tel\":\"none\"}]}"}'; cat "$W/stored")" '201{"remark":"{\"contactInfoList\":[{\"tel\":\"none\"}]}"}'

# what nobody declared is looked for in strings, too
is "what no rule speaks of is looked for in strings" "$(posted '{"buyer":{"id":"c"},"meta":"{\"receiver_name\":\"Ann Lee\",\"back\":\"07700 900126\",\"page\":2,\"more\":\"[{\\\"email\\\":\\\"ann@example.com\\\"}]\"}"}' looks
	sed -E "s/$T/TOKEN/g" "$W/stored")" '201{"buyer":{"id":"c"},"meta":"{\"receiver_name\":\"A** L**\",\"back\":\"TOKEN\",\"page\":2,\"more\":\"[{\\\"email\\\":\\\"TOKEN\\\"}]\"}"}'
told() { "$BIN/scrim" drift --config "$W/scrim.json" --route looks --json | jq -r 'map(.place) | sort | unique | join(" ")'; }
ok "and told by its place" await 10 eval '[ "$(told)" = "$.meta.back $.meta.more[*].email $.meta.receiver_name" ]'

# ---- what a configuration may say
check() { jq "$1" "$W/scrim.json" >"$W/other.json" && "$BIN/scrim" config check "$W/other.json" 2>"$W/why"; }
no "a string anywhere is nobody's to name" check '.routes[0].request += [ { at: "$..extra", inside: "json" } ]'
ok "which is said" grep -q 'must lead to a string by its name' "$W/why"
no "nor is any member's" check '.routes[0].request += [ { at: "$.lines[*]", inside: "json" } ]'
ok "the elements of an array are" check '.routes[0].request += [ { at: "$.lines[0:]", inside: "json" } ]'
no "nothing else is done with it" check '.routes[0].request += [ { at: "$.extra", inside: "json", do: "seal", class: "name" } ]'
ok "which is said, too" grep -q '"do" does not go with "inside"' "$W/why"
no "what else it could be is not known" check '.routes[0].request += [ { at: "$.extra", inside: "xml" } ]'
no "a rule must say something" check '.routes[0].request += [ { at: "$.extra" } ]'
ok "in so many words" grep -q '"do" is missing in this rule' "$W/why"
no "a parameter is none" check '.routes[0].request += [ { at: "query.extra", inside: "json" } ]'
no "no value stands in what the gateway wrote" grep -rqE '90012[0-9]|Ann.*Example' "$W/log" "$W/run"
tap_done
