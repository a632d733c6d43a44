#!/bin/bash
# Callers, systems behind and operators who do not behave: nothing passes in clear,
# nothing hangs, nothing is left behind, and every request has its record.
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"drain":"1s","first_byte":"20s"}'
ORDERS=http://127.0.0.1:$PEER_PORT
ECHO=http://127.0.0.1:$CARRIER_PORT
write_routes() { # [UPSTREAM-OF-THE-LAST-ROUTE]
	jq -n --arg orders "$ORDERS" --arg echo "$ECHO" --arg last "${1:-$ECHO}" '
	def fields(do): [ { at: "$..name", class: "name", do: do }, { at: "$..mobile", class: "phone", do: do },
		{ at: "$..address", class: "address", do: do } ];
	[ { name: "orders", match: { path: "/orders" }, upstream: $orders, purpose: "order_processing", subject: "$.buyer.id",
	    request: (fields("seal") + [ { at: "$..remark", do: "scan" } ]) },
	  { name: "lax", match: { path: "/lax" }, upstream: $orders, purpose: "order_processing", unmatched_body: "stream",
	    request: fields("seal") },
	  { name: "masked", match: { path: "/masked" }, upstream: $echo, purpose: "order_processing", response: fields("mask") },
	  { name: "carrier", match: { path: "/waybill" }, upstream: $echo, purpose: "order_processing",
	    from: ["order_system", "shop"], to: { role: "carrier", purpose: "delivery" }, request: fields("policy") },
	  { name: "slow", match: { path: "/slow" }, upstream: $last, purpose: "order_processing" },
	  { name: "rest", match: { path: "/rest/*" }, upstream: $orders, purpose: "order_processing" } ]' | world_routes -
}
write_routes
start_peer orders order_system "$PEER_PORT"
start_peer echo echo "$CARRIER_PORT" --fault-file "$W/fault"
world_up

ORDER='{"buyer":{"id":"c1"},"receiver":{"name":"Zhang San","mobile":"07700900123","address":"1 Example Street"},"remark":"call 07700 900456"}'
CLEAR='Zhang San|0?7700 ?900|Example Street'
JSON='Content-Type: application/json'
status() { # ROLE PATH args...
	local role=$1 path=$2
	shift 2
	world_curl "$role" -o "$W/tmp/answer" -w '%{http_code}' "$@" "$PLAIN$path"
}
readyz() { curl -s --max-time 5 -o /dev/null -w '%{http_code}' "$PLAIN/readyz"; }
takes_orders() { [ "$(status order_system /orders -H "$JSON" -d "$ORDER")" = 201 ]; }
logged() { grep -q "$1" "$W/log/scrimd.err"; }

# ---- bodies that are JSON to somebody else -----------------------------------------
is "an order is taken" "$(status order_system /orders -H "$JSON" -d "$ORDER")" 201
for type in "" "text/json" "application/json; charset=utf-7" "application/json, text/plain" application/json-seq; do
	is "where other bodies may pass, a body of type \"$type\" may not" \
		"$(status order_system /lax -H "Content-Type:${type:+ $type}" -d "$ORDER")" 415
done
is "nor one of two types" "$(status order_system /lax -H "$JSON" -H 'content-type: text/plain' -d "$ORDER")" 415
is "nor one that is encoded" "$(gzip -c <<<"$ORDER" | status order_system /lax -H "$JSON" -H 'Content-Encoding: br' --data-binary @-)" 415
is "nor twice" "$(gzip -c <<<"$ORDER" | gzip -c | status order_system /lax -H "$JSON" -H 'Content-Encoding: gzip, gzip' --data-binary @-)" 415
is "nor a part of one" "$(status order_system /lax -X PUT -H "$JSON" -H 'Content-Range: bytes 5-16/99' -d '"07700900123"')" 415
is "a byte order mark is malformed" "$(printf '\xef\xbb\xbf%s' "$ORDER" | status order_system /orders -H "$JSON" --data-binary @-)" 400
is "so is UTF-16" "$(iconv -t UTF-16LE <<<"$ORDER" | status order_system /orders -H "$JSON" --data-binary @-)" 400
is "so is a second text behind the first" "$(status order_system /orders -H "$JSON" -d "$ORDER $ORDER")" 400
is "so is anything behind a NUL" "$(printf '%s\0%s' "$ORDER" "$ORDER" | status order_system /orders -H "$JSON" --data-binary @-)" 400
is "a path with an encoded letter reaches no route" "$(status order_system /rest/%6frders -H "$JSON" -d "$ORDER")" 400
no "none of it reached the order system in clear" grep -qE "$CLEAR" "$W/orders.ndjson"
is "what only begins like a token is masked" "$(status order_system /masked -H "$JSON" \
	-d '{"name":"sct1-Zhang San of 1 Example Street, Exampletown, EX1 1EX","mobile":"sct1-07700900123-07700900123-07700900123-07700900123"}')" 200
no "and does not come back in clear" grep -qE "$CLEAR" "$W/tmp/answer"

# ---- who reads what a bulk rewriting gives -------------------------------------------
head -1 "$W/orders.ndjson" >"$W/tokens"
is "the carrier is given the address" "$(status order_system /waybill -H "$JSON" --data-binary @"$W/tokens")" 200
ok "which is what its route is for" grep -q "Example Street" "$W/echo.ndjson"
no "and who sent it does not read it in the answer" grep -q "Example Street" "$W/tmp/answer"
is "a shop may rewrite by that route" "$(status shop /v1/rewrite/carrier --data-binary @"$W/tokens")" 200
no "but is not shown what only the carrier may see" grep -q "Example Street" "$W/tmp/answer"

# ---- a client that waits for "100 Continue" ------------------------------------------
for i in $(seq 2000); do echo "$ORDER"; done >"$W/many"
is "a stream whose client waits to be told to go on" \
	"$(status order_system /v1/rewrite/orders -H 'Expect: 100-continue' -H "$JSON" --data-binary @"$W/many")" 200
is "comes back whole" "$(wc -l <"$W/tmp/answer")" 2000
no "and protected" grep -qE "$CLEAR|scrim_error" "$W/tmp/answer"

# ---- clients that leave at every stage -------------------------------------------------
KEY=$(cat "$W/keys/order_system.key")
request() { printf '%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "$1" "$KEY" "$((${#2} + ${3:-0}))" "$2"; }
leave() { # BYTES-OF-REQUEST PAUSE
	exec 3<>"/dev/tcp/127.0.0.1/$PLAIN_PORT" && head -c "$1" "$W/request" >&3
	[ "$2" = 0 ] || sleep "$2"
	exec 3>&-
}
fds() { ls "/proc/${PROC_PID[scrimd]}/fd" | wc -l; }
before=$(fds)
for what in "POST /orders" "POST /v1/rewrite/orders?hits=1" "POST /waybill" "POST /v1/seal"; do
	request "$what" "$(head -300 "$W/many")" >"$W/request"
	size=$(wc -c <"$W/request")
	for part in 1 20 100 500 $((size / 2)) $((size - 1)) "$size" "$size" "$size"; do leave "$part" 0; leave "$part" 0.01; done
done 2>/dev/null
settled() { [ "$(fds)" -le $((before + 4)) ]; }
ok "clients that leave leave nothing open" await 5 settled
is "and the service goes on" "$(readyz)" 200

# ---- an operator at work ---------------------------------------------------------------
(for i in $(seq 12); do kill -HUP "${PROC_PID[scrimd]}"; sleep 0.08; done) &
RELOADS=$!
head -300 "$W/many" >"$W/some"
world_post_lines order_system /orders "$W/some" "$W/status" 16
wait $RELOADS
is "reloading under load costs no request" "$(grep -c ' 201$' "$W/status")" 300
write_routes http://no-such-host.invalid:1
kill -HUP "${PROC_PID[scrimd]}"
ok "an upstream that cannot be found is refused as a whole" await 10 logged gateway.reload_refused
is "and the old configuration stays in force" "$(status order_system /slow -H "$JSON" -d '{}')" 200
write_routes
jq --argjson port "$((PLAIN_PORT + 1))" '.listen += [range(3) | { address: "127.0.0.1:\($port + .)", plain: true }]' \
	"$W/scrim.json" >"$W/more.json" && mv "$W/more.json" "$W/scrim.json"
echo "// a comment more" >>"$W/policy.json"
kill -HUP "${PROC_PID[keyd]}" "${PROC_PID[scrimd]}"
ok "a policy changed in both places is one policy again" await 5 ready
is "and orders are taken by it" "$(status order_system /orders -H "$JSON" -d "$ORDER")" 201

# ---- keyd dies in the middle of a stream -------------------------------------------------
for i in $(seq 40); do cat "$W/many"; done >"$W/flood"
CURL_MAX=60 world_curl order_system -o "$W/flooded" -H "$JSON" --data-binary @"$W/flood" "$PLAIN/v1/rewrite/orders" &
FLOOD=$!
await 5 test -s "$W/flooded"
stop keyd KILL
wait $FLOOD
is "every line of the stream has its answer" "$(wc -l <"$W/flooded")" 80000
ok "those that could not be protected say so" grep -q '"problem":"keys-unavailable"' "$W/flooded"
no "and no line passes in clear" grep -qE "$CLEAR" "$W/flooded"
start_keyd
ok "the service is back when keyd is" await 10 ready

# ---- keyd is there but does nothing --------------------------------------------------------
kill -STOP "${PROC_PID[keyd]}"
is "a keyd that hangs keeps nobody waiting for ever" "$(status order_system /orders -H "$JSON" -d "$ORDER")" 503
# by a worker that had reached it: the first may not have been back since the last
noticed() { logged keyc.silent || { status order_system /orders -H "$JSON" -d "$ORDER" >"$W/again"; logged keyc.silent; }; }
ok "and is noticed" await 5 noticed
kill -CONT "${PROC_PID[keyd]}"
ok "until it goes on" await 10 takes_orders

# ---- stopping while something behind hangs ---------------------------------------------
echo slow >"$W/fault"
for i in 1 2 3 4 5 6; do status order_system /slow -H "$JSON" -d '{}' >/dev/null & done
sleep 0.5
stop scrimd
ok "stopping ends at its deadline, in good order" logged gateway.down
ok "with a record of what was broken off" \
	test "$("$BIN/scrim" audit show --config "$W/scrim.json" --route slow --outcome failed --json | grep -c 'client left')" -ge 6
ok "in a log that verifies" logs_verified --config "$W/scrim.json" >"$W/tmp/verify"

# ---- more connections than descriptors --------------------------------------------------
: >"$W/fault"
jq '.listen |= .[0:2]' "$W/scrim.json" >"$W/few.json" && mv "$W/few.json" "$W/scrim.json"
start scrimd "$W/log/scrimd.err" bash -c 'ulimit -n 64; exec "$@"' - "$BIN/scrimd" --config "$W/scrim.json"
await 10 ready
( for i in $(seq 120); do exec {fd}<>"/dev/tcp/127.0.0.1/$PLAIN_PORT" && printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n' >&"$fd"; done; sleep 2 ) 2>/dev/null
ok "a crowd of connections does not cost the log its files" await 5 ready
is "so the next order is taken" "$(status order_system /orders -H "$JSON" -d "$ORDER")" 201
no "nothing in clear reached the order system" grep -qE "$CLEAR" "$W/orders.ndjson"
no "nor what the daemons said" grep -qE "$CLEAR" "$W/log/scrimd.err" "$W/log/keyd.err"
no "nor their logs" grep -rqE "$CLEAR" "$W/run"
tap_done
