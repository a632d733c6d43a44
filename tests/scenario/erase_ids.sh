#!/bin/bash
# Whoever can be sealed can be erased: whatever characters an id has, by the body,
# by the path and by the command; and nobody else is.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '[
	{ name: "in", match: { path: "/orders" }, upstream: $peer, purpose: "order_processing", subject: "$.buyer",
	  request: [{ at: "$.name", class: "name", do: "seal" }] },
	{ name: "all", match: { path: "/*" }, upstream: $peer, purpose: "order_processing" } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --requests "$W/requests"
world_up
export SCRIM_CONFIG=$W/scrim.json
J='Content-Type: application/json'
WHY=(-H 'Scrim-Purpose: audit' -H 'Scrim-Reason: asked by the person')

seal() { # JSON of the subject: prints a token of that person
	jq -cn --argjson s "$1" '{ items: [{ class: "name", value: "Ann Example", subject: $s }] }' |
		world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" | jq -r '.items[0].token'
}
open_state() { # TOKEN: ok or gone
	jq -cn --arg t "$1" '{ items: [{ token: $t }] }' |
		world_curl support -H "$J" -H 'Scrim-Purpose: service' --data-binary @- "$URL/v1/reveal" | jq -r '.items[0].status'
}
post() { world_curl privacy_officer "${WHY[@]}" -o "$W/answer" -w '%{http_code}' -X POST "$@"; }
by_body() { jq -cn --argjson s "$1" '{ subject: $s }' | post -H "$J" --data-binary @- "$URL/v1/subjects/erase"; }
by_path() { post --path-as-is "$URL/v1/subjects/$(jq -rn --argjson s "$1" '$s | tostring | @uri')/erase"; }
all_escaped() { # every byte as %XX, the letters too
	jq -rj -n --argjson s "$1" '$s | tostring' | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g'
}
by_escaped_path() { post --path-as-is "$URL/v1/subjects/$(all_escaped "$1")/erase"; }
by_command() {
	"$BIN/scrim" keys erase-subject --key "$W/keys/privacy_officer.key" --purpose audit --reason 'asked by the person' -- \
		"$(jq -rn --argjson s "$1" '$s | tostring')" >"$W/out" 2>"$W/err" && grep -q '^erased' "$W/out" && echo 200
}

# An id, and a neighbour that somebody careless would take for it.
cat >"$W/ids" <<'END'
"gid://shopify/Customer/1"	"gid:/shopify/Customer/1"
"SO/2201"	"SO%2F2201"
"a%2Fb"	"a/b"
"a%b"	"a%25b"
"a;b"	"a"
"a\\b"	"a/b"
"ann@example.com"	"ann@example.org"
"."	".."
".."	"."
"a/../b"	"b"
"a b"	"a+b"
"a+b"	"a b"
"~ann"	"%7Eann"
"%7Eann"	"~ann"
"?q=1#x"	"?q=1"
"erase"	"erase/erase"
"/erase"	"erase"
"\u5f20\u4e09"	"\u5f20"
"caf\u00e9"	"cafe\u0301"
"A"	"a"
"\"quoted\"\t{}"	"quoted"
"-1"	"1"
207119551	"0207119551"
END
while IFS=$'\t' read -r id other; do
	for way in by_body by_path by_escaped_path by_command; do
		case $way:$id in by_path:'"."' | by_path:'".."') continue ;; esac	# a raw dot segment: below
		token=$(seal "$id")
		neighbour=$(seal "$other")
		is "$id: sealed" "$(open_state "$token")" ok
		is "$id: $way" "$($way "$id")" 200
		is "$id: $way: gone" "$(open_state "$token")" gone
		is "$id: $way: its neighbour $other is not" "$(open_state "$neighbour")" ok
	done
done <"$W/ids"

# The number in a document, in an item and in an erasure is one person.
printf '{"items":[{"class":"name","value":"Ann Example","subject":1.10}]}' |
	world_curl shop -H "$J" --data-binary @- "$URL/v1/seal" | jq -r '.items[0].token' >"$W/number"
world_curl shop -H "$J" -d '{"buyer":1.10,"name":"Ann Example"}' "$URL/orders" >/dev/null
tail -1 "$W/orders.ndjson" | jq -r .name >"$W/document"
is "a number is the person of its own spelling: erased" "$(post -H "$J" -d '{"subject":1.10}' "$URL/v1/subjects/erase")" 200
is "the item's token is gone" "$(open_state "$(cat "$W/number")")" gone
is "the document's too" "$(open_state "$(cat "$W/document")")" gone

# Half a surrogate pair can be sealed, by a document, and so erased.
world_curl shop -H "$J" -d '{"buyer":"x\ud83d","name":"Ann Example"}' "$URL/orders" >/dev/null
token=$(tail -1 "$W/orders.ndjson" | grep -o 'sct1-[0-9a-z]*')
is "half a surrogate pair: erased" "$(post -H "$J" -d '{"subject":"x\ud83d"}' "$URL/v1/subjects/erase")" 200
is "and gone" "$(open_state "$token")" gone
world_curl shop -H "$J" -d '{"buyer":"x\u0000y","name":"Ann Example"}' "$URL/orders" >/dev/null
token=$(tail -1 "$W/orders.ndjson" | grep -o 'sct1-[0-9a-z]*')
is "a NUL: erased by the path" "$(post "$URL/v1/subjects/x%00y/erase")" 200
is "and gone" "$(open_state "$token")" gone

# What is no id, or says it twice, or not clearly, erases nobody.
token=$(seal '"c1"')
refused() { # WHAT STATUS curl args...
	local what=$1 status=$2
	shift 2
	is "$what: $status" "$(post "$@")" "$status"
	is "$what: nobody is erased" "$(open_state "$token")" ok
}
E="$URL/v1/subjects/erase"
long=$(printf '%0512d' 0)
refused "no body" 400 "$E"
refused "an empty object" 400 -H "$J" -d '{}' "$E"
refused "an array" 400 -H "$J" -d '["c1"]' "$E"
refused "a string" 400 -H "$J" -d '"c1"' "$E"
refused "an object as the subject" 400 -H "$J" -d '{"subject":{"id":"c1"}}' "$E"
refused "an array as the subject" 400 -H "$J" -d '{"subject":["c1"]}' "$E"
refused "true as the subject" 400 -H "$J" -d '{"subject":true}' "$E"
refused "null as the subject" 400 -H "$J" -d '{"subject":null}' "$E"
refused "an empty subject" 400 -H "$J" -d '{"subject":""}' "$E"
refused "two subjects" 400 -H "$J" -d '{"subject":"c1","subject":"c1"}' "$E"
refused "another member" 400 -H "$J" -d '{"subject":"c1","why":"x"}' "$E"
refused "another case" 400 -H "$J" -d '{"Subject":"c1"}' "$E"
refused "no JSON" 400 -H "$J" -d '{"subject":"c1"' "$E"
refused "a NUL in the body" 400 -H "$J" -d '{"subject":"c1\u0000"}' "$E"
refused "513 bytes" 400 -H "$J" -d "{\"subject\":\"x$long\"}" "$E"
refused "513 bytes in the path" 400 "$URL/v1/subjects/x$long/erase"
refused "a body beside the path" 400 -H "$J" -d '{"subject":"c2"}' "$URL/v1/subjects/c1/erase"
refused "a bad percent" 400 "$URL/v1/subjects/c1%/erase"
refused "half a percent" 400 "$URL/v1/subjects/c1%4/erase"
refused "a percent that is none" 400 "$URL/v1/subjects/c1%zz/erase"
refused "two segments" 404 "$URL/v1/subjects/c1/c1/erase"
refused "no segment" 400 --path-as-is "$URL/v1/subjects//erase"
refused "a raw dot segment" 400 --path-as-is "$URL/v1/subjects/../erase"
refused "another raw dot segment" 400 --path-as-is "$URL/v1/subjects/./erase"
refused "an id and something behind it" 404 "$URL/v1/subjects/c1/erased"
is "512 bytes can be erased" "$(post -H "$J" -d "{\"subject\":\"$long\"}" "$E")" 200
is "by the path too" "$(post "$URL/v1/subjects/$long/erase")" 200
is "a path with an empty object for a body is understood" "$(post -H "$J" -d '{}' "$URL/v1/subjects/c9/erase")" 200

# The rules for all other paths are as strict as before, also under that name.
strict() { # METHOD PATH
	is "$1 $2 is refused" "$(world_curl shop -o "$W/answer" -w '%{http_code}' --path-as-is -X "$1" "$URL$2")" 400
}
strict GET /v1/subjects/a%2Fb/erase
strict DELETE '/v1/subjects/a;b/erase'
strict POST '/v1/subjects/a%2Fb/erase/x'
strict POST '/v1/subjects/a%2Fb'
strict POST '/v1/subjects/../../orders%2F/erase'
strict POST '/v1/seal/a%2Fb/erase'
strict POST '/orders/a%2Fb'
strict POST '/v1/subject/a%2Fb/erase'
no "no erasure went to an upstream" grep -qE 'erase|subjects' "$W/requests"

# A support agent erases nobody, whichever way it is said.
is "no right, no erasure: body" "$(world_curl support -H 'Scrim-Purpose: service' -o "$W/answer" -w '%{http_code}' -H "$J" -d '{"subject":"c1"}' "$E")" 403
is "no right, no erasure: path" "$(world_curl support -H 'Scrim-Purpose: service' -o "$W/answer" -w '%{http_code}' -X POST "$URL/v1/subjects/c1/erase")" 403
is "nobody is erased" "$(open_state "$token")" ok
no "no id in what the daemons said" grep -rqE 'shopify/Customer|ann@example' "$W/log"/scrimd.err "$W/log"/keyd.err "$W/run/log"

# What named nobody no erasure reaches: the answer says how much there is, whatever happens to keyd.
not_reached() { # SUBJECT: as ROUTE VALUES
	post -H "$J" -d "{\"subject\":\"$1\"}" "$E" >/dev/null
	jq -r '.not_reached[] | "\(.route) \(.values)"' "$W/answer" | paste -sd,
}
is "every document named somebody" "$(not_reached c1)" ""
for i in 1 2 3; do world_curl shop -H "$J" -d '{"name":"Ann Example"}' "$URL/orders" >/dev/null; done
world_curl shop -H "$J" -d '{"items":[{"class":"name","value":"Ann Example"},{"class":"name","value":"Bob Example"}]}' "$URL/v1/seal" >/dev/null
is "values that did not are told by route" "$(not_reached c1)" "null 2,in 3"
is "as of today" "$(jq -r '.not_reached[].since' "$W/answer" | sort -u)" "$(date -u +%F)"
again() { stop keyd "$1"; start_keyd; await 20 ready && await 10 eval '[ "$(seal \"x\" | cut -c1-5)" = sct1- ]'; }
again KILL
is "also after keyd was killed" "$(not_reached c1)" "null 2,in 3"
world_curl shop -H "$J" -d '{"name":"Ann Example"}' "$URL/orders" >/dev/null
again TERM
is "and stopped" "$(not_reached c1)" "null 2,in 4"
by_command '"nobody"' >/dev/null
is "the command says so too" "$(grep -c '^  4 on in since ' "$W/out")" 1
tap_done
