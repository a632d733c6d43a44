#!/bin/bash
# A gateway that was taken over erases all that its ceiling lets it, in the privacy officer's name: are they
# gone for good before anybody looks?
# weakness: erasures-at-once
. "$(dirname "$0")/../lib/attack.sh"

world_new
clock_new
jq '.erasure_grace_hours = 24 | .gateways[0] |= . + { asserts: (.asserts + ["privacy_officer"] | unique) }' "$W/keyd.json" \
	>"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
echo '[]' | world_routes -
world_up

hacked() { # ROLE PURPOSE OP WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" \
		--purpose "$2" --keys "$W/keys" --op "$3" "${@:5}" "$4"
}
for i in $(seq 40); do printf 'c-%d\tAnn Example %d\n' "$i" "$i"; done >"$W/people"
hacked shop order_processing write seal --class name <"$W/people" | cut -d' ' -f3 >"$W/tokens"
opened() { hacked order_system delivery read open <"$W/tokens"; }
left() { opened | grep -c '^ok reveal'; }
is "there are people to destroy" "$(left)" 40
destroy() { cut -f1 "$W/people" | hacked privacy_officer audit delete erase >/dev/null; }
back() { "$BIN/scrim" keys erasures --config "$W/scrim.json" --cancel all --reason 'a gateway was taken over' >/dev/null 2>&1; }
lost() {
	destroy
	[ "$(left)" = 0 ] || return 1 # nobody is erased at all
	back
	[ "$(left)" -lt 40 ]
}
attack "everybody destroyed for good" lost
destroy
clock_ahead 400
stop keyd KILL && start_keyd
ok "keyd is there again" await 10 opened
sleep 2.5
clock_ahead 0 # as they are old by it
ok "and has today's books" await 20 eval '! opened | grep -q ^refused'
sooner() { back; ! await 15 eval '[ "$(left)" = 40 ]'; }
attack "the same, with the clock set a year ahead" sooner
tap_done
