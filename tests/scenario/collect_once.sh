#!/bin/bash
# However often either side is killed, each event is in analytics' log, and once.
# KILLS=200 for more of them.
# timeout: 900
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

KILLS=${KILLS:-16}
world_new
echo '[]' | world_routes -
COLLECT_MORE='{ "rules": { "no_input": "off", "cadence": "off", "no_hints": "off" } }' collect_world
viewd_config
start_viewd
world_up

T=$(now_iso)
batch() { # FIRST: twenty events
	local i
	printf '{"writeKey":"%s","c":3,"sentAt":"%s","batch":[' "$WEB_KEY" "$T"
	for ((i = $1; i < $1 + 20; i++)); do
		[ "$i" = "$1" ] || printf ,
		printf '{"type":"track","event":"Product Viewed","messageId":"m-%d","anonymousId":"dev-%d","timestamp":"%s","properties":{"product_id":"sku-%d"}}' "$i" $((i / 20)) "$T" "$i"
	done
	printf ']}'
}
client() { # FIRST: until it is told to stop; each batch again until it is taken
	local i code
	for ((i = $1; ; i += 20)); do
		while code=$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' -A "$AGENT" --data-binary "$(batch "$i")" "$PLAIN/v1/batch"); [ "$code" != 200 ]; do sleep 0.05; done
		# one that was taken, again: whoever was not told in time does so
		[ $((i % 100)) != 0 ] || curl -s --max-time 5 -o /dev/null -A "$AGENT" --data-binary "$(batch "$i")" "$PLAIN/v1/batch"
		echo $((i + 20 - $1)) >"$W/tmp/client.$1"
		[ ! -e "$W/tmp/stop" ] || break
	done
	echo done >"$W/tmp/done.$1"
}
client 0 & client 10000000 &
for ((k = 0; k < KILLS; k++)); do
	sleep "0.$((RANDOM % 7))$((RANDOM % 10))"
	if [ $((RANDOM % 2)) = 0 ]; then
		stop scrimd KILL
		start_scrimd
		await 20 ready
	else
		stop viewd KILL
		start_viewd
	fi
done
touch "$W/tmp/stop"
await 60 eval '[ -e "$W/tmp/done.0" ] && [ -e "$W/tmp/done.10000000" ]'
sent=$(($(cat "$W/tmp/client.0") + $(cat "$W/tmp/client.10000000")))
await 30 fed
ok "all that was put is handed over" fed
stop scrimd
stop viewd
viewed >"$W/tmp/viewed"
echo "# $KILLS kills, $sent events"
is "each event that was answered is in the log" "$(sort -u "$W/tmp/viewed" | wc -l)" "$sent"
is "and once" "$(wc -l <"$W/tmp/viewed")" "$sent"
ok "the log is whole" "$BIN/scrim-viewd" --config "$W/viewd.json" --check
tap_done
