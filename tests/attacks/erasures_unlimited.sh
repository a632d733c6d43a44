#!/bin/bash
# A gateway that was taken over erases everybody it can name, in the privacy officer's name.
# weakness: erasures-unlimited
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq '.gateways[0] |= . + { erasures_per_day: 5, asserts: (.asserts + ["privacy_officer"] | unique) }' "$W/keyd.json" \
	>"$W/tmp/k" && mv "$W/tmp/k" "$W/keyd.json"
echo '[]' | world_routes -
world_up

hacked() { # ROLE PURPOSE OP WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" \
		--purpose "$2" --keys "$W/keys" --op "$3" "${@:5}" "$4"
}
someone() { # FIRST LAST: who is destroyed from here on
	for i in $(seq "$1" "$2"); do printf 'c-%d\tAnn Example %d\n' "$i" "$i"; done >"$W/people"
	hacked shop order_processing write seal --class name <"$W/people" | cut -d' ' -f3 >"$W/tokens"
}
opened() { hacked order_system delivery read open <"$W/tokens"; }
left() { opened | grep -c '^ok reveal'; }
someone 1 20
is "there are people to destroy" "$(left)" 20
destroy() { cut -f1 "$W/people" | hacked privacy_officer audit delete erase >/dev/null; }
beyond() { destroy; [ "$(left)" -lt "$1" ]; }
attack "everybody destroyed in a minute" beyond 15
stop keyd KILL && start_keyd
ok "keyd is there again" await 10 opened
someone 21 40
is "there are more people to destroy" "$(left)" 20
attack "more of them, after a crash" beyond 20
tap_done
