#!/bin/bash
# What an item of /v1 says is understood whole, or the item is refused and told
# which member is meant; what it costs is that item and no other.
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"items_max":5}'
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '[
	{ name: "in", match: { path: "/orders" }, upstream: $peer, purpose: "order_processing", subject: "$.buyer",
	  request: [{ at: "$.name", class: "name", do: "seal" }, { at: "$.amount", class: "phone", do: "seal" }] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
J='Content-Type: application/json'
export SCRIM_CONFIG=$W/scrim.json

ask() { # ROLE PATH BODY args...: the status; the answer is in $W/answer
	local role=$1 path=$2
	printf '%s' "$3" >"$W/body"
	shift 3
	world_curl "$role" -o "$W/answer" -w '%{http_code}' -H "$J" --data-binary @"$W/body" "$@" "$URL$path"
}
# bad PATH ITEM MEMBER-AND-REASON: that item is bad, in between two good ones
bad() {
	local role=order_system good='{"class":"name","value":"Ann"}' wanted='["ok","bad_item","ok"]' header=()
	if [ "$1" = /v1/reveal ]; then
		role=support header=(-H 'Scrim-Purpose: service') good="{\"token\":\"$token\"}"
	fi
	is "$1 $2: 200" "$(ask $role "$1" "{\"items\":[$good,$2,$good]}" "${header[@]}")" 200
	is "$1 $2: costs that item" "$(jq -c '[.items[].status]' "$W/answer")" "$wanted"
	is "$1 $2: says why" "$(jq -r '.items[1].reason' "$W/answer")" "$3"
	no "$1 $2: gives nothing" jq -e '.items[1] | has("token") or has("value") or has("index") or has("masked")' "$W/answer"
}
token=$(ask shop /v1/seal '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' >"$W/tmp/s" && jq -r '.items[0].token' "$W/answer")
is "there is a token" "${token:0:5}" sct1-

# ---- members ----
N='"class":"name","value":"Ann"'
for path in /v1/seal /v1/index /v1/mask; do
	bad $path "{$N,\"subject\":true}" '"subject" must be a string or a number'
	bad $path "{$N,\"subject\":null}" '"subject" must be a string or a number'
	bad $path "{$N,\"subject\":[\"a\"]}" '"subject" must be a string or a number'
	bad $path "{$N,\"subject\":{\"id\":\"a\"}}" '"subject" must be a string or a number'
	bad $path "{$N,\"subject\":\"\"}" '"subject" must not be empty'
	bad $path "{$N,\"subject\":\"a\",\"subject\":\"b\"}" '"subject" is said twice'
	bad $path "{$N,\"Subject\":\"a\"}" 'unknown key "Subject": did you mean "subject"?'
	bad $path "{$N,\"subject_id\":\"a\"}" 'unknown key "subject_id": one of class, value, subject, random'
	bad $path "{$N,\"subjectId\":7}" 'unknown key "subjectId": did you mean "subject"?'
	bad $path "{$N,\"token\":\"a\"}" 'unknown key "token": one of class, value, subject, random'
	bad $path "{$N,\"07700 900123\":\"a\"}" 'unknown key "...": one of class, value, subject, random'
	bad $path "{$N,\"\":\"a\"}" 'unknown key "...": one of class, value, subject, random'
	bad $path "{$N,\"abcdefghijklmnopqrstuvwxyz_abcdef\":1}" 'unknown key "...": one of class, value, subject, random'
	bad $path "{$N,\"abcdefghijklmnopqrstuvwxyz_abcde\":1}" 'unknown key "abcdefghijklmnopqrstuvwxyz_abcde": one of class, value, subject, random'
	bad $path "{$N,\"random\":\"true\"}" '"random" must be true or false'
	bad $path "{$N,\"random\":1}" '"random" must be true or false'
	bad $path "{$N,\"random\":null}" '"random" must be true or false'
	bad $path '{"class":"name","value":true}' '"value" must be a string or a number'
	bad $path '{"class":"name","value":null}' '"value" must be a string or a number'
	bad $path '{"class":"name","value":["Ann"]}' '"value" must be a string or a number'
	bad $path '{"class":"name","value":{}}' '"value" must be a string or a number'
	bad $path '{"class":"name","value":"Ann \ud83d"}' '"value" must not hold half a surrogate pair'
	bad $path '{"class":"name"}' '"value" is missing in this item'
	bad $path '{"value":"Ann"}' '"class" is missing in this item'
	bad $path '{"class":7,"value":"Ann"}' '"class" must be text in quotes'
	bad $path '7' 'this must be an object { }'
	bad $path '["class","name"]' 'this must be an object { }'
	bad $path 'null' 'this must be an object { }'
done
bad /v1/reveal '{}' '"token" is missing in this item'
bad /v1/reveal '{"token":5}' '"token" must be text in quotes'
bad /v1/reveal "{\"token\":\"$token\",\"class\":\"name\"}" 'unknown key "class": one of token, subject'
bad /v1/reveal "{\"token\":\"$token\",\"subject\":{\"id\":\"c1\"}}" '"subject" must be a string or a number'
bad /v1/reveal "{\"token\":\"$token\",\"subject\":\"\"}" '"subject" must not be empty'
bad /v1/reveal "{\"Token\":\"$token\"}" 'unknown key "Token": did you mean "token"?'

# ---- the body's own ----
for path in /v1/seal /v1/index /v1/mask /v1/reveal; do
	items="{$N}"
	[ $path != /v1/reveal ] || items="{\"token\":\"$token\"}"
	for body in "{\"items\":[$items],\"subject\":\"c1\"}" "{\"Items\":[$items]}" "{\"items\":[$items],\"items\":[$items]}" \
		"[$items]" '"items"' '{"items":{}}' '{"items":"x"}' '{"items":null}' '{}' '{"items":[]}' \
		"{\"items\":[$items,$items,$items,$items,$items,$items]}"; do
		is "$path $body: 400" "$(ask shop $path "$body" -H 'Scrim-Purpose: order_processing')" 400
		ok "$path $body: by its name" jq -e '.type == "urn:scrim:problem:items"' "$W/answer"
	done
	is "$path: as many items as the limit says" "$(ask shop $path "{\"items\":[$items,$items,$items,$items,$items]}" -H 'Scrim-Purpose: order_processing')" 200
	is "$path: all of them answered" "$(jq '.items | length' "$W/answer")" 5
	is "$path: names are compared unescaped" "$(ask shop $path "{\"\\u0069tems\":[$items]}" -H 'Scrim-Purpose: order_processing')" 200
done

# ---- what is legal stays so ----
is "an escaped name, a blank here and there" "$(ask shop /v1/seal ' { "items" : [ { "cl\u0061ss" : "n\u0061me" , "value":"Ann","random":false } ] } ')" 200
is "is understood" "$(jq -r '.items[0].status' "$W/answer")" ok
is "a backslash before u0000 is text" "$(ask shop /v1/seal '{"items":[{"class":"name","value":"C:\\u0000x","subject":"c1"}]}')" 200
is "and sealed" "$(jq -r '.items[0].status' "$W/answer")" ok
jq '{ items: [ { token: .items[0].token } ] }' "$W/answer" >"$W/ask"
is "and comes back as it was" "$(
	world_curl support_lead -H 'Scrim-Purpose: service' -H 'Scrim-Reason: call back' -d @"$W/ask" "$URL/v1/reveal" | jq -r '.items[0].value')" 'C:\u0000x'
for nul in '{"items":[{"class":"name","value":"C:\\\u0000x"}]}' '{"items":[{"class":"name","value":"\u0000"}]}'; do
	is "a NUL is refused: $nul" "$(ask shop /v1/seal "$nul")" 400
	is "and said" "$(jq -r .detail "$W/answer")" '\u0000 is not allowed in a string'
	is "and where" "$(jq .offset "$W/answer")" "$(($(grep -obF '\u0000' <<<"$nul" | tail -1 | cut -d: -f1)))"
done

# ---- numbers mean what they mean in a document ----
is "a number is a person" "$(ask shop /v1/seal '{"items":[{"class":"name","value":"Ann Example","subject":207119551},{"class":"name","value":"Ann Example","subject":"207119551"},{"class":"name","value":"Ann Example"},{"class":"name","value":"Ann Example","subject":207119551.0}]}')" 200
ok "the same one as its text" jq -e '.items[0].token == .items[1].token' "$W/answer"
no "not the class key" jq -e '.items[0].token == .items[2].token' "$W/answer"
no "not another spelling" jq -e '.items[0].token == .items[3].token' "$W/answer"
jq -r '.items[0].token' "$W/answer" >"$W/item"
world_curl shop -H "$J" -d '{"buyer":207119551,"name":"Ann Example","amount":1.10}' "$URL/orders" >/dev/null
is "and the same as in a document" "$(tail -1 "$W/orders.ndjson" | jq -r .name)" "$(cat "$W/item")"
ask shop /v1/seal '{"items":[{"class":"phone","value":1.10,"subject":207119551},{"class":"phone","value":"1.10","subject":207119551},{"class":"phone","value":1E400,"subject":"c1"}]}' >/dev/null
is "a number's token is the document's" "$(tail -1 "$W/orders.ndjson" | jq -r .amount)" "$(jq -r '.items[0].token' "$W/answer")"
no "and not its text's" jq -e '.items[0].token == .items[1].token' "$W/answer"
jq '{ items: [ .items[] | { token } ] }' "$W/answer" >"$W/ask"
world_curl support_lead -H 'Scrim-Purpose: service' -H 'Scrim-Reason: call back' -d @"$W/ask" "$URL/v1/reveal" >"$W/answer"
ok "it restores as a number, in its own spelling" grep -q '"value":1\.10}' "$W/answer"
ok "its text as text" grep -q '"value":"1\.10"}' "$W/answer"
ok "a number no machine can hold, too" grep -q '"value":1E400}' "$W/answer"
jq -r '.items[].token' "$W/ask" | "$BIN/scrim" reveal --key "$W/keys/support_lead.key" --purpose service --reason 'call back' >"$W/out"
is "the command prints them as they were" "$(tr '\n' ' ' <"$W/out")" "1.10 1.10 1E400 "
world_curl support -H 'Scrim-Purpose: service' -d @"$W/ask" "$URL/v1/reveal" >"$W/answer"
ok "a masked number is text" jq -e '.items[0].action == "mask" and (.items[0].value | type) == "string"' "$W/answer"
ask order_system /v1/index '{"items":[{"class":"phone","value":7700900123},{"class":"phone","value":"7700900123"}]}' >/dev/null
ok "a number is indexed as its text is" jq -e '.items[0].index == .items[1].index and (.items[0].index | length) > 5' "$W/answer"
ask shop /v1/mask '{"items":[{"class":"phone","value":07700900123}]}' >/dev/null
is "a number that JSON does not know is not" "$(jq -r .type "$W/answer")" urn:scrim:problem:malformed-json
ask shop /v1/mask '{"items":[{"class":"phone","value":17700900123},{"class":"phone","value":"17700900123"}]}' >/dev/null
ok "a number is masked as its text is" jq -e '.items[0].masked == .items[1].masked and (.items[0].masked | length) > 3' "$W/answer"

# ---- random ----
ask shop /v1/seal '{"items":[{"class":"name","value":"Ann","subject":"c1","random":true},{"class":"name","value":"Ann","subject":"c1","random":true},{"class":"name","value":"Ann","subject":"c1","random":false},{"class":"name","value":"Ann","subject":"c1"}]}' >/dev/null
ok "random tokens differ, others do not" jq -e '[.items[].token] as $t | ($t | unique | length) == 3 and $t[2] == $t[3]' "$W/answer"
no "nothing of it in what the daemons said" grep -rqE 'Ann|207119551|900123' "$W/log"/scrimd.err "$W/log"/keyd.err "$W/run/log"
tap_done
