#!/bin/bash
# A gateway that was taken over asks for people whose last order is long ago, whatever it says of them.
# weakness: old-people-open
. "$(dirname "$0")/../lib/attack.sh"

world_new
clock_new
echo '[]' | world_routes -
world_up

for i in $(seq 20); do printf 'old-%d\tAnn Example %d\n' "$i" "$i"; done >"$W/people"
hacked() { # ROLE PURPOSE OP WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" \
		--purpose "$2" --keys "$W/keys" --op "$3" "${@:5}" "$4"
}
hacked shop order_processing write seal --class name <"$W/people" | cut -d' ' -f3 >"$W/tokens"
is "there are tokens of long ago" "$(grep -c '^sct1-' "$W/tokens")" 20
answers() { hacked order_system delivery read open <"$W/tokens" >/dev/null 2>&1; }
opened() { hacked order_system delivery read open "$@" <"$W/tokens" | grep -c '^ok reveal'; }
is "they were reached in their time" "$(opened)" 20
clock_ahead 70
clock_runs 70 # and keyd lives through them
sleep 2.5
ok "keyd goes on" await 10 answers
stolen() { [ "$(opened "$@")" -gt 0 ]; }
attack "people of long ago, as labels" stolen
attack "the same, with every reason and approval told" stolen --reason "call back" --approvals 255
clock_ahead $((10 * 7 - 80))
ok "keyd goes on" await 10 answers
attack "the same, with the clock set back" stolen
tap_done
