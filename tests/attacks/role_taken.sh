#!/bin/bash
# A gateway that was taken over asks for a caller whose key passed through it, in a role
# that is not theirs.
# weakness: role-believed
. "$(dirname "$0")/../lib/attack.sh"

world_new
jq -n '[]' | world_routes -
world_up
world_curl shop -d '{"items":[{"class":"address","value":"1 Example Street","subject":"c1"}]}' "$URL/v1/seal" |
	jq -r '.items[0].token' >"$W/tokens"

as() { # ROLE PURPOSE
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --key "$W/keys/marketing.key" \
		--principal marketing-1 --role "$1" --purpose "$2" open <"$W/tokens" 2>/dev/null
}
opened() { as "$@" | grep -q '^ok reveal'; }
is "marketing is denied as itself" "$(as marketing campaign | cut -d' ' -f1)" denied
attack "marketing's key opens as the order system's" opened order_system delivery
tap_done
