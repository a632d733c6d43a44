#!/bin/bash
# A dictionary of blind indexes: somebody who may store, and may not search, has one made of every
# number there is, and holds a stolen column against it.
# weakness: index-alone
. "$(dirname "$0")/../lib/attack.sh"

world_new
sed -i 's/"indexes_per_day": [0-9]*/"indexes_per_day": 100/' "$W/policy.json"
world_routes - <<<'[]'
world_up

ask() { # ROLE PURPOSE PRINCIPAL OP WHAT: of lines
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" --purpose "$2" \
		--keys "$W/keys" --op "$4" --class phone "$5"
}
numbers() { seq -f '07700 900%03g' "$1" "$2"; }
invented() { seq "$1" "$2" | awk '{ printf "nobody-%d\t07700 900%03d\n", $1, $1 }'; }
indexes() { grep -cE '(^| )\.l4'; }

has() { numbers 0 199 | ask "$1" "$2" dictionary write index | indexes >"$W/n"; [ "$(cat "$W/n")" -gt 0 ]; }
for one in carrier:delivery finance:settlement support:service shop:order_processing; do
	attack "an index without a sealing, as $one" has "${one%:*}" "${one#*:}"
done

# beside a sealing, and to search, as the policy says
is "who stores is given 100 a day beside the sealing, of people that there are not too" \
	"$(invented 0 199 | ask shop order_processing shop-1 write seal-indexed | indexes)" 100
is "and not one more" "$(invented 200 299 | ask shop order_processing shop-1 write seal-indexed | indexes)" 0
is "of those before neither" "$(invented 0 99 | ask shop order_processing shop-1 write seal-indexed | indexes)" 0
is "whoever has no right to any is given none" "$(invented 0 9 | ask carrier delivery carrier-1 write seal-indexed | indexes)" 0
is "but a token" "$(invented 0 9 | ask carrier delivery carrier-1 write seal-indexed | grep -c '^ok tokenise sct1-')" 10
world_down
start_keyd && start_scrimd
ok "everything starts again" await 20 ready
is "a restart gives no more" "$(invented 300 309 | ask shop order_processing shop-1 write seal-indexed | indexes)" 0
is "who searches has the quota of that" "$(numbers 0 9 | ask order_system order_processing orders search index | indexes)" 10

# the gateway says no by itself
status() { world_curl "$1" -H "Scrim-Purpose: $2" -d "$3" "$URL/v1/index" | jq -r '.items[0].status'; }
item='"items":[{"class":"phone","value":"07700 900123","subject":"c1"}]'
is "at the gateway what is for nothing in particular is a search" "$(status shop order_processing "{$item}")" denied
is "and what is to be stored wants the right" "$(status carrier delivery "{\"for\":\"store\",$item}")" denied
world_curl order_system -d "{\"for\":\"store\",$item}" "$URL/v1/index" >"$W/answer"
ok "who has it gets the token too" jq -e '.items[0] | .status == "ok" and (.token | startswith("sct1-")) and (.index | startswith(".l4"))' "$W/answer"
tap_done
