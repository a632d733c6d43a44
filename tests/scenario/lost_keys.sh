#!/bin/bash
# Of root key, epoch file and database some are lost: each time keyd says which, and what to put
# back, and neither it nor the command makes or offers new ones.
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n '[]' | world_routes -
world_up
token=$(world_curl shop -H 'Content-Type: application/json' \
	-d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
is "there is a token" "${token:0:5}" sct1-
world_down
D=$(dirname "$(jq -r .store "$W/keyd.json")")
case $D in /*) ;; *) D=$W/$D ;; esac
cp -a "$W/keys/root.json" "$W/tmp/root"
cp -a "$D" "$W/tmp/all"

lose() { # root|epoch|db|empty ...
	local what
	for what in "$@"; do
		case $what in
		root) rm -f "$W/keys/root.json" ;;
		epoch) rm -f "$D/keyd.epoch" ;;
		db) rm -f "$D"/keyd.db* ;;
		empty) rm -f "$D"/keyd.db* && : >"$D/keyd.db" ;;
		esac
	done
}
put_back() {
	rm -rf "$D"
	cp -a "$W/tmp/all" "$D"
	cp -a "$W/tmp/root" "$W/keys/root.json"
}
tree() { (cd "$W" && find keys "$D" -name '*.lock' -prune -o -type f -print | sort); }

lost() { # WHAT "words" ...
	local what=$1 words before
	shift
	# shellcheck disable=SC2086
	lose $what
	before=$(tree)
	for how in "" --init; do
		# shellcheck disable=SC2086
		no "$what lost, ${how:-started}: refused" timeout 10 "$BIN/scrim-keyd" --config "$W/keyd.json" --demo $how 2>"$W/log/lost"
		grep '^scrim-keyd:' "$W/log/lost" | sed 's/^/# /'
		for words in "$@"; do
			ok "$what lost: $words" grep -qi "$words" "$W/log/lost"
		done
		no "$what lost: no new one is offered" grep -q 'keys init\|with --init' "$W/log/lost"
	done
	no "$what lost: scrim keys init refuses too" timeout 10 "$BIN/scrim" keys init --demo --keyd-config "$W/keyd.json" 2>"$W/log/lost"
	is "$what lost: nothing was made" "$(tree)" "$before"
	put_back
}
lost root "root key" "put back"
lost epoch "keyd.epoch" "put it or its twin back\|put back"
lost db "database" "back" "scrim keys restore"
lost empty "database" "back" "scrim keys restore"
lost "epoch empty" "keyd.epoch" "put it or its twin back" "scrim keys restore"
lost "root epoch" "root key and epoch file are lost" "put back"
lost "root db" "root key and database are lost" "put back" "scrim keys restore"
lost "epoch db" "epoch file and database are lost" "scrim keys restore"
lost "root epoch db" "root key, epoch file and database are lost" "put back" "scrim keys restore"

rm -rf "$D/log"
cp -a "$W/run/log" "$D/log"
no "scrimd's log in the place of keyd's: refused" timeout 10 "$BIN/scrim-keyd" --config "$W/keyd.json" --demo 2>"$W/log/lost"
ok "in words that say what to do" grep -q 'another origin: put back the one that belongs here' "$W/log/lost"
put_back

start_keyd
start_scrimd
await 20 ready
world_curl support -H 'Scrim-Purpose: service' -H 'Content-Type: application/json' \
	-d "{\"items\":[{\"token\":\"$token\"}]}" "$URL/v1/reveal" >"$W/opened"
ok "all put back, the token opens" jq -e '.items[0].status == "ok"' "$W/opened"
tap_done
