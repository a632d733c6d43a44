#!/bin/bash
# A gateway that was taken over seals a dummy for everybody, so that nobody is old any more.
# weakness: returning-unlimited
. "$(dirname "$0")/../lib/attack.sh"

world_new
clock_new
jq '.gateways[0].returning_per_day = 5' "$W/keyd.json" >"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
echo '[]' | world_routes -
world_up

for i in $(seq 40); do printf 'old-%d\tAnn Example %d\n' "$i" "$i"; done >"$W/people"
hacked() { # ROLE PURPOSE OP WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" \
		--purpose "$2" --keys "$W/keys" --op "$3" "${@:5}" "$4"
}
dummies() { hacked shop order_processing write seal --class name <"$W/people"; }
dummies | cut -d' ' -f3 >"$W/tokens"
is "there are tokens of long ago" "$(grep -c '^sct1-' "$W/tokens")" 40
answers() { hacked order_system delivery read open <"$W/tokens" >/dev/null 2>&1; }
opened() { hacked order_system delivery read open <"$W/tokens" | grep -c '^ok reveal'; }
again() { stop keyd && start_keyd && await 10 answers; }
clock_ahead 70
clock_runs 70 # and keyd lives through them
sleep 2.5
ok "keyd goes on" await 10 answers
is "nobody is reached" "$(opened)" 0

# sealed for them all, over and over, and the same after each restart
dummies >/dev/null
ok "some return" await 20 eval '[ "$(opened)" -ge 5 ]'
more() { dummies >/dev/null; sleep 3; [ "$(opened)" -gt "$1" ]; }
attack "more than the day's ceiling" more 5
stop keyd; start_keyd; await 10 answers
attack "more, after a restart" more 5
clock_ahead 71
clock_runs 71
ok "the next day has its own" await 20 eval '[ "$(opened)" -ge 10 ]'
for day in 70 72 71; do
	clock_ahead "$day"
	again
done
attack "more, with the clock set back and forth" more 10
untold() { ! grep -rqa 'people.return_queued' "$W/run/keyd/log"; }
attack "and the log tells of nobody who waits" untold
tap_done
