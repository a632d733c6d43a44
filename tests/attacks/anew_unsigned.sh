#!/bin/bash
# Whoever holds keyd's host put its log back to hide openings, and has it taken as it is: without an
# owner, by a word that they signed themselves, and by one that an owner signed for another loss.
# weakness: anew-unsigned
. "$(dirname "$0")/../lib/attack.sh"

world_new
world_owner
jq -n '[]' | world_routes -
world_up
TOKEN=$(world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
reveal() {
	world_curl order_system -H 'Scrim-Purpose: order_processing' -d "{\"items\":[{\"token\":\"$TOKEN\"}]}" "$URL/v1/reveal" |
		jq -ne 'input.items[0].status == "ok"' >/dev/null
}
ok "a value is opened" await 5 reveal
stop keyd
cp -a "$W/run/keyd/log" "$W/older"
start_keyd
for _ in 1 2 3; do await 5 reveal; done
stop keyd
stop scrimd
cp -a "$W/run/keyd" "$W/newest"
back() { rm -rf "$W/run/keyd" && cp -a "$W/newest" "$W/run/keyd" && rm -rf "$W/run/keyd/log" && cp -a "$W/older" "$W/run/keyd/log"; }
anew() { timeout 20 "$BIN/scrim-keyd" --config "$W/keyd.json" --demo --start-anew "$@" 2>"$W/log/anew"; }
signed_by() { # KEY SIZE: about the loss that keyd tells of, SIZE of another
	local origin size root
	anew && return 1
	read -r origin size root < <(sed -n 's/.*scrim keys anew \([^ ]* [^ ]* [^ ]*\) .*/\1/p' "$W/log/anew")
	rm -f "$W/word"
	"$BIN/scrim" keys anew "$origin" "${2:-$size}" "$root" --sign "$1" --reason "the disk was lost" --out "$W/word" >/dev/null &&
		anew --statement "$W/word"
}

back
no "nothing is taken without a word" anew
# the owner's name, and a key of one's own
"$BIN/scrim" keys signer privacy_officer-1 --keyd-config "$W/keyd.json" --out "$W/own.sign" >/dev/null
attack "a word that the attacker signed" signed_by "$W/own.sign"
back
attack "an owner's word about another loss" signed_by "$W/keys/privacy_officer.sign" 5
back
if [ "${VARIANT:-release}" != weak ]; then
	ok "an owner's word about this one is taken" signed_by "$W/keys/privacy_officer.sign"
	ok "and who gave it stands in the log" grep -aq '"principal":"privacy_officer-1".*"reason":"the disk was lost".*"act":"store.start_anew"\|"act":"store.start_anew".*"principal":"privacy_officer-1".*"reason":"the disk was lost"' \
		-r "$W/run/keyd/log"
	no "the same word does nothing a second time" anew --statement "$W/word"
fi
tap_done
