#!/bin/bash
# What people report of gateways like this one, each with its right value: streams that are
# silent for long, what an upstream is told of how it was called, old clients, probes,
# refusals that say their cause, values that some reader cannot carry.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
WORLD_LIMITS='{"answer_idle":"1s","total":"2s","stream_idle":"60s"}'
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "plain", match: { path: "/plain/*" } },
	  $r + { name: "orders", match: { path: "/orders/*" }, subject: "$.buyer",
		request: [{ at: "$.name", class: "name", do: "seal" }],
		response: [{ at: "$.name", class: "name", do: "policy" }] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --fault-file "$W/fault" --answer-file "$W/reply" --heads "$W/heads"
world_up
J='Content-Type: application/json'
KEY="Authorization: Bearer $(cat "$W/keys/order_system.key")"

reload() { # JQ-EDIT
	local before
	before=$(grep -c '"gateway.reloaded"' "$W/log/scrimd.err")
	jq "$1" "$W/scrim.json" >"$W/x" && mv "$W/x" "$W/scrim.json"
	kill -HUP "${PROC_PID[scrimd]}"
	await 5 eval '[ "$(grep -c gateway.reloaded "$W/log/scrimd.err")" -gt '"$before"' ]' || bail "no reload"
}
reply() { printf "$1" >"$W/reply.new" && mv "$W/reply.new" "$W/reply"; }

# ---- events that come when they happen: http-party/node-http-proxy#921, openhab/openhab-cloud#623 ----
echo events >"$W/fault"
start events "$W/log/events.err" curl -sN --max-time 60 -o "$W/events" -H "$KEY" "$PLAIN/plain/events"
ok "a stream may be silent for longer than an answer, and last longer" await 20 grep -q second "$W/events"
stop events
echo trickle >"$W/fault"
no "limits.answer_idle: one that has an end is broken off" \
	curl -sN --max-time 60 -o "$W/events" -H "$KEY" "$PLAIN/plain/trickle"
is "behind what came of it" "$(grep -c . "$W/events") $(grep -c first "$W/events")" "1 1"
echo events >"$W/fault"
reload '.limits.stream_idle = "1s"'
no "limits.stream_idle: then it is broken off" \
	curl -sN --max-time 60 -o "$W/events" -H "$KEY" "$PLAIN/plain/events"
is "behind what came" "$(grep -c . "$W/events") $(grep -c first "$W/events")" "1 1"
reload '.limits |= (.stream_idle = "60s" | del(.total, .answer_idle))'
is "where rules could not read it it is withheld, and nobody waits for its end" \
	"$(world_curl order_system -o "$W/answer" -w '%{http_code}' "$PLAIN/orders/events") $(jq -r .type "$W/answer")" "200 urn:scrim:problem:body-withheld"
: >"$W/fault"

tap_done
