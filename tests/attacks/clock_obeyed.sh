#!/bin/bash
# Who has set the host's clock forth and back: are people of long ago reached, those of today for ever, or
# more than may return on a day?
# weakness: clock-obeyed
. "$(dirname "$0")/../lib/attack.sh"

world_new
clock_new
jq '.gateways[0].returning_per_day = 5' "$W/keyd.json" >"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
echo '[]' | world_routes -
world_up

hacked() { # ROLE PURPOSE OP WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" \
		--purpose "$2" --keys "$W/keys" --op "$3" "${@:5}" "$4"
}
seal() { # WHO: twenty of them
	for i in $(seq 20); do printf '%s-%d\tAnn Example %d\n' "$1" "$i" "$i"; done |
		hacked shop order_processing write seal --class name | cut -d' ' -f3
}
opened() { hacked order_system delivery read open <"$W/$1" | grep -c '^ok reveal'; }
clock_is() { # it is looked at each second
	clock_ahead "$1"
	sleep 2.5
}
again() { stop keyd && start_keyd && await 10 eval 'hacked order_system delivery read open <"$W/old" >/dev/null 2>&1'; }

seal old >"$W/old"
is "there are tokens of long ago" "$(grep -c '^sct1-' "$W/old")" 20
clock_runs 70
clock_is 70
is "nobody of them is reached" "$(opened old)" 0
back_and_forth() {
	for week in $(seq 9 -1 1); do
		clock_is $((week * 7))
		clock_is $((week * 7 + 1))
	done
	again && [ "$(opened old)" -gt 0 ]
}
attack "people of long ago, with the clock set back bit by bit" back_and_forth

clock_is 70
seal old >/dev/null
ok "so many return on a day" await 20 eval '[ "$(opened old)" -ge 5 ]'
for day in $(seq 71 75); do
	clock_is "$day"
	seal old >/dev/null
done
more() { await 15 eval '[ "$(opened old)" -gt 5 ]'; }
attack "more than the day's, on days to come" more

clock_is 70
seal young >"$W/young"
is "those of today are reached" "$(opened young)" 20
for week in $(seq 4 4 40); do
	clock_is $((70 + week * 7))
	seal young >/dev/null
done
clock_is 70
clock_runs 140
clock_is 140
for_ever() { [ "$(opened young)" -gt 10 ]; } # five return, on that day
attack "people who were sealed for in weeks to come" for_ever
tap_done
