#!/bin/bash
# A guest orders, registers, and is one person with their account: what was sealed before
# opens as it did, is erased with the account, and a crash leaves either the one or the other.
. "$(dirname "$0")/../lib/world.sh"

world_new
sed -i '/"id": "guests-register"/,/subjects_per_day/ s/"subjects_per_day": 10000/"subjects_per_day": 5/; s/"subjects_today": 10001, "expect": "deny"/"subjects_today": 6, "expect": "deny"/' "$W/policy.json"
jq -n --arg orders "http://127.0.0.1:$PEER_PORT" '
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.who",
	    request: [ { at: "$.name", class: "name", do: "seal" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT"
world_up
J='Content-Type: application/json'
order() { world_curl shop -o /dev/null -w '%{http_code}' -H "$J" -d "$(jq -nc --arg w "$1" --arg n "$2" '{who:$w,name:$n}')" "$URL/orders"; }
token() { jq -r "select(.who == \"$1\") | .name" "$W/orders.ndjson" | head -1; }
merge() { # ROLE PURPOSE FROM INTO: the status
	world_curl "$1" -o "$W/answer" -w '%{http_code}' -H "Scrim-Purpose: $2" -H "$J" \
		-d "$(jq -nc --arg f "$3" '{from:$f}')" "$URL/v1/subjects/$(jq -rn --arg i "$4" '$i | @uri')/merge"
}
by_orders() { echo "$(merge order_system order_processing "$1" "$2") $(jq -r '.type // .status' "$W/answer")"; }
erase() { world_curl privacy_officer -H 'Scrim-Purpose: audit' -H "$J" -d "$(jq -nc --arg s "$1" '{subject:$s}')" "$URL/v1/subjects/erase" | jq -r .status; }
opens() { # TOKEN: what a label shows of it
	world_curl order_system -H 'Scrim-Purpose: delivery' -H "$J" -d "$(jq -nc --arg t "$1" '{items:[{token:$t}]}')" "$URL/v1/reveal" |
		jq -r '.items[0] | .value // .status'
}

is "a guest orders" "$(order guest:SO/1 'Gus Example')" 201
is "and registers, and orders again" "$(order acc-1 'Gus Example')" 201
guest=$(token guest:SO/1) account=$(token acc-1)
is "the label opens" "$(opens "$guest")" "Gus Example"
is "who may not merge does not" "$(merge support service guest:SO/1 acc-1)" 403
is "nor the order system for another purpose" "$(merge order_system delivery guest:SO/1 acc-1)" 403
is "the two become one" "$(by_orders guest:SO/1 acc-1)" "200 merged"
is "the guest's token opens as before" "$(opens "$guest")" "Gus Example"
is "so does the account's" "$(opens "$account")" "Gus Example"
is "once more there is nothing left to merge" "$(by_orders guest:SO/1 acc-1)" "200 unknown"
is "nobody is merged with themselves" "$(by_orders acc-1 acc-1)" "400 urn:scrim:problem:subject"
is "nor with nobody" "$(by_orders "" acc-1)" "400 urn:scrim:problem:subject"
for body in '{}' '{"from":["a"]}' '{"from":true}' '{"from":"a","to":"b"}' 'x'; do
	is "$body is no merge" "$(world_curl order_system -o /dev/null -w '%{http_code}' -H 'Scrim-Purpose: order_processing' -H "$J" -d "$body" "$URL/v1/subjects/acc-1/merge")" 400
done
is "an id may be a number, by the command too" "$(order 7 'Num Example') $("$BIN/scrim" subjects merge --config "$W/scrim.json" --server "$URL" \
	--ca "$W/keys/tls.crt" --key "$W/keys/order_system.key" --purpose order_processing 7 acc/7 2>&1 | cut -d: -f1)" "201 merged"

# ---- killed at any moment, it was done or it was not ----
for i in 1 2 3; do
	order "guest:k$i" "Kim Example $i" >/dev/null
	merge order_system order_processing "guest:k$i" "acc-k$i" >/dev/null &
	pid=$!
	sleep "0.0$((i * 2 - 2))"
	stop keyd KILL
	wait "$pid"
	start_keyd
	await 20 ready
	is "after the crash the token opens ($i)" "$(opens "$(token "guest:k$i")")" "Kim Example $i"
done

# ---- the day's limit is there after the crash, and is the role's ----
is "the day's limit of the role is used up" "$(for i in 4 5 6 7; do by_orders "guest:x$i" "acc-x$i"; done | tail -1)" "429 urn:scrim:problem:quota"
is "the privacy officer's is another" "$(merge privacy_officer audit guest:x9 acc-x9)" 200

# ---- and erasing the person erases both ----
is "the person is erased" "$(erase acc-1)" erased
is "the guest's token is gone" "$(opens "$guest")" gone
is "and the account's" "$(opens "$account")" gone
is "there is no guest to erase" "$(erase guest:SO/1)" unknown

"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/keyd.log" 2>/dev/null
ok "keyd's log has the merge, intent and outcome, with both handles" jq -es '[ .[].entry | select(.act == "subjects.merge" and .what.op == "merge") ]
	| any(.outcome.result == "ok" and .outcome.why == "merged" and (.what.subjects | length) == 2) and any(.outcome == null)' "$W/keyd.log"
ok "and what was refused" jq -es 'any(.[].entry; .act == "subjects.merge" and .outcome.result == "refused")' "$W/keyd.log"
sleep 1.5
"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/scrimd.log" 2>/dev/null
ok "so has scrimd's" jq -es '[ .[].entry | select(.act == "subjects.merge" and .outcome.status == 200) ] | length > 0 and all(.what.subjects | length == 2)' "$W/scrimd.log"
no "and no log has an id" grep -rqa "guest:SO" "$W/run" "$W/log"
world_down
tap_done
