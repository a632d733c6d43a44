#!/bin/bash
# The system behind misbehaves: callers get a clear 502 or 504, nothing leaks, and
# a POST is never sent twice.
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"first_byte":"1s","connect":"1s"}'
{ world_order_routes "http://127.0.0.1:$PEER_PORT"; } >"$W/a.json"
jq --arg up "http://127.0.0.1:$PEER_PORT" '. + [ { name: "plain", match: { path: "/plain" }, upstream: $up, purpose: "order_processing" } ]' \
	"$W/a.json" | world_routes -
world_up
"$TOOLS/gen_orders" --shape shopify --count 1 --seed 8 --truth "$W/truth" >"$W/in"
jq -r '.pii[] | .v | select(length >= 7)' "$W/truth" | sort -u >"$W/values"

post() { # PATH: prints "STATUS CONTENT-TYPE", the answer in $W/tmp/answer
	world_curl order_system -o "$W/tmp/answer" -w '%{http_code} %{content_type}' \
		-H 'Content-Type: application/json' --data-binary @"$W/in" "$URL$1"
}

is "nobody listens behind: 502" "$(post /shopify)" "502 application/problem+json"
no "the refusal holds no value" grep -qF -f "$W/values" "$W/tmp/answer"

start_peer orders order_system "$PEER_PORT" --fault-file "$W/fault"
sent=0
for pair in slow:504 early-close:502 reset:502 half-head:502 garbage:502 short:502 two-lengths:502 bad-chunk:502 500:500; do
	fault=${pair%:*}
	echo "$fault" >"$W/fault"
	got=$(post /shopify)
	sent=$((sent + 1))
	is "$fault: ${pair#*:}" "${got%% *}" "${pair#*:}"
	no "$fault: the answer holds no value in clear" grep -qF -f "$W/values" "$W/tmp/answer"
	if [ "$fault" = slow ]; then sleep 2.5; fi
	is "$fault: the order arrived exactly once" "$(wc -l <"$W/orders.ndjson")" $sent
done

# An answer that is cut short on a route without rules is streamed; the caller
# must be able to tell that it is not whole.
echo short >"$W/fault"
CURL_MAX=5 world_curl order_system -o "$W/tmp/answer" -H 'Content-Type: application/json' -d '{"a":1}' "$URL/plain"
rc=$?
code=$(jq -r '.status? // empty' "$W/tmp/answer" 2>/dev/null)
ok "a streamed answer that is cut short is not taken for a whole one" test $rc != 0 -o "$code" = 502

# What follows a whole answer belongs to nobody.
echo extra >"$W/fault"
CURL_MAX=5 world_curl order_system -o "$W/tmp/answer" -H 'Content-Type: application/json' -d '{"a":1}' "$URL/plain" >/dev/null
no "bytes behind an answer reach no caller" grep -q smuggled "$W/tmp/answer"
: >"$W/fault"
sleep 1.2
is "and the next request is answered by its own answer" "$(post /shopify | cut -d' ' -f1)" 201
no "no value in clear reached the order system" grep -qF -f "$W/values" "$W/orders.ndjson"
no "nothing in clear in what the daemons said" grep -rqF -f "$W/values" "$W/log"/scrimd.err "$W/log"/keyd.err
tap_done
