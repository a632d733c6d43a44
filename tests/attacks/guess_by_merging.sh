#!/bin/bash
# A role that stores may also merge: its key makes the person whose number it wants somebody
# else, again and again, and has 32 guesses more each time.
# weakness: marks-by-name
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_routes - <<<'[]'
world_up

J='Content-Type: application/json'
seal() { world_curl order_system -H "$J" --data-binary @- "$PLAIN/v1/seal" | jq -r '.items[].token'; }
guesses() { # SUBJECT FROM N
	jq -nc --arg s "$1" --argjson from "$2" --argjson n "$3" '{ items: [ range($from; $from + $n) | { class: "phone", value: "07700 900\(1000 + . | tostring | .[1:])", subject: $s } ] }'
}
merge() { # FROM INTO
	world_curl order_system -H "$J" -H 'Scrim-Purpose: order_processing' -d "{\"from\":\"$1\"}" "$PLAIN/v1/subjects/$2/merge" | jq -r .status
}
token=$(guesses ann 123 1 | seal)
is "her token is what it was" "$(guesses ann 123 1 | seal)" "$token"
guesses ann 0 40 | seal >"$W/tokens"
no "forty guesses are too many" grep -qxF "$token" "$W/tokens"
merged() {
	local who=ann i
	for i in 0 1 2 3 4; do
		merge "$who" "sink-$i" >>"$W/merges"
		who=sink-$i
		guesses "$who" $((50 + 30 * i)) 30 | seal >>"$W/more"
	done
	grep -qxF "$token" "$W/more"
}
attack "her number, after five merges" merged
is "which were made" "$(grep -c '^merged$' "$W/merges")" 5
tap_done
