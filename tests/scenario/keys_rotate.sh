#!/bin/bash
# Keys that take the place of others while everything runs: what was sealed before opens, what
# was indexed before is found, and a version that is destroyed is gone, with a certificate that says so.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_any_age
world_routes - <<<'[]'
world_up
scrim() { "$BIN/scrim" "$@" --config "$W/scrim.json"; }
first() { # ROLE PATH ITEM [curl's]: what is said of the only item
	world_curl "$1" "${@:4}" -d "{\"items\":[$3]}" "$URL$2" | jq -c '.items[0]'
}
seal() { first order_system /v1/seal "{\"class\":\"phone\",\"value\":\"07700 900123\"$1}" | jq -r .token; }
index() { first order_system /v1/index '{"class":"phone","value":"07700 900123"}' | jq -r .index; }
open_token() { first support_lead /v1/reveal "{\"token\":\"$1\"}" -H 'Scrim-Purpose: service' -H 'Scrim-Reason: call back'; }
opens() { open_token "$1" | jq -e '.value == "07700 900123"' >/dev/null; }
version() { scrim keys status --json | jq -r --arg n "$1" --arg v "$2" ".keys[] | select(.name == \$n and .version == \$v) | .$3"; }

ok "the first epoch has never turned" grep -q "has never turned" <(scrim keys status)
old=$(seal) person=$(seal ',"subject":"cust-1"') row=$(index)
is "the first version" "$(version phone a state)" active
ok "a class is rotated" scrim keys rotate class phone
is "a new version seals" "$(version phone b state)" active
is "the old one opens" "$(version phone a state)" decrypt-only
new=$(seal)
ok "what was sealed before opens after it" opens "$old"
ok "so does what a person's key sealed" opens "$person"
ok "and what the new version seals" opens "$new"
found=$(index)
ok "a search is given both versions, the newest first" grep -qE '^\.l4b[a-z0-9]{3}\.pfb[a-z0-9]{8}\.l4a' <<<"$found"
ok "so it finds the rows of before" grep -qF "${row#.}" <<<"$found"
index_for() { world_curl order_system -d "{\"for\":\"$1\",\"items\":[{\"class\":\"phone\",\"value\":\"07700 900123\"}]}" "$URL/v1/index" | jq -r '.items[0].index'; }
ok "what is to be stored is given the newest alone" grep -qE '^\.l4b[a-z0-9]{3}\.pfb[a-z0-9]{8}\.$' <<<"$(index_for store)"
is "a search that says so is given both" "$(index_for search)" "$found"
is "what is for neither is refused" "$(index_for both)" null

ok "all classes" scrim keys rotate classes
is "each has a new version" "$(scrim keys status --json | jq '[.keys[] | select(.kind == "class" and .state == "active" and .version == "a")] | length')" 0
ok "a tier's key" scrim keys rotate tier T2
is "another wraps it" "$(version T2 b state)" active
ok "everybody's, by the epoch" scrim keys rotate epoch
turned() { scrim keys status --json | jq -r '.epoch.turned_ms // "never"'; }
at=$(turned)
ok "when that was is told" test "$((at / 60000))" -ge "$(($(date +%s) / 60 - 1))"
ok "in a day's words too" grep -q "turned last $(date -u +%F)" <(scrim keys status)
ok "and all of it opens still" opens "$old"
ok "as people's does" opens "$person"
no "what there is none of is not rotated" scrim keys rotate tier T9
no "nor a class that the policy has not" scrim keys rotate class frogs

# destroying
scrim keys destroy phone a >"$W/told" 2>&1
is "without --yes it is told what uses it" "$?" 1
ok "how often it was opened, and when last" grep -qE 'opened [1-9][0-9]* times, last on 20' "$W/told"
ok "and nothing happens" opens "$old"
no "what seals is not destroyed" scrim keys destroy phone c --yes
no "nor what never was" scrim keys destroy phone z --yes
ok "an old version is" scrim keys destroy phone a --yes --out "$W/certificate"
is "its tokens are gone" "$(open_token "$old" | jq -r .status)" gone
ok "the others are not" opens "$new"
ok "nor is anybody" opens "$person"
is "it is told to be destroyed" "$(version phone a state)" destroyed
no "twice is once" scrim keys destroy phone a --yes
no "a search has nothing of it" grep -qF pfa <<<"$(index)"

# the word for it
ok "the certificate is true" scrim keys certificate "$W/certificate"
record=$(sed -n 's/^record //p' "$W/certificate")
ok "the log's entry tells the same" jq -e --arg k "$(sed -n 's/^key //p' "$W/certificate")" \
	'.act == "keys.destroy" and .outcome.result == "ok" and .what.keys == [$k]' \
	<(scrim audit show --keyd --json --since "$record" --limit 1 | jq -c '.. | objects | select(has("act"))' | head -1)
sed 's/^version a/version b/' "$W/certificate" >"$W/forged"
no "one that was changed is not" scrim keys certificate "$W/forged"

sed 's/^\(— [^ ]*\) .*/\1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=/' "$W/certificate" >"$W/unsigned"
no "nor is one that somebody else signed" scrim keys certificate "$W/unsigned"

# and it stays so
at=$(turned)
world_down
sleep 1
start_keyd
start_scrimd
await 10 opens "$new"
await 10 opens "$person" # each worker has its own way to keyd
ok "after a start all of it opens as before" opens "$person"
ok "when the epoch turned is known still, to the second" test $((($(turned) - at) / 1000)) = 0
is "and what is gone is gone" "$(open_token "$old" | jq -r .status)" gone
ok "what was counted is kept" test "$(version phone a opened)" -ge 1
stop keyd
no "without keyd nothing is rotated" scrim keys rotate class phone
tap_done
