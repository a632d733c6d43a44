#!/bin/bash
# JSONTestSuite through a live proxy: what must be accepted passes to the byte,
# what must be refused is refused with the byte's place, nothing crashes. What is
# no order passes here because the route says "unmatched": "pass".
. "$(dirname "$0")/../lib/world.sh"

SUITE=$ROOT/../shared/vectors/JSONTestSuite/test_parsing
if [ ! -d "$SUITE" ]; then
	skip "JSONTestSuite through the proxy" "../shared/vectors/JSONTestSuite is not there"
	tap_done
	exit
fi
world_new
jq -n --arg up "http://127.0.0.1:$PEER_PORT" '[ { name: "any", match: { path: "/any" }, upstream: $up,
	purpose: "order_processing", unmatched: "pass", request: [ { at: "$.scrim_never.here", class: "name", "do": "seal" } ] } ]' | world_routes -
start_peer echo echo "$PEER_PORT"
world_up

post() { # FILE: the status; the answer in $W/answer
	world_curl order_system -o "$W/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
		-H 'Expect:' --data-binary @"$1" "$PLAIN/any"
}

y=0 n=0 i=0 bad=
for f in "$SUITE"/y_*.json; do
	y=$((y + 1))
	rm -f "$W/answer"
	code=$(post "$f")
	[ "$code" = 200 ] && cmp -s "$f" "$W/answer" || bad+=" ${f##*/}:$code"
done
is "all $y y_ files pass through to the byte" "$bad" ""
bad=
for f in "$SUITE"/n_*.json; do
	[ -s "$f" ] || continue		# no byte is no body: nothing to protect, nothing to refuse
	n=$((n + 1))
	rm -f "$W/answer"
	code=$(post "$f")
	size=$(stat -c %s "$f")
	{ [ "$code" = 400 ] || [ "$code" = 422 ] || [ "$code" = 413 ]; } && jq -e --argjson size "$size" \
		'.type and .request_id and (.offset | type == "number") and .offset >= 0 and .offset <= $size' \
		"$W/answer" >/dev/null 2>&1 || bad+=" ${f##*/}:$code"
done
is "all $n n_ files are refused with problem+json naming the byte" "$bad" ""
bad=
for f in "$SUITE"/i_*.json; do
	i=$((i + 1))
	code=$(post "$f")
	case $code in 200 | 400 | 413 | 422) ;; *) bad+=" ${f##*/}:$code" ;; esac
done
is "all $i i_ files have a clear answer" "$bad" ""
is "only what passed reached the system behind" \
	"$([ "$(wc -l <"$W/echo.ndjson")" -ge $y ] && [ "$(wc -l <"$W/echo.ndjson")" -le $((y + i)) ] && echo yes)" yes
ok "both daemons are alive" eval 'alive scrimd && alive keyd'
is "and serve" "$(curl -s -o /dev/null -w '%{http_code}' "$PLAIN/readyz")" 200
tap_done
