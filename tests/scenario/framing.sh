#!/bin/bash
# The framing table against a live gateway with an upstream behind it: what is
# malformed gets one refusal, loses its connection and leaves nothing upstream;
# what is legal arrives as often as it was sent, and one never becomes two.
. "$(dirname "$0")/../lib/world.sh"

client=$TOOLS/framing_client
world_new
key=$("$client" --key)
PRINCIPALS=$(jq -c --arg digest "$(printf %s "$key" | sha256sum | cut -d' ' -f1)" \
	'. + [ { name: "framing-1", role: "order_system", api_key_sha256: $digest } ]' <<<"$PRINCIPALS")
# One route without rules for every path there is: whatever passes the parser
# arrives, and chunked bodies are streamed, so an error is found on the way.
jq -n --arg up "http://127.0.0.1:$PEER_PORT" \
	'[ { name: "all", match: { path: "/*" }, upstream: $up, purpose: "order_processing" } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --requests "$W/arrived"
start_peer lenient order_system "$CARRIER_PORT" --requests "$W/smuggled"
world_up

arrived() { grep -vc '^partial$' "$W/arrived"; }
partial() { grep -c '^partial$' "$W/arrived"; }
field() { cut -f"$1" <<<"$row"; }

# Without these two nothing below could fail. The first also leaves open
# connections to the upstream, on which a head could slip through at once.
for i in 1 2 3 4 5 6 7 8; do
	curl -s --max-time 5 -o /dev/null -H "Scrim-Key: $key" "$PLAIN/SMUGGLED" &
	asked[i]=$!
done
wait "${asked[@]}"
is "/SMUGGLED, when somebody asks for it, arrives" "$(grep -c '^GET /SMUGGLED$' "$W/arrived")" 8
"$client" --port "$CARRIER_PORT" --row 2 >/dev/null &	# takes its time: that side keeps the connection
lenient=$!

# A malformed row is refused for its framing: 401 would mean that the row lacks
# its credential, 404 that it was passed on, and both that it was understood.
# The one legal row that is answered 4xx is the GET: the order system behind has
# no order of the name "x". Its 404 is passed on and is no refusal of ours.
wanted() { # SERVES NAME
	case $1:$2 in
	0:*) echo "refused, 1 by the gateway, closed, 0 arrived" ;;
	1:GET*) echo "404, 0 by the gateway, open, 1 arrived" ;;
	1:*100-continue) echo "100,201, 0 by the gateway, open, 1 arrived" ;;
	1:*) echo "201, 0 by the gateway, open, 1 arrived" ;;
	2:*) echo "201,201, 0 by the gateway, open, 2 arrived" ;;
	esac
}

say() { # ROW-NUMBER BYTES-AT-ONCE HOW
	local status before
	before=$(arrived)
	row=$("$client" --port "$PLAIN_PORT" --row "$1" --cut "$2")
	status=$(field 3)
	case $(field 2):$status in
	0:401 | 0:404) ;;
	0:[45][0-9][0-9]) status=refused ;;
	esac
	legal=$((legal + $(field 2)))
	is "$(field 1)$3" "$status, $(field 4) by the gateway, $(field 5), $(($(arrived) - before)) arrived" \
		"$(wanted "$(field 2)" "$(field 1)")"
}

# Of the rows named after a chunk or a trailer the head is good; the error is in
# a body that is streamed, so its beginning may be under way before the error is
# there. It is broken off without its last chunk and is no request (RFC 9112 §8).
# Of all others not one byte may arrive.
in_body='^(chunk|trailer) '
"$client" --list >"$W/names"
ok "the table has all its rows" test "$(wc -l <"$W/names")" -ge 58
mapfile -t head_rows < <(grep -nvE "$in_body" "$W/names" | cut -d: -f1)
mapfile -t body_rows < <(grep -nE "$in_body" "$W/names" | cut -d: -f1)

table() { # BYTES-AT-ONCE HOW
	local before begun k
	before=$(arrived) begun=$(partial) legal=0
	for k in "${head_rows[@]}"; do say "$k" "$1" "$2"; done
	sleep 0.3
	is "no beginning of a request arrived$2" "$(partial)" "$begun"
	for k in "${body_rows[@]}"; do say "$k" "$1" "$2"; done
	sleep 0.3
	ok "none but a streamed body was begun and broken off$2" test $(($(partial) - begun)) -le ${#body_rows[@]}
	is "and nothing came late$2" $(($(arrived) - before)) $legal
}

table 65536 ""
table 1 ", a byte at a time"
is "/SMUGGLED never arrived but when it was asked for" "$(grep -c SMUGGLED "$W/arrived")" 8

wait $lenient
is "the same bytes do smuggle where framing is taken lightly" "$(cat "$W/smuggled")" $'POST /x\nGET /SMUGGLED'
no "the API key is in nothing the daemons said" grep -rqF "$key" "$W/log"
tap_done
