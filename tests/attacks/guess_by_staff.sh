#!/bin/bash
# Somebody who sees masks, and a token, seals every number that it may stand for and compares.
# weakness: seal-deterministic-for-all
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_routes - <<<'[]'
world_up

SEES="carrier:delivery telephony:delivery support:service support_lead:service finance:settlement"
jq -nc '{items:[range(10;40)|{class:"phone",value:"07700 9001\(.)",subject:"victim"}]}' >"$W/guesses"
token=$(world_curl shop -d '{"items":[{"class":"phone","value":"07700 900123","subject":"victim"}]}' "$URL/v1/seal" |
	jq -r '.items[0].token')
is "the shop stores the number as a token" "${token:0:5}" sct1-

sealed() { # ROLE PURPOSE: what it makes of all guesses
	world_curl "$1" -H "Scrim-Purpose: $2" -d @"$W/guesses" "$URL/v1/seal" | jq -r '.items[].token'
}
for one in $SEES; do
	is "who sees masks seals all the same: $one" "$(sealed "${one%:*}" "${one#*:}" | grep -c '^sct1-')" 30
done
found() { sealed "$1" "$2" | grep -qxF "$token"; }
for one in $SEES; do
	attack "the number behind a token, as $one" found "${one%:*}" "${one#*:}"
done

# behind the gateway's back too, under any name
beside() { # ROLE PURPOSE
	jq -r '.items[] | "\(.subject)\t\(.value)"' "$W/guesses" | "$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" \
		--policy "$W/policy.json" --role "$1" --purpose "$2" --keys "$W/keys" --class phone seal | grep -qF "$token"
}
attack "the same, asking keyd itself as a carrier" beside carrier delivery
is "and what they sealed opens to a lead" "$(world_curl support_lead -H 'Scrim-Purpose: service' -H 'Scrim-Reason: call back' \
	-d "{\"items\":[{\"token\":\"$(sealed support service | head -1)\"}]}" "$URL/v1/reveal" | jq -r '.items[0].value')" "07700 900110"
world_down
"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json 2>/dev/null | jq -c .entry >"$W/entries"
ok "keyd's log says of whom they sealed" grep -qE '"kind":"seal".*"role":"carrier".*"subjects":\["[0-9a-f]{32}"\]' "$W/entries"
tap_done
