#!/bin/bash
# All of keyd's files are replaced by an older copy while it is down, so that they agree with each
# other and the newest openings never happened.
# weakness: log-seen-forgotten
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up

seal() { world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal"; }
TOKEN=$(seal | jq -r '.items[0].token')
reveal() { # no answer at all is no value
	world_curl order_system -H 'Scrim-Purpose: order_processing' \
		-d "{\"items\":[{\"token\":\"$TOKEN\"}]}" "$URL/v1/reveal" | jq -ne 'input.items[0].status == "ok"' >/dev/null
}
# each of the gateway's workers comes back in its own time
serves() { await 5 reveal; }
entries() { sed -n 4p "$W/run/log/keyd.seen"; }
grown() { [ "$(entries)" -gt "$1" ]; }

ok "a value is opened" serves
stop keyd
cp -a "$W/run/keyd" "$W/older"
start_keyd
ok "and again" serves
was=$(entries)
ok "the gateway has seen the log grow" await 10 grown "$was"
ok "and again" serves
was=$(entries)
ok "the gateway has seen that too" await 10 grown "$was"
stop keyd
mv "$W/run/keyd" "$W/newest"
cp -a "$W/older" "$W/run/keyd"
start_keyd
attack "values opened by a keyd without the newest openings" serves
stop keyd

# what is not the attack: the right files
if [ "${VARIANT:-release}" != weak ]; then
	ok "the gateway says what is wrong" grep -q 'gateway.keyd_past_refused.*rolled-back' "$W/log/scrimd.err"
	rm -rf "$W/run/keyd"
	mv "$W/newest" "$W/run/keyd"
	start_keyd
	ok "the newest copy is taken" serves
fi
tap_done
