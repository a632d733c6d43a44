#!/bin/bash
# keyd's own log is replaced by an older copy while keyd is down, so that the newest
# openings never happened.
# weakness: own-log-put-back
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_owner
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
# a gateway that saw more would not use it (keyd_all_put_back). It waits for keyd by itself.
answers() { timeout 20 env SCRIM_CONFIG="$W/scrim.json" "$BIN/scrim" keys status >"$W/log/status" 2>&1; }

ok "a value is opened" reveal
stop keyd
cp -a "$W/run/keyd/log" "$W/older"
start_keyd
ok "the log as it was left is taken" serves
ok "and opened again, of which the log tells" serves
stop keyd

mv "$W/run/keyd/log" "$W/newest"
cp -a "$W/older" "$W/run/keyd/log"
start_keyd
attack "keyd serving on a log without the newest openings" serves
stop keyd

rm -rf "$W/run/keyd/log"
start_keyd
attack "keyd answering on a log that begins anew" answers
stop keyd

# what is not the attack: the right log, and a loss that is written down
if [ "${VARIANT:-release}" != weak ]; then
	ok "keyd says what is wrong and what to do" grep -q 'were signed.*Put the newest copy there' "$W/log/keyd.err"
	rm -rf "$W/run/keyd/log"
	cp -a "$W/newest" "$W/run/keyd/log"
	start_keyd
	ok "the newest copy is taken" serves
	stop keyd
	rm -rf "$W/run/keyd/log"
	no "a log that is lost is not given up by whoever runs keyd" \
		"$BIN/scrim-keyd" --config "$W/keyd.json" --demo --start-anew
	ok "but by its owner" keyd_anew --start-anew
	start_keyd
	ok "then keyd answers again" answers
	no "but no gateway that saw what is lost" serves
	stop keyd
	ok "and the new log tells what was lost" grep -aq '"act":"store.start_anew".*"origin":"scrim/demo/keyd"' \
		"$W"/run/keyd/log/tile/entries/000.p/*
	no "what is not remembered cannot be forgotten" \
		keyd_anew --forget-head scrim/nobody
fi
tap_done
