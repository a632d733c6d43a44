#!/bin/bash
# docs/openapi.yaml and the server say the same: every path and method it names
# is answered, other methods are not, the server has no path that it hides, and
# answers have the members it promises.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

world_new
WORLD_PHONE='{ "home": "44", "pools": [{ "name": "nobody", "mode": "AXE", "ext_digits": 4, "dial": ["44"], "numbers": [{ "number": "+441632960001" }] }] }'
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
collect_world
world_up

doc=$ROOT/docs/openapi.yaml
# "METHOD PATH" of every operation: paths have two blanks before them, methods four
awk '/^components:/ { exit } /^  \// { p = $1; sub(/:$/, "", p) } /^    (get|post|put|patch|delete):/ { m = $1; sub(/:$/, "", m); print toupper(m), p }' \
	"$doc" >"$W/operations"
ok "it names operations" test "$(wc -l <"$W/operations")" -ge 9

ask() { # METHOD PATH: the status, without a credential where none is needed
	world_curl privacy_officer -o "$W/answer" -w '%{http_code}' -X "$1" -H 'Content-Type: application/json' "$URL$2"
}
while read -r method path; do
	real=${path/\{route\}/nobody}
	real=${real/\{id\}/nobody}
	real=${real/\{name\}/nobody}
	status=$(ask "$method" "$real")
	real=${real//[\{\}]/}
	case $path in */\{route\}) wanted='^(400|404)$' ;; */twiml/*) wanted='^404$' ;; *) wanted='^(200|400|403|503)$' ;; esac
	ok "$method $path is answered" grep -qE "$wanted" <<<"$status"
	other=DELETE
	case $path in /v1/bindings*) other=PUT ;; esac
	is "$other $path is not" "$(ask $other "$real")" 405
done <"$W/operations"

# Rows of the table that the document does not know.
sed -n 's/^\t{ "\([A-Z]*\)", SC_LIT("\([^"]*\)"), \(true\|false\),.*/\1 \2/p' "$ROOT/gateway/scrimd/dispatch.c" >"$W/rows"
ok "the table has rows" test "$(wc -l <"$W/rows")" -ge 9
while read -r method path; do
	ok "$method $path is described" grep -qF "$method $path" "$W/operations"
done <"$W/rows"

# What answers hold is what the schemas name.
world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123","subject":"c1"},{"class":"nothing","value":"x"},7]}' \
	"$URL/v1/seal" >"$W/answer"
ok "sealed: a status for each item" jq -e '[.items[].status] == ["ok", "unknown_class", "bad_item"] and (.request_id | length) == 16' "$W/answer"
jq '{ items: [ { token: .items[0].token } ] }' "$W/answer" >"$W/ask"
world_curl support -H 'Scrim-Purpose: service' -d @"$W/ask" "$URL/v1/reveal" >"$W/answer"
ok "revealed: value, action, class and the record" jq -e '(.items[0] | .status == "ok" and .action == "mask" and .class == "phone") and (.record >= 0)' "$W/answer"
world_curl order_system -d '{"items":[{"class":"phone","value":"07700 900123"}]}' "$URL/v1/index" >"$W/answer"
ok "indexed: entries between dots" jq -e '.items[0].index | test("^\\.l4[a-z0-9]{4}\\.pf[a-z0-9]{9}\\.$")' "$W/answer"
world_curl order_system -d '{"items":[{"class":"phone","value":"N/A"},{"class":"name","value":" "}]}' "$URL/v1/index" >"$W/answer"
ok "an index of nothing is a bad item, without an index" jq -e '[.items[] | .status == "bad_item" and (has("index") | not)] | all' "$W/answer"
world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123"}]}' "$URL/v1/mask" >"$W/answer"
ok "masked" jq -e '.items[0].masked == "077** **0123"' "$W/answer"
curl -s "$PLAIN/readyz" >"$W/answer"
ok "ready: every check" jq -e '[.keys, .policy, .keyd_log, .keyd_space, .keyd_store, .log, .head, .logs, .space, .numbers, .serving, .ready] | all(. == true)' "$W/answer"
world_curl shop -d '{"items":[' "$URL/v1/seal" >"$W/answer"
ok "a problem: type, title, status, detail, offset, request id" jq -e \
	'.type == "urn:scrim:problem:malformed-json" and .title and .status == 400 and .detail and .offset == 10 and .request_id' "$W/answer"
ok "metrics are Prometheus text" grep -q '^scrim_values_total{action="sealed"} [1-9]' <(curl -s "$PLAIN/metrics")

# Every problem the server can name is one of a closed set.
grep -rhoE '(served_refuse|fail_upstream|refuse)\(rq, [0-9]+, "[a-z-]+"' "$ROOT/gateway" | sed 's/.*"\(.*\)"/\1/' | sort -u >"$W/problems"
ok "there are problem names" test "$(wc -l <"$W/problems")" -ge 10
no "no problem name has anything but letters and hyphens" grep -qvE '^[a-z][a-z-]*$' "$W/problems"
tap_done
