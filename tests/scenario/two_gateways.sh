#!/bin/bash
# Two gateways on one keyd: each has a log of its own, of which keyd signs the heads; what one
# sealed the other opens; a caller may be bound to one of them; and a key that is revoked in keyd's
# file opens nothing at either, though their own files know it still.
. "$(dirname "$0")/../lib/world.sh"

world_new
free_port && WEST_PORT=$PORT
jq -n '[]' | world_routes -
jq --argjson plain "$WEST_PORT" '.node = "west" | .log = "run/west" | .store = "sqlite:run/west.db" |
	.listen = [ { address: "127.0.0.1:\($plain)", plain: true } ]' "$W/scrim.json" >"$W/west.json"
jq '.gateways += [ .gateways[0] + { node: "west" } ]' "$W/keyd.json" >"$W/x" && mv "$W/x" "$W/keyd.json"
jq '.principals |= map(if .name == "fraud-1" then . + { nodes: ["west"] } else . end)' "$W/scrim.json" >"$W/x" && mv "$W/x" "$W/scrim.json"
start_west() { TMPDIR=$W/tmp start west "$W/log/west.err" "$BIN/scrimd" --config "$W/west.json"; }
west_ready() { curl -sf --max-time 2 -o /dev/null "http://127.0.0.1:$WEST_PORT/readyz"; }
world_up
start_west
ok "a second gateway serves beside the first" await 20 west_ready
sleep 2
ok "for longer than a while" west_ready
ok "and so does the first" ready
ok "each log has its own name" grep -qx demo/west "$W/run/west/checkpoint"
ok "and the first one its old one" grep -qx demo/scrimd "$W/run/log/checkpoint"

WEST=http://127.0.0.1:$WEST_PORT
token=$(world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123","subject":"c1"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
reveal() { # ROLE URL
	world_curl "$1" -o "$W/answer" -w '%{http_code} ' -H "Scrim-Purpose: $PURPOSE" -H 'Scrim-Reason: called back' -H 'Scrim-Ticket: 7' \
		-d "{\"items\":[{\"token\":\"$token\"}]}" "$2/v1/reveal"
	jq -r '.items[0].value? // .items[0].status? // empty' "$W/answer"
}
PURPOSE=service
is "what one sealed, the other opens" "$(reveal support_lead "$WEST")" "200 07700 900123"
is "and the one itself" "$(reveal support_lead "$URL")" "200 07700 900123"
PURPOSE=fraud_investigation
is "a caller who comes by the west is answered there" "$(reveal fraud "$WEST" | cut -c1-3)" 200
is "and by keyd's word nowhere else" "$(reveal fraud "$URL" | cut -c1-3)" 403

PURPOSE=service
jq 'map(if .name == "support_lead-1" then .api_key_sha256 = ("0" * 64) else . end)' "$W/principals.json" >"$W/x" && mv "$W/x" "$W/principals.json"
kill -HUP "${PROC_PID[keyd]}"
for at in "$URL" "$WEST"; do
	await 5 eval "[ \"\$(reveal support_lead $at | cut -c1-3)\" = 403 ]"
	is "a revoked key opens nothing at $([ "$at" = "$URL" ] && echo one || echo the other)" "$(reveal support_lead "$at" | cut -c1-3)" 403
done
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/keyd.log" 2>/dev/null
is "keyd's records name the gateway and how it knew" "$(jq -r '.entry | select(.what.op == "read" and .outcome.revealed > 0) |
	"\(.where.node) \(.who.auth)"' "$W/keyd.log" | sort -u | paste -sd,)" "scrimd proved,west proved"
# Both run as one user here, which is a risk of its own.
"$BIN/scrim" doctor --json --config "$W/scrim.json" --keyd-config "$W/keyd.json" >"$W/said" 2>/dev/null
is "the doctor warns that either can act as the other" "$(jq -r '.checks[] | select(.check == "keyd.json") | .result' "$W/said")" warn
tap_done
