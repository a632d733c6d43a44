#!/bin/bash
# weakness: send-unasked
# A route lets a role in to which the policy gives no "send": its key sends a stolen token
# through it, so that the label is printed with what only a carrier may see. And a hacked
# gateway asks keyd the same, as the carrier's sender or as a carrier that sends to itself.
. "$(dirname "$0")/../lib/attack.sh"
. "$(dirname "$0")/../lib/label.sh"

label_world '["order_system", "support", "shop", "marketing"]'

label_by() { : >"$W/label.ndjson"; label_print "$1" >"$W/status"; grep -q "$LABEL_ADDRESS" "$W/label.ndjson"; }
for role in support shop marketing; do
	attack "$role has a label printed with the address on it" label_by "$role"
done

hacked() { # OPTIONS...
	echo "$token" | "$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --keys "$W/keys" --op share "$@" open >"$W/hacked" 2>&1
	grep -q "$LABEL_ADDRESS" "$W/hacked"
}
ok "the gateway asks keyd for the order system" hacked --role order_system --purpose order_processing --to-role carrier --to-purpose delivery
attack "a hacked one asks keyd for support" hacked --role support --purpose service --to-role carrier --to-purpose delivery
attack "or for the carrier, which sends to itself" hacked --role carrier --purpose delivery
no "not even then for a recipient to whom nothing is given" hacked --role order_system --purpose order_processing --to-role support --to-purpose service
[ "${VARIANT:-release}" = weak ] || {
	is "such a label goes out without it" "$(: >"$W/label.ndjson"; label_print support; jq -c . "$W/label.ndjson")" '201{"receiver":{"address":null}}'
	"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json >"$W/keyd.log" 2>/dev/null
	ok "keyd's record names both sides" jq -es '[ .[].entry | select(.what.op == "share" and .decision.action == "reveal") ]
		| length > 0 and all(.who.role == "order_system" and .why.purpose == "order_processing"
			and .where.recipient_role == "carrier" and .where.recipient_purpose == "delivery")' "$W/keyd.log"
	sleep 1.5
	"$BIN/scrim" audit show --config "$W/scrim.json" --json >"$W/scrimd.log" 2>/dev/null
	ok "and so does scrimd's" jq -es 'any(.[].entry; .what.op == "share" and .who.role == "order_system" and .where.recipient == "carrier"
		and .where.recipient_role == "carrier" and .where.recipient_purpose == "delivery")' "$W/scrimd.log"
}
tap_done
