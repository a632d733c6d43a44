#!/bin/bash
# Past the day's limit of people: a token nobody sealed, put before the real one, so
# that the person counts as shown in this request already.
# weakness: mark-unverified
. "$(dirname "$0")/../lib/attack.sh"

LIMIT=200 PEOPLE=205
world_new
world_any_age # whose tokens are under class keys
jq -n '[]' | world_routes -
world_up

seal() { # one token for each of PEOPLE, under the class key
	jq -nc --argjson n $PEOPLE '{items:[range($n)|{class:"name",value:"Person Number \(.)"}]}' |
		world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token'
}
reveal() { # FILE of tokens, as the lead, with a reason
	jq -Rnc '{items:[inputs|{token:.}]}' <"$1" | world_curl support_lead -H 'Scrim-Purpose: service' \
		-H 'Scrim-Reason: called back' --data-binary @- "$URL/v1/reveal"
}
revealed() { reveal "$1" | jq '[.items[]|select(.action == "reveal")]|length'; }

seal >"$W/tokens"
is "every person has a token" "$(wc -l <"$W/tokens")" $PEOPLE
is "one request shows the lead as many people as the limit says" "$(revealed "$W/tokens")" $LIMIT
tail -n +$((LIMIT + 1)) "$W/tokens" >"$W/rest"
is "those behind the limit stay masked when asked for alone" "$(revealed "$W/rest")" 0

# the last digit is of the ciphertext: the SIV, by which a token under a class key
# counts as a person, is the victim's own
while read -r t; do
	case $t in *0) echo "${t%?}g" ;; *) echo "${t%?}0" ;; esac
	echo "$t"
done <"$W/rest" >"$W/forged"
awk 'NR % 2 == 1' "$W/forged" >"$W/bad"
is "the forged ones themselves do not open" \
	"$(reveal "$W/bad" | jq '[.items[]|select(.status == "bad_token")]|length')" $((PEOPLE - LIMIT))
gained() { [ "$(revealed "$W/forged")" -gt 0 ]; }
attack "people beyond the day's limit, each behind a forged neighbour" gained
tap_done
