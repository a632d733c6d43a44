#!/bin/bash
# A day's ceiling is used up. Does whoever sets the host's clock to other days have another one, while keyd
# runs, from its next start on, or by a crash between?
# weakness: clock-obeyed
. "$(dirname "$0")/../lib/attack.sh"

CEILING=6
world_new
clock_new
clock_noon
jq --argjson all $CEILING '.gateways[0].people_per_day = { all: $all }' "$W/keyd.json" >"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
echo '[]' | world_routes -
world_up

hacked() { # ROLE PURPOSE OP WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" \
		--purpose "$2" --keys "$W/keys" --op "$3" "${@:5}" "$4"
}
for i in $(seq 40); do printf 'buyer-%d\tAnn Example %d\n' "$i" "$i"; done |
	hacked shop order_processing write seal --class name | cut -d' ' -f3 >"$W/tokens"
is "there are tokens of forty people" "$(grep -c '^sct1-' "$W/tokens")" 40

: >"$W/got"
opened() { # all that were, until now
	hacked order_system delivery read open <"$W/tokens" | sed -n 's/^ok reveal //p' >>"$W/got"
	shuf "$W/tokens" -o "$W/tokens" --random-source="$W/policy.json"
	sort -u "$W/got" | wc -l
}
is "a day's people are opened" "$(opened)" $CEILING
more() { [ "$(opened)" -gt $CEILING ]; }
by_clock() {
	local day
	for day in 1 2 -1 30; do
		clock_ahead "$day"
		sleep 2.5
		more && return
	done
	return 1
}
by_start() { # SIGNAL
	local day
	for day in 3 1 5; do
		clock_ahead "$day"
		stop keyd "$1" && start_keyd && await 20 test -S "$W/run/keyd.sock"
		sleep 2.5
		more && return
	done
	return 1
}
attack "more people, with the clock set while keyd runs" by_clock
attack "more people, with the clock set before a start" by_start TERM
attack "more people, with the clock set before the start after a crash" by_start KILL
clock_ahead 1
clock_runs 1
ok "a day that keyd lived through has its own" await 20 more
tap_done
