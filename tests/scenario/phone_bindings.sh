#!/bin/bash
# Virtual numbers over /v1/bindings: made, listed, changed and ended, each item with
# an answer of its own; the same asked again is the same; what was answered is
# there after a kill at any moment, and no two share a number.
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"items_max":600}'
WORLD_PHONE='{ "home": "44", "pools": [
	{ "name": "labels", "mode": "AXE", "ext_digits": 4, "dial": ["44"], "ttl": "15d", "ttl_max": "30d", "after": "3d",
	  "display": "{national} ext {ext} ({masked}) until {until}", "numbers": [{ "number": "+441632960001", "count": 2 }] },
	{ "name": "pairs", "mode": "AXB", "dial": ["44"], "numbers": [{ "number": "+441632960011", "count": 2 }] },
	{ "name": "one", "mode": "AXN", "dial": ["44"], "next": "other", "hotline": "+441632960900", "numbers": [{ "number": "+441632960021" }] },
	{ "name": "other", "mode": "AXN", "dial": ["44"], "numbers": [{ "number": "+441632960022" }] },
	{ "name": "many", "mode": "AXE", "ext_digits": 4, "dial": ["44"], "numbers": [{ "number": "+441632960030", "count": 4 }] } ] }'
echo '[]' | world_routes -
world_up
J='Content-Type: application/json'

ask() { # METHOD PATH [BODY] [args...]: the status; the answer is in $W/answer
	local method=$1 path=$2
	local body=()
	[ -z "${3:-}" ] || body=(--data-binary "$3")
	shift 2
	[ $# = 0 ] || shift
	world_curl "${ROLE:-order_system}" -o "$W/answer" -D "$W/head" -w '%{http_code}' -X "$method" -H "$J" "${body[@]}" "$@" "$URL$path"
}
has() { jq -e "$1" "$W/answer" >/dev/null; }
get() { jq -r "$1" "$W/answer"; }
problem() { is "$1" "$(get .type)" "urn:scrim:problem:$2"; }

# ---- one ----
is "an order gets a number" "$(ask POST /v1/bindings '{"pool":"labels","order_ref":"SO-1","a":"07700 900123","subject":"c1"}')" 201
ok "bound, live, with an extension of four digits" has '.status == "bound" and .state == "live" and (.ext | test("^[0-9]{4}$")) and (.x | test("^\\+44163296000[12]$")) and .version == 1'
ok "what the label bears is the template's" has '.display | test("^0163296000[12] ext [0-9]{4} \\(\\+44\\*{6}0123\\) until 20[0-9-]{8}$")'
ok "for as long as the pool says" test "$(($(date -d "$(get .expires_at)" +%s) - $(date +%s) - 15 * 86400))" -le 5
no "the real number is not in the answer" grep -qE '7700 ?900123' "$W/answer"
cp "$W/answer" "$W/first"
ID=$(get .id)
is "the same order and person again" "$(ask POST /v1/bindings '{"pool":"labels","order_ref":"SO-1","a":"+44 7700 900123","subject":"c1"}')" 200
ok "is the same number" has ".status == \"same\" and .id == \"$ID\" and .ext == \"$(jq -r .ext "$W/first")\""
is "another person of the order" "$(ask POST /v1/bindings '{"pool":"labels","order_ref":"SO-1","a":"07700900124","subject":"c1"}')" 201
no "has another number" has ".id == \"$ID\""

# ---- what is wrong with one ----
bad() { # BODY STATUS PROBLEM WHAT
	is "$4" "$(ask POST /v1/bindings "$1")" "$2"
	problem "$4: by name" "$3"
	no "$4: nothing is quoted" grep -qE '7700|900123|secret' "$W/answer"
}
O='"pool":"labels","order_ref":"SO-2"'
bad '{"pool":"nowhere","order_ref":"SO-2","a":"07700900123"}' 422 pool-unknown "a pool that is not there"
bad "{$O,\"a\":\"0770090\"}" 422 number-invalid "a number that is none"
bad "{$O,\"a\":\"+12125550123\"}" 422 number-invalid "another country's"
bad "{$O,\"a\":\"999\"}" 422 number-invalid "a service"
bad "{$O,\"a\":\"+441632960021\"}" 422 number-invalid "a virtual number, of whichever pool"
bad "{$O,\"a\":\"07700900123 ext 5\"}" 422 number-invalid "an extension of a person's"
bad "{$O,\"a\":\"sct1-7700900123\"}" 422 number-invalid "a token that is none"
bad "{$O,\"a\":\"07700900123\",\"ttl\":\"31d\"}" 422 ttl-out-of-range "longer than the pool allows"
bad "{$O,\"a\":\"07700900123\",\"expires_at\":\"2020-01-01T00:00:00Z\"}" 422 ttl-out-of-range "an end in the past"
bad "{$O,\"a\":\"07700900123\",\"expires_at\":\"secret\"}" 422 ttl-out-of-range "an end that is no time"
bad "{$O,\"a\":\"07700900123\",\"ttl\":\"1d\",\"expires_at\":\"2099-01-01T00:00:00Z\"}" 400 items "two ends"
bad "{$O,\"a\":\"07700900123\",\"b\":\"07700900124\"}" 400 items "two parties where there is one"
bad '{"pool":"pairs","order_ref":"SO-2","a":"07700900123"}' 400 items "one where there are two"
bad '{"pool":"pairs","order_ref":"SO-2","a":"07700900123","b":"+447700900123"}' 422 number-invalid "somebody and himself"
bad "{$O,\"a\":7700900123}" 400 items "a number without quotes"
bad "{$O,\"a\":\"07700900123\",\"07700900123\":1}" 400 items "a member that nobody knows"
bad "{$O,\"a\":\"07700900123\",\"directions\":[\"secret\"]}" 400 items "a direction that is none"
bad "{$O,\"a\":\"07700900123\",\"ext\":\"0427\"}" 400 items "an extension of no number"
bad "{$O,\"a\":\"07700900123\",\"x\":\"+441632960011\"}" 400 items "a number of another pool"
bad "{$O,\"a\":\"07700900123\",\"x\":\"+441632960001\",\"ext\":\"427\"}" 400 items "an extension that lacks a zero"
bad "{\"pool\":\"labels\",\"a\":\"07700900123\"}" 400 items "no order"
bad '{"items":[]}' 400 items "no items"
bad '[1]' 400 items "a list"
bad '{"pool":' 400 malformed-json "no JSON"

# ---- many ----
is "a batch is answered" "$(ask POST /v1/bindings "{\"items\":[{$O,\"a\":\"07700900125\"},{$O,\"a\":\"1\"},{\"pool\":\"no\",\"order_ref\":\"x\",\"a\":\"1\"},7,{$O,\"a\":\"07700900125\",\"ttl\":\"99d\"},{$O,\"a\":\"07700900125\"}]}")" 200
is "each for itself" "$(jq -c '[.items[].status]' "$W/answer")" '["bound","number_invalid","pool_unknown","bad_item","ttl_out_of_range","same"]'
ok "and each refused with its reason" has '[.items[] | select(.id == null) | .reason | length > 10] == [true, true, true, true]'
is "more than are allowed" "$(ask POST /v1/bindings "$(jq -nc '{items:[range(601)|{}]}')")" 400
is "more than one write takes" "$(ask POST /v1/bindings "$(jq -nc '{items:[range(600)|{pool:"many",order_ref:"B-\(.)",a:"077009\(. + 100100 | tostring | .[1:])",subject:"s\(.)"}]}')")" 200
is "are all bound" "$(jq -c '[.items[].status]|unique' "$W/answer")" '["bound"]'
is "and each has its own" "$(jq -r '.items[]|.x+.ext' "$W/answer" | sort -u | wc -l)" 600

# ---- keys ----
K='{"pool":"labels","order_ref":"SO-3","a":"07700900126","ttl":"2d"}'
is "a key" "$(ask POST /v1/bindings "$K" -H 'Idempotency-Key: k-1')" 201
ID3=$(get .id)
is "said again" "$(ask POST /v1/bindings "$K" -H 'Idempotency-Key: k-1')" 200
ok "gives the same answer" has ".id == \"$ID3\" and .status == \"same\""
is "for something else" "$(ask POST /v1/bindings "${K/900126/900127}" -H 'Idempotency-Key: k-1')" 422
problem "it is refused" key-reused
is "in an item too" "$(ask POST /v1/bindings "{\"items\":[{\"key\":\"k-1\",${K:1:-1}},{\"key\":\"k-1\",$O,\"a\":\"07700900126\"}]}")" 200
is "as itself" "$(jq -c '[.items[].status]' "$W/answer")" '["same","key_reused"]'
is "a batch has no key" "$(ask POST /v1/bindings "{\"items\":[$K]}" -H 'Idempotency-Key: k-1')" 400
is "two keys are none" "$(ask POST /v1/bindings "$K" -H 'Idempotency-Key: k-1' -H 'Idempotency-Key: k-2')" 400

# ---- slots that were named, pairs, exhaustion ----
is "a slot by name" "$(ask POST /v1/bindings '{"pool":"labels","order_ref":"SO-4","a":"07700900127","x":"01632 960002","ext":"0427"}')" 201
ok "with its zero" has '.x == "+441632960002" and .ext == "0427"'
is "is had once" "$(ask POST /v1/bindings '{"pool":"labels","order_ref":"SO-5","a":"07700900128","x":"+441632960002","ext":"0427"}')" 409
problem "and says so" ext-taken
is "a pair" "$(ask POST /v1/bindings '{"pool":"pairs","order_ref":"SO-6","a":"07700900130","b":"07700900131","x":"+441632960011"}')" 201
PAIR=$(get .id)
no "needs no extension" has '.ext'
is "for another order" "$(ask POST /v1/bindings '{"pool":"pairs","order_ref":"SO-7","a":"07700900130","b":"07700900131"}')" 201
is "is the same" "$(get .id)" "$PAIR"
is "one of them with a third at that number" "$(ask POST /v1/bindings '{"pool":"pairs","order_ref":"SO-8","a":"07700900130","b":"07700900132","x":"+441632960011"}')" 409
problem "is a conflict" pair-conflict
token=$(world_curl order_system -d '{"items":[{"class":"phone","value":"+447700900130","subject":"c9"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
is "a pair by a token that its binder may not read" "$(ask POST /v1/bindings "{\"pool\":\"pairs\",\"order_ref\":\"SO-9\",\"a\":\"$token\",\"b\":\"07700900133\"}")" 403
is "and by one who prints labels" "$(ask POST /v1/bindings "{\"pool\":\"pairs\",\"order_ref\":\"SO-9\",\"a\":\"$token\",\"b\":\"07700900133\"}" -H 'Scrim-Purpose: delivery')" 201
is "a token leads to whom it stands for" "$(ask POST /v1/bindings "{\"pool\":\"labels\",\"order_ref\":\"SO-10\",\"a\":\"$token\"}")" 201
other=$(world_curl order_system -d '{"items":[{"class":"name","value":"Ann","subject":"c9"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
is "but a name's does not" "$(ask POST /v1/bindings "{\"pool\":\"labels\",\"order_ref\":\"SO-11\",\"a\":\"$other\"}")" 422
is "the only number" "$(ask POST /v1/bindings '{"pool":"one","order_ref":"N-1","a":"07700900140"}')" 201
is "then the next pool's" "$(ask POST /v1/bindings '{"pool":"one","order_ref":"N-2","a":"07700900141"}')" 201
is "which is told" "$(get .pool)" other
is "then none" "$(ask POST /v1/bindings '{"pool":"one","order_ref":"N-3","a":"07700900142"}')" 503
problem "and it says so" numbers-exhausted
ok "and when to ask again: nothing is cooling, so not at once" grep -qi "^Retry-After: 60" "$W/head"
no "and never the real one" grep -q 900142 "$W/answer"
is "the first ends" "$(ask DELETE '/v1/bindings?order_ref=N-1')" 200
is "and cools" "$(ask POST /v1/bindings '{"pool":"one","order_ref":"N-3","a":"07700900142"}')" 503
ok "for as long as it is said to" test "$(sed -n 's/^[Rr]etry-[Aa]fter: \([0-9]*\).*/\1/p' "$W/head")" -gt $((20 * 86400))
is "in a batch" "$(ask POST /v1/bindings '{"items":[{"pool":"one","order_ref":"N-3","a":"07700900142"}]}')" 200
ok "with what a label bears then" has '.items[0] | .status == "pool_exhausted" and .hotline == "+441632960900" and (.retry_at | test("^20"))'

# ---- reading ----
is "one is read" "$(ask GET "/v1/bindings/$ID")" 200
ok "masked" has '.a == {"action":"mask","value":"+44******0123"} and .order_ref == "SO-1" and .mode == "AXE"'
ok "as an opening, with its record" has '.record >= 0'
is "by who prints labels, it is seen" "$(ask GET "/v1/bindings/$ID" '' -H 'Scrim-Purpose: delivery')" 200
ok "as policy has it" has '.a.action == "reveal" and .a.value == "+447700900123"'
is "an order's are listed" "$(ask GET '/v1/bindings?order_ref=SO%2D1')" 200
ok "both" has '.items | length == 2'
is "an order without any" "$(ask GET '/v1/bindings?order_ref=nobody')" 200
ok "has none" has '.items == []'
is "which order?" "$(ask GET /v1/bindings)" 400
is "an id that is none" "$(ask GET /v1/bindings/7)" 404
is "an id that nobody has" "$(ask GET /v1/bindings/00000000000000000000000000000000)" 404
problem "is unknown" binding-unknown
for who in shop:200 support:403 carrier:403 marketing:403 privacy_officer:403 operator:403; do
	ROLE=${who%:*}
	is "$ROLE reads: ${who#*:}" "$(ask GET "/v1/bindings/$ID")" "${who#*:}"
done
ROLE=carrier
is "a carrier changes nothing" "$(ask PATCH "/v1/bindings/$ID" '{"a":"07700900199"}' -H 'Scrim-Purpose: delivery')" 403
is "and ends nothing" "$(ask DELETE "/v1/bindings/$ID" '' -H 'Scrim-Purpose: delivery')" 403
ROLE=support
is "nor does an agent in service" "$(ask PATCH "/v1/bindings/$ID" '{"a":"07700900199"}' -H 'Scrim-Purpose: service')" 403
ROLE=

# ---- changing ----
is "the buyer has another number" "$(ask PATCH "/v1/bindings/$ID" '{"a":"07700 900150","subject":"c1","version":1}' -H 'Idempotency-Key: p-1')" 200
ok "the label stays" has ".version == 2 and .ext == \"$(jq -r .ext "$W/first")\" and .x == \"$(jq -r .x "$W/first")\""
is "again" "$(ask PATCH "/v1/bindings/$ID" '{"a":"07700 900150","subject":"c1","version":1}' -H 'Idempotency-Key: p-1')" 200
ok "is once" has '.version == 2'
is "another change by that key" "$(ask PATCH "/v1/bindings/$ID" '{"ttl":"3d"}' -H 'Idempotency-Key: p-1')" 422
is "of a version that was" "$(ask PATCH "/v1/bindings/$ID" '{"ttl":"3d"}' -H 'If-Match: "1"')" 409
problem "says so" version
is "longer" "$(ask PATCH "/v1/bindings/$ID" '{"ttl":"29d"}' -H 'If-Match: "2"')" 200
is "too long" "$(ask PATCH "/v1/bindings/$ID" '{"ttl":"31d"}')" 422
is "a version that is none" "$(ask PATCH "/v1/bindings/$ID" '{"ttl":"3d"}' -H 'If-Match: *')" 400
is "nothing" "$(ask PATCH "/v1/bindings/$ID" '{}')" 400
is "a number that is none" "$(ask PATCH "/v1/bindings/$ID" '{"a":"12"}')" 422
is "one way only" "$(ask PATCH "/v1/bindings/$ID" '{"directions":["to_a"],"channels":["voice"]}')" 200
is "it is read" "$(ask GET "/v1/bindings/$ID")" 200
ok "as it was changed" has '.directions == ["to_a"] and .channels == ["voice"] and .a.value == "+44******0150"'
is "nobody's" "$(ask PATCH /v1/bindings/00000000000000000000000000000000 '{"ttl":"3d"}')" 404

# ---- ending ----
is "an order is complete" "$(ask POST /v1/bindings/complete '{"order_ref":"SO-3"}')" 200
ok "its binding was to live for less" has '.status == "completed" and .count == 0'
is "it is read" "$(ask GET "/v1/bindings/$ID3")" 200
ok "and stays so" test "$(($(date -d "$(get .expires_at)" +%s) - $(date +%s)))" -le $((2 * 86400))
is "complete" "$(ask POST /v1/bindings/complete '{"order_ref":"SO-1"}')" 200
is "both of them" "$(get .count)" 2
is "three days more" "$(ask GET "/v1/bindings/$ID")" 200
ok "and no longer" test "$(($(date -d "$(get .expires_at)" +%s) - $(date +%s)))" -le $((3 * 86400))
is "without an order" "$(ask POST /v1/bindings/complete '{}')" 400
is "a cancelled order" "$(ask DELETE '/v1/bindings?order_ref=SO-1')" 200
is "ends all of its" "$(get .count)" 2
is "again" "$(ask DELETE '/v1/bindings?order_ref=SO-1')" 200
is "there is nothing left" "$(get .count)" 0
is "it cools" "$(ask GET "/v1/bindings/$ID")" 200
ok "and says until when" has '.state == "cooling" and .ended_at and .free_at'
is "it is not changed any more" "$(ask PATCH "/v1/bindings/$ID" '{"ttl":"3d"}')" 409
problem "because it has ended" binding-ended
is "of a version" "$(ask DELETE "/v1/bindings/$PAIR" '' -H 'If-Match: "9"')" 409
is "the pair of two orders: one goes" "$(ask DELETE '/v1/bindings?order_ref=SO-6')" 200
is "the other has it" "$(ask GET '/v1/bindings?order_ref=SO-7')" 200
ok "still" has '.items[0].state == "live" and .items[0].orders == 1'
is "by its id it ends for all" "$(ask DELETE "/v1/bindings/$PAIR")" 200
is "it is over" "$(ask GET "/v1/bindings/$PAIR")" 200
ok "indeed" has '.state == "cooling"'

# ---- a person who is erased ----
is "a person's binding" "$(ask POST /v1/bindings '{"pool":"labels","order_ref":"E-1","a":"07700900160","subject":"to/erase"}')" 201
EID=$(get .id)
ROLE=privacy_officer
is "the person is erased" "$(ask POST /v1/subjects/erase '{"subject":"to/erase"}' -H 'Scrim-Purpose: audit')" 200
ROLE=
is "and the number" "$(ask GET "/v1/bindings/$EID")" 200
ok "leads to nobody" has '.state == "cooling" and .a == {"status":"gone"}'

# ---- records ----
record() { # ACT: the last record of it that says a binding, as "kind binding result"
	strings -n 20 "$W"/run/log/journal* | grep -F "\"act\":\"phone.$1\"" | grep -F '"binding":' | tail -1 |
		jq -r '[.kind, (.. | .binding? // empty), .outcome.result] | join(" ")'
}
sleep 0.2 # records are written within 50 ms
is "an end says which binding it was" "$(record end)" "admin $PAIR ok"
is "and a change" "$(record change)" "admin $ID ok"
is "and a list of one, which is an opening" "$(record list)" "reveal $EID ok"
is "and one that was made" "$(record bind)" "admin $EID ok"

# ---- pools ----
is "pools are told" "$(ask GET /v1/pools)" 200
ok "each as it is" has '[.items[].name] == ["labels","pairs","one","other","many"] and (.items[4] | .live == 600 and .total == 39904 and .free == 39304)'
is "one of them" "$(ask GET /v1/pools/one/stats)" 200
ok "is full" has '.free == 0 and .occupancy_percent == 100 and .allocation_failures >= 3 and .next_release and (.lines | length) == 1'
is "none of that name" "$(ask GET /v1/pools/two/stats)" 404
is "nothing else of it" "$(ask GET /v1/pools/one)" 404
ok "metrics tell by pool" grep -qE '^scrim_[a-z_]+\{pool="one".*\} 1$' <(curl -s "$PLAIN/metrics")

# ---- a store that cannot be written ----
is "ready" "$(curl -s "$PLAIN/readyz" | jq .numbers)" true

# ---- restart ----
ask GET "/v1/bindings?order_ref=SO-4" >/dev/null && jq -cS '.items|map(del(.a))' "$W/answer" >"$W/before"
world_down
world_up
ask GET "/v1/bindings?order_ref=SO-4" >/dev/null && jq -cS '.items|map(del(.a))' "$W/answer" >"$W/after"
ok "after a restart all is as before" cmp "$W/before" "$W/after"
is "keys too" "$(ask POST /v1/bindings "$K" -H 'Idempotency-Key: k-1')" 200
is "and what they were for" "$(ask POST /v1/bindings "${K/900126/900127}" -H 'Idempotency-Key: k-1')" 422
sed 's/"labels"/"tags"/' "$W/scrim.json" >"$W/other.json" && cp "$W/scrim.json" "$W/kept.json" && cp "$W/other.json" "$W/scrim.json"
kill -HUP "${PROC_PID[scrimd]}"
ok "a reload says that pools wait for a restart" await 5 grep -q '"gateway.reload_needs_restart","member":"phone"' "$W/log/scrimd.err"
is "and goes on with those that there are" "$(ask POST /v1/bindings "$K" -H 'Idempotency-Key: k-1')" 200
cp "$W/kept.json" "$W/scrim.json"

# ---- kills ----
# ROUND: batches of ten, until scrimd is gone; what was answered is kept in full
round() {
	local i body
	for i in $(seq 400); do
		body=$(jq -nc --arg r "$1-$i" '{items:[range(10)|{pool:"many",order_ref:"K-\($r)-\(.)",a:"07700900\(100 + .)",subject:"k\($r)-\(.)"}]}')
		world_curl order_system -o "$W/tmp/a-$1-$i" -w '%{http_code}\n' -H "$J" -d "$body" "$URL/v1/bindings" >"$W/tmp/s-$1-$i" 2>/dev/null || break
	done
	rm -f "$W/tmp/a-$1-$i"
}
for n in 1 2 3 4; do
	for part in a b c; do round "$n$part" & parts[${#parts[@]}]=$!; done
	sleep "0.$((RANDOM % 6 + 2))"
	stop scrimd KILL
	wait "${parts[@]}" 2>/dev/null
	parts=()
	start_scrimd
	await 20 ready || bail "scrimd does not start after a kill"
done
cat "$W"/tmp/a-*-* | jq -r '.items[]? | select(.status == "bound" or .status == "same") | "\(.id) \(.x) \(.ext)"' | sort -u >"$W/answered"
ok "bindings were answered before the kills" test "$(wc -l <"$W/answered")" -ge 40
missing=0 other=0
while read -r id x ext; do
	[ "$(ask GET "/v1/bindings/$id")" = 200 ] || { missing=$((missing + 1)); continue; }
	[ "$(get '.x+" "+.ext+" "+.state')" = "$x $ext live" ] || other=$((other + 1))
done < <(shuf -n 150 --random-source=<(yes) "$W/answered")
is "none that was answered is missing" $missing 0
is "none has another number" $other 0
is "no two share one" "$(cut -d' ' -f2,3 "$W/answered" | sort | uniq -d | wc -l)" 0

# ---- nothing that is somebody's ----
no "no number is in any file of the gateway" grep -rqaE '7700 ?9001[0-9]{2}' "$W/run" "$W/log"
tap_done
