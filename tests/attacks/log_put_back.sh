#!/bin/bash
# scrimd's log is replaced by an older copy while scrimd is down. keyd remembers more;
# whoever restarts scrimd until the copy has outgrown that would have it serve again.
# weakness: refused-head-forgotten
# timeout: 200
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_owner
jq -n '[]' | world_routes -
world_up

seal() { world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal"; }
TOKEN=$(seal | jq -r '.items[0].token')
reveal() { # prints the status
	world_curl order_system -o "$W/body" -w '%{http_code}' -H 'Scrim-Purpose: order_processing' \
		-d "{\"items\":[{\"token\":\"$TOKEN\"}]}" "$URL/v1/reveal"
}
says() { curl -s "$PLAIN/readyz" | jq -e "$1" >/dev/null; }

is "a value is opened" "$(reveal)" 200
stop scrimd
cp -a "$W/run/log" "$W/older"
start_scrimd
ok "the log as it was left is taken, and confirmed at once" await 5 ready
is "and a value opened" "$(reveal)" 200
stop scrimd
cp -a "$W/run/log" "$W/newest"

# Restart it, again and again, until keyd has had its say; then see whether it opens.
outgrow() { # FOLDER RESTARTS: put it there, and succeed when values are opened in the end
	local i
	rm -rf "$W/run/log"
	[ "$1" = none ] || cp -a "$1" "$W/run/log"
	for ((i = 0; i < $2; i++)); do
		start_scrimd
		await 5 says '.keys'
		await 1 says '.log == false or .head == true'
		stop scrimd
	done
	start_scrimd
	await 5 says '.keys'
	for ((i = 0; i < 6; i++)); do # a slow machine is no defence
		sleep 1
		[ "$(reveal)" = 200 ] && sleep 1 && [ "$(reveal)" = 200 ] && return 0
	done
	return 1
}
attack "values opened on an older copy that has outgrown what keyd remembers" outgrow "$W/older" 10
if [ "${VARIANT:-release}" != weak ]; then
	ok "it is the head that is wrong, and so it stays" says '.head == false and (.ready | not)'
	ok "the refusal says why" jq -e '.type == "urn:scrim:problem:log-unavailable" and (.detail | contains("another past"))' "$W/body"
	ok "the log says so too" grep -q gateway.head_refused "$W/log/scrimd.err"
	is "nothing is sealed either" "$(seal | jq -r .status)" 503
fi
stop scrimd
if [ "${VARIANT:-release}" != weak ]; then
	no "nor are values opened on a log that began anew" outgrow none 2
	stop scrimd
	rm -rf "$W/run/log"
	cp -a "$W/newest" "$W/run/log"
	start_scrimd
	ok "the newest copy is taken, and all is well" await 5 ready
	is "values are opened" "$(reveal)" 200
	stop scrimd
	stop keyd
	rm -rf "$W/run/log"
	no "a log that is lost is not given up by whoever runs keyd" \
		"$BIN/scrim-keyd" --config "$W/keyd.json" --demo --forget-head demo/scrimd
	ok "but by its owner" keyd_anew --forget-head demo/scrimd
	start_keyd
	start_scrimd
	ok "then a new one is taken" await 5 ready
fi
tap_done
