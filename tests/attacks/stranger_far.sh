#!/bin/bash
# Somebody on the network reaches the port where keyd waits for gateways of other hosts, with a
# copy of a gateway's files but for the key that keyd knows it by.
# weakness: any-far-peer
. "$(dirname "$0")/../lib/attack.sh"
. "$(dirname "$0")/../lib/far.sh"

world_new
free_port && FAR=127.0.0.1:$PORT
far_pair keyd
far_pair gateway
far_pair stranger
jq -n '[]' | world_routes -
far_keyd "$FAR" keyd gateway
far_scrimd "$FAR" keyd gateway
world_up

seal() { world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal"; }
TOKEN=$(seal | jq -r '.items[0].token')
reveal() { # no answer at all is no value
	world_curl order_system -H 'Scrim-Purpose: delivery' -d "{\"items\":[{\"token\":\"$TOKEN\"}]}" "$URL/v1/reveal" |
		jq -ne 'input.items[0].value == "Ann Example"' >/dev/null
}
ok "the gateway that keyd knows is served" reveal

stop scrimd
far_scrimd "$FAR" keyd stranger
start_scrimd
# each of the gateway's workers comes in its own time
opens() { await 5 reveal; }
attack "a value for a gateway with a key of its own" opens
tap_done
